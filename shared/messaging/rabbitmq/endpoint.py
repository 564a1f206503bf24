"""The broker's address, account and timeouts: one URL, parsed once, for both client libraries."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import kombu
import pika

PORTS = {"amqp": 5672, "amqps": 5671}
MAX_NUMBER = 65_535  # for any number in the query: the limit of the protocol's fields


class InvalidBusUrl(ValueError):
    """The bus URL is invalid. The message says why and never contains the URL, because that has a password."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the bus URL is invalid: {why}")


@dataclass(frozen=True)
class Endpoint:
    """A broker, an account and its timeouts.

    Attributes:
        host: name or address.
        port: TCP port.
        user: the account; the broker checks that events carry it as `user_id`.
        password: never shown.
        vhost: the virtual host.
        tls: whether the connection is encrypted and the broker's certificate checked.
        cacertfile: PEM file of the certificate authorities to trust; the system's own if empty.
        certfile: PEM file of the client certificate, if the broker requires one.
        keyfile: PEM file of the certificate's key.
        server_name_indication: the name that the broker's certificate must carry; the host's by default.
        heartbeat: seconds; after about twice as long without one, the broker requeues a consumer's messages.
        connect_timeout: seconds for each step of opening a connection and for each answer to a declaration.
        confirm_timeout: seconds without any confirm after which a publisher gives its connection up.
        stall_check_interval: seconds between a consumer's checks whether the broker answers and whether it is stalled.
        replace_after: seconds of internal errors of the broker after which a consumer has its unusable queues replaced.
        prefetch: unacknowledged messages of one queue that a consumer may have.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    vhost: str
    tls: bool = False
    cacertfile: str = ""
    certfile: str = ""
    keyfile: str = ""
    server_name_indication: str = ""
    heartbeat: int = 10
    connect_timeout: float = 5.0
    confirm_timeout: float = 10.0
    stall_check_interval: float = 10.0
    replace_after: float = 30.0
    prefetch: int = 400

    @property
    def address(self) -> str:
        """The broker without the account, for logs and errors."""
        return f"{self.host}:{self.port}/{self.vhost}"

    def pika_parameters(self, name: str) -> pika.ConnectionParameters:
        """pika's parameters for one connection.

        Args:
            name: shown to the broker's administrators.
        """
        return pika.ConnectionParameters(
            host=self.host,
            port=self.port,
            virtual_host=self.vhost,
            credentials=pika.PlainCredentials(self.user, self.password),
            heartbeat=self.heartbeat,
            connection_attempts=1,
            socket_timeout=self.connect_timeout,
            stack_timeout=2 * self.connect_timeout,
            ssl_options=pika.SSLOptions(self._tls_context(), self._server_name) if self.tls else None,
            client_properties={"connection_name": name},
        )

    def kombu_connection(self, name: str, heartbeat: int = 0) -> kombu.Connection:
        """A kombu connection for declarations, not yet open; each wait on it ends after `connect_timeout`.

        Args:
            name: shown to the broker's administrators.
            heartbeat: seconds; 0 for none.
        """
        return kombu.Connection(
            hostname=f"[{self.host}]" if ":" in self.host else self.host,
            port=self.port,
            userid=self.user,
            password=self.password,
            virtual_host=self.vhost,
            transport="pyamqp",
            heartbeat=heartbeat,
            connect_timeout=self.connect_timeout,
            ssl=self._kombu_tls() if self.tls else False,
            transport_options={
                "read_timeout": self.connect_timeout,
                "write_timeout": self.connect_timeout,
                "client_properties": {"connection_name": name},
            },
        )

    @property
    def _server_name(self) -> str:
        return self.server_name_indication or self.host

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.cacertfile or None)
        if self.certfile:
            context.load_cert_chain(self.certfile, self.keyfile or None)
        return context

    def _kombu_tls(self) -> dict[str, Any]:
        return {
            "ca_certs": self.cacertfile or None,
            "certfile": self.certfile or None,
            "keyfile": self.keyfile or None,
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": self._server_name,
            "tls_minimum_version": ssl.TLSVersion.TLSv1_2,
        }


_QUERY = {
    spec.name: {"str": str, "int": int, "float": float}[str(spec.type)]
    for spec in fields(Endpoint)
    if spec.name not in ("host", "port", "user", "password", "vhost", "tls")
}


def parse_endpoint(url: str) -> Endpoint:
    """Parses ``amqp://user:password@host:port/vhost?heartbeat=10&…`` (``amqps`` for TLS); names in the query are Endpoint's attributes.

    The TLS names in the query are those of RabbitMQ's URI specification; unlike there, all times are in seconds.

    Raises:
        InvalidBusUrl: the URL is invalid.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # urllib's message quotes the port; if "@" was forgotten, that is the password
        raise InvalidBusUrl("its host or port cannot be read") from None
    if parts.scheme not in PORTS or not host:
        raise InvalidBusUrl("it is not amqp://user:password@host:port/vhost")
    return Endpoint(
        host=host,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        vhost=unquote(parts.path[1:]) or "/",
        tls=parts.scheme == "amqps",
        **_options(parts.query),
    )


def _options(query: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in _QUERY:
            raise InvalidBusUrl(f"unknown option; there are {', '.join(sorted(_QUERY))}")
        try:
            options[name] = _QUERY[name](text)
        except ValueError:
            raise InvalidBusUrl(f"{name} must be a number") from None
        if _QUERY[name] is not str and not 0 < options[name] <= MAX_NUMBER:
            raise InvalidBusUrl(f"{name} must be greater than 0 and at most {MAX_NUMBER}")
    return options

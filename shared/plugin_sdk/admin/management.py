"""A thin client of RabbitMQ's management HTTP API: what the administration of agencies needs, a timeout on every call."""

from __future__ import annotations

import base64
import http.client
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from shared.runtime.settings import SettingsError

SETTING = "MOTCUA_RABBITMQ_MANAGEMENT_URL"
EXAMPLE = "http://user:password@host:15672"
PORTS = {"http": 15672, "https": 15671}
TIMEOUT_SECONDS = 10.0
NOT_FOUND = 404


class ManagementError(ConnectionError):
    """The management API does not answer, or refuses; one clear line without any password.

    Attributes:
        status: the HTTP status; 0 when there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Management:
    """The management API, as one of the broker's administrators sees it. Each call is a connection of its own.

    Args:
        url: ``http(s)://user:password@host:port``; a path before ``/api`` if the broker has one.
        vhost: the virtual host that the platform lives in.
        timeout: seconds for each step of a call.

    Raises:
        ValueError: the URL cannot be used; the message does not repeat it, for it holds a password.
    """

    def __init__(self, url: str, vhost: str = "/", timeout: float = TIMEOUT_SECONDS) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except (
            ValueError
        ):  # urllib quotes what it cannot read as a port, and after a forgotten "@" that is the password
            raise ValueError("its host or port cannot be read") from None
        if parts.scheme not in PORTS or not host or not parts.username:
            raise ValueError(f"it is not {EXAMPLE}")
        self.vhost = vhost
        self._tls = parts.scheme == "https"
        self._host, self._port = host, port or PORTS[parts.scheme]
        self._prefix = parts.path.rstrip("/") + "/api/"
        self._user = unquote(parts.username)
        self._headers = {"Authorization": f"Basic {_basic(self._user, unquote(parts.password or ''))}"}
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Management({self.place})"

    @property
    def place(self) -> str:
        """What may be said in logs and errors."""
        return f"{self._host}:{self._port}"

    def call(self, method: str, *path: str, body: Mapping[str, Any] | None = None, missing_ok: bool = False) -> Any:
        """Makes one call.

        Args:
            method: such as ``PUT``.
            path: the parts below ``/api/``, not yet quoted.
            body: sent as JSON.
            missing_ok: whether "not found" is an answer like others: ``None``.

        Returns:
            the decoded answer; ``None`` when it is empty.

        Raises:
            ManagementError: no answer in time, or a refusal.
        """
        target = self._prefix + "/".join(quote(part, safe="") for part in path)
        try:
            status, raw = self._once(method, target, body)
        except (OSError, http.client.HTTPException) as error:
            fault = str(error) or type(error).__name__
            raise ManagementError(f"RabbitMQ's management API at {self.place} does not answer: {fault}") from error
        if status == NOT_FOUND and missing_ok:
            return None
        if status >= 400:
            raise ManagementError(self._refusal(status, raw, method, path), status)
        try:
            return json.loads(raw) if raw else None
        except ValueError as error:
            raise ManagementError(f"what answers at {self.place} is not RabbitMQ's management API") from error

    def _once(self, method: str, target: str, body: Mapping[str, Any] | None) -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if self._tls else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        headers = {**self._headers, "Content-Type": "application/json"}
        try:
            connection.request(method, target, None if body is None else json.dumps(body).encode(), headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _refusal(self, status: int, raw: bytes, method: str, path: tuple[str, ...]) -> str:
        if status in (401, 403):
            return f"RabbitMQ's management API at {self.place} refuses the user {self._user}: not an administrator?"
        try:
            said = json.loads(raw)
            reason = str(said.get("reason") or said.get("error"))
        except (ValueError, AttributeError):
            reason = "no reason given"
        reason = " ".join(reason.split())[:300]
        return f"RabbitMQ's management API at {self.place} refused {method} {'/'.join(path)} ({status}): {reason}"


def read_management(vhost: str, environ: Mapping[str, str] | None = None) -> Management:
    """The management API that the environment names.

    Args:
        vhost: the virtual host that the platform lives in.
        environ: the environment; the process's own by default.

    Raises:
        SettingsError: the address is missing or cannot be used.
    """
    url = (os.environ if environ is None else environ).get(SETTING, "").strip()
    if not url:
        raise SettingsError(
            [f"{SETTING} is not set ({EXAMPLE}): agencies get their rights by RabbitMQ's management API"]
        )
    try:
        return Management(url, vhost)
    except ValueError as error:
        raise SettingsError([f"{SETTING} cannot be used: {error}"]) from error


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()

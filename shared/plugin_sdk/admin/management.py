"""A small client of RabbitMQ's management HTTP API, with a timeout on every call."""

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
    """The management API does not answer, or refuses. The message is one line and contains no password.

    Attributes:
        status: the HTTP status; 0 if there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Management:
    """The management API with an administrator's account. Each call opens its own connection.

    Args:
        url: ``http(s)://user:password@host:port``, with the path before ``/api`` if there is one.
        vhost: the platform's virtual host.
        timeout: seconds for each network operation.

    Raises:
        ValueError: the URL is invalid; the message does not contain it, because it holds a password.
    """

    def __init__(self, url: str, vhost: str = "/", timeout: float = TIMEOUT_SECONDS) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            # "from None": urllib's message quotes what it cannot read as a port; if "@" is missing, that is the password.
            raise ValueError("the host or port is malformed") from None
        if parts.scheme not in PORTS or not host or not parts.username:
            raise ValueError(f"expected {EXAMPLE}")
        self.vhost = vhost
        self._tls = parts.scheme == "https"
        self._host, self._port = host, port or PORTS[parts.scheme]
        self._prefix = parts.path.rstrip("/") + "/api/"
        self._user = unquote(parts.username)
        self._headers = {"Authorization": f"Basic {_basic(self._user, unquote(parts.password or ''))}"}
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Management({self.address})"

    @property
    def address(self) -> str:
        """Host and port, for logs and errors: no password."""
        return f"{self._host}:{self._port}"

    def call(self, method: str, *path: str, body: Mapping[str, Any] | None = None, missing_ok: bool = False) -> Any:
        """Makes one call.

        Args:
            method: such as ``PUT``.
            path: the segments below ``/api/``, unquoted.
            body: sent as JSON.
            missing_ok: whether to return ``None`` for 404 instead of raising.

        Returns:
            the decoded response; ``None`` if it is empty.

        Raises:
            ManagementError: no response in time, or a refusal.
        """
        target = self._prefix + "/".join(quote(part, safe="") for part in path)
        try:
            status, raw = self._once(method, target, body)
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise ManagementError(f"RabbitMQ's management API at {self.address} does not answer: {reason}") from error
        if status == NOT_FOUND and missing_ok:
            return None
        if status >= 400:
            raise ManagementError(self._refusal(status, raw, method, path), status)
        try:
            return json.loads(raw) if raw else None
        except ValueError as error:
            raise ManagementError(f"the server at {self.address} is not RabbitMQ's management API") from error

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
            return f"RabbitMQ's management API at {self.address} refuses the user {self._user}: is it an administrator?"
        try:
            content = json.loads(raw)
            reason = str(content.get("reason") or content.get("error"))
        except (ValueError, AttributeError):
            reason = "no reason given"
        reason = " ".join(reason.split())[:300]
        return f"RabbitMQ's management API at {self.address} refused {method} {'/'.join(path)} ({status}): {reason}"


def read_management(vhost: str, environ: Mapping[str, str] | None = None) -> Management:
    """The management API from the setting ``MOTCUA_RABBITMQ_MANAGEMENT_URL``.

    Args:
        vhost: the platform's virtual host.
        environ: the environment; the process's own by default.

    Raises:
        SettingsError: the URL is missing or invalid.
    """
    url = (os.environ if environ is None else environ).get(SETTING, "").strip()
    if not url:
        raise SettingsError(
            [f"{SETTING} is not set ({EXAMPLE}): agencies get their rights through RabbitMQ's management API"]
        )
    try:
        return Management(url, vhost)
    except ValueError as error:
        raise SettingsError([f"{SETTING} cannot be used: {error}"]) from error


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()

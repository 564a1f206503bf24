"""Calls of a chat service's API over one connection, which tell apart what cannot have arrived from what may have."""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from shared.runtime.cut_off import cut_off

MAX_BYTES = 1 << 20


class NotSent(ConnectionError):
    """The request cannot have arrived: there is no connection, or its certificate is not valid. The text names no address."""


class NoAnswer(ConnectionError):
    """The request may have arrived, and no complete answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response.

    Attributes:
        status: the HTTP status.
        body: the raw body.
        retry_after: real seconds for which the service wants no more requests; 0 if it does not say.
    """

    status: int
    body: bytes
    retry_after: float


class ApiConnection:
    """A connection to one server, kept from call to call while the server keeps it. Use it as a context manager.

    Args:
        url: ``https://host`` with a path before that of each call.
        timeout: seconds for a call.
        ca_file: certificates of authorities to trust instead of the machine's; empty for the machine's.
    """

    def __init__(self, url: str, timeout: float, ca_file: str = "") -> None:
        parts = urlsplit(url)
        self._path = parts.path.rstrip("/")
        self._timeout = timeout
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=ca_file or None)
            self._http: http.client.HTTPConnection = http.client.HTTPSConnection(host, parts.port, context=context)
        else:
            self._http = http.client.HTTPConnection(host, parts.port)

    def post(self, path: str, headers: Mapping[str, str], body: bytes, until: float) -> Answer:
        """Makes one call. Redirects are not followed, so that tokens and personal data go to no other address.

        Args:
            path: after that of the address.
            headers: of the request.
            body: of the request.
            until: monotonic time by which it ends, if its own timeout is later.

        Raises:
            NotSent: the request cannot have arrived.
            NoAnswer: it may have arrived.
        """
        until = min(until, time.monotonic() + self._timeout)
        with cut_off(until, self._socket):
            try:
                self._connect(until)
                return self._call(path, headers, body)
            except BaseException:
                self._http.close()
                raise

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def _socket(self) -> socket.socket | None:
        found: socket.socket | None = self._http.sock
        return found

    def _connect(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise NotSent("no time is left")
        if self._http.sock is not None and _ended(self._http.sock):
            self._http.close()  # a request over it would be in doubt for nothing
        if self._http.sock is not None:
            self._http.sock.settimeout(left)
            return
        self._http.timeout = left
        try:
            self._http.connect()
        except ssl.SSLCertVerificationError as error:
            raise NotSent(f"the certificate is not valid: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            strerror = error.strerror if isinstance(error, OSError) else ""
            raise NotSent(strerror or type(error).__name__) from error

    def _call(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            self._http.request("POST", f"{self._path}{path}", body, dict(headers))
            response = self._http.getresponse()
            content = response.read(MAX_BYTES + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error
        if len(content) > MAX_BYTES:
            raise NoAnswer(f"an answer of more than {MAX_BYTES} bytes")
        return Answer(response.status, content, _seconds(response.headers.get("Retry-After")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _ended(sock: socket.socket) -> bool:
    """Whether the server has ended a connection on which no answer is awaited."""
    return bool(select.select([sock], [], [], 0)[0])


def _seconds(text: str | None) -> float:
    """A pause in seconds; the other form of the header, a date, is not used by APIs."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else 0.0

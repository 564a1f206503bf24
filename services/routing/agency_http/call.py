"""One call of a webhook: to an address that was checked, without redirects, with a time limit for the whole answer."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from services.routing.agency_http.domain import Answer
from services.routing.agency_http.targets import Target, TargetRefused, check_address
from shared.runtime.cut_off import cut_off

MAX_ANSWER = 65_536
CHUNK = 8192

Resolve = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host and port."""


def resolve(host: str, port: int) -> list[str]:
    """Asks the system.

    Raises:
        OSError: there is no such host.
    """
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


class _CheckedConnection(http.client.HTTPSConnection):
    """Connects to an address that is checked, so that the name's server cannot lead it elsewhere between check and connection."""

    def __init__(
        self, target: Target, seconds: float, tls: ssl.SSLContext, allow_private: bool, addresses: Resolve
    ) -> None:
        super().__init__(target.host, target.port, timeout=seconds, context=tls)
        self._tls = tls
        self._allow_private = allow_private
        self._addresses = addresses

    def connect(self) -> None:
        """Tries the host's addresses one after the other; one that is refused refuses the host."""
        found = self._addresses(self.host, self.port)
        for address in found:
            check_address(ip_address(address.partition("%")[0]), self._allow_private)
        last: OSError = OSError("no address")
        for address in found:
            try:
                plain = socket.create_connection((address, self.port), self.timeout)
            except OSError as error:
                last = error
                continue
            try:
                self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
            except BaseException:
                plain.close()
                raise
            return
        raise last


def call(
    target: Target,
    headers: Mapping[str, str],
    body: bytes,
    limit: timedelta,
    now: datetime,
    allow_private: bool = False,
    tls: ssl.SSLContext | None = None,
    addresses: Resolve = resolve,
) -> Answer:
    """Posts a body; never fails.

    Args:
        target: from :func:`services.routing.agency_http.targets.parse_target`.
        headers: of the request.
        body: of the request.
        limit: time for all.
        now: real time, for a Retry-After that is a date.
        allow_private: see :func:`services.routing.agency_http.targets.check_address`.
        tls: which certificates are trusted; those of the machine by default (OpenSSL's ``SSL_CERT_FILE`` names others).
        addresses: finds the addresses of a host.
    """
    begun = time.monotonic()
    seconds = limit.total_seconds()
    tls = tls or ssl.create_default_context()
    connection = _CheckedConnection(target, seconds, tls, allow_private, addresses)
    status, error, retry_after = None, "", None
    try:
        with cut_off(begun + seconds, lambda: connection.sock):
            connection.request("POST", target.path, body, {**headers, "Host": target.authority, "Connection": "close"})
            response = connection.getresponse()
            _read(response)
            if time.monotonic() - begun >= seconds:  # the cut looks like the end of the answer
                raise TimeoutError("the answer did not end in time")
            status = response.status
            retry_after = _pause(response.headers.get("Retry-After", ""), now)
    except (OSError, ValueError, http.client.HTTPException) as failed:
        late = time.monotonic() - begun >= seconds
        error = "timeout" if late else _word(failed)
    finally:
        connection.close()
    return Answer(status, error, round((time.monotonic() - begun) * 1000), retry_after)


def _read(response: http.client.HTTPResponse) -> None:
    """Reads the answer, which says nothing that we need, to see that it is whole and has an end."""
    size = 0
    while piece := response.read1(CHUNK):
        size += len(piece)
        if size > MAX_ANSWER:
            raise http.client.HTTPException("an answer without end")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _word(error: Exception) -> str:
    """What went wrong, in one word; the error's own text may repeat what a server said."""
    if isinstance(error, TargetRefused):
        return "refused_address"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "unknown_host"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused"
    return "no_connection" if isinstance(error, OSError) else "bad_answer"


def _pause(text: str, now: datetime) -> timedelta | None:
    """How long a server wants no more requests: seconds or a date (RFC 9110, section 10.2.3)."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        at = parsedate_to_datetime(text)
        return max(at - now, timedelta(0)) if at.tzinfo is not None else None
    except (ValueError, TypeError, OverflowError):
        return None

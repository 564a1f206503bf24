"""One HTTP call with a time limit for the whole answer, so that a slow server cannot block the caller."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_BYTES = 4 << 20
CHUNK = 1 << 16


class NoAnswer(ConnectionError):
    """No complete answer in time. The server may still have processed the request."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response.

    Attributes:
        status: the HTTP status.
        body: the raw body.
    """

    status: int
    body: bytes


def check_address(url: str) -> str:
    """Checks an address; returns it without a slash at the end.

    Raises:
        ValueError: it is neither http://… nor https://….
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is neither http://… nor https://…")
    return url.rstrip("/")


def http_call(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> Answer:
    """Makes one call over a new connection. Redirects are not followed, so that keys and personal data go to no other address.

    Args:
        method: such as ``POST``.
        url: see `check_address`.
        headers: of the request.
        body: of the request.
        timeout: seconds for each wait and for the whole answer.

    Raises:
        NoAnswer: no complete answer in time.
    """
    ends = time.monotonic() + timeout
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        return Answer(response.status, _read(response, ends))
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{parts.hostname}: {type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, ends: float) -> bytes:
    pieces, size = [], 0
    while piece := response.read1(CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise http.client.HTTPException(f"an answer of more than {MAX_BYTES} bytes")
        if time.monotonic() > ends:
            raise TimeoutError("the answer did not end in time")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)

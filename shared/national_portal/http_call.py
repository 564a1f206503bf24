"""One HTTP call with an end: however slowly the other side answers, or drips its answer, the caller goes on in time."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_BYTES = 4 << 20
PIECE = 1 << 16


class NoAnswer(ConnectionError):
    """Nothing came back, or not all of it in time; what was asked for may have happened all the same."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: the HTTP status.
        body: as it came.
    """

    status: int
    body: bytes


def check_address(url: str) -> str:
    """An address that can be called, without a slash at its end.

    Raises:
        ValueError: it is neither http://… nor https://….
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is neither http://… nor https://…")
    return url.rstrip("/")


def http_call(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> Answer:
    """Makes one call over a connection of its own. Redirections are not followed: keys and personal data go nowhere else.

    Args:
        method: such as ``POST``.
        url: see `check_address`.
        headers: of the request.
        body: of the request.
        timeout: seconds, for each wait and for the whole of the answer.

    Raises:
        NoAnswer: see there.
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
    while piece := response.read1(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise http.client.HTTPException(f"an answer of more than {MOST_BYTES} bytes")
        if time.monotonic() > ends:
            raise TimeoutError("the answer did not end in time")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)

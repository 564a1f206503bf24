"""One HTTP call with a timeout that follows no redirect, so that a token reaches no other server."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT_SECONDS = 10.0
MAX_BYTES = 4 << 20


class NoAnswer(ConnectionError):
    """There is no connection, no answer in time, or the answer is no HTTP."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response.

    Attributes:
        status: the HTTP status.
        body: the content.
        retry_after: seconds that the server asks to wait; None if it does not.
    """

    status: int
    body: bytes
    retry_after: float | None = None


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        """A redirect is answered as it is."""


_opener = build_opener(_NoRedirect)


def call(request: Request, timeout: float = TIMEOUT_SECONDS) -> Answer:
    """Sends a request and reads the answer, whatever its status.

    Args:
        timeout: seconds for each network operation.

    Raises:
        NoAnswer: nothing that can be read came back.
    """
    try:
        try:
            with _opener.open(request, timeout=timeout) as response:
                return Answer(response.status, response.read(MAX_BYTES))
        except HTTPError as error:
            with error:
                return Answer(error.code, error.read(MAX_BYTES), _seconds(error.headers.get("Retry-After")))
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None

"""Browsers: the access token in a cookie that only the server reads, and only for pages.

The JSON API takes tokens from the header alone. A page that changes something is sent from our own origin or not at all: the cookie is
`SameSite=Strict`, and the browser's own word on where a request comes from is checked beside it (OWASP CSRF prevention, origin check).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, Response, redirect
from werkzeug.exceptions import HTTPException

COOKIE = "motcua_session"
SAFE = frozenset({"GET", "HEAD"})


class SignIn(HTTPException):
    """A browser without a session is sent to where it can get one, and back afterwards.

    Args:
        place: the address of the sign-in page, with the goal in its query.
    """

    code = 303

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def answer(self) -> Response:
        """The redirection."""
        return redirect(self.place, self.code)  # type: ignore[return-value]


def token_of(request: Request) -> str:
    """The token that a browser brings; empty when it brings none, or when another site has sent it here."""
    token = request.cookies.get(COOKIE, "")
    return token if token and (request.method in SAFE or from_own_origin(request)) else ""


def from_own_origin(request: Request) -> bool:
    """Whether a browser says that a request was sent by a page of this origin."""
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def keep_token(response: Response, token: str, seconds: int, secure: bool) -> None:
    """Gives the browser its cookie.

    Args:
        response: that goes to the browser.
        token: a verified access token.
        seconds: how long the browser keeps it at the most; the token's own end counts beside that.
        secure: whether it travels over TLS only.
    """
    response.set_cookie(COOKIE, token, max_age=seconds, secure=secure, httponly=True, samesite="Strict", path="/")


def drop_token(response: Response) -> None:
    """Takes the cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")


def local_path(wanted: str, otherwise: str) -> str:
    """Where to go after signing in: a path of our own, or another one.

    Args:
        wanted: as the address bar had it; may be anything.
        otherwise: taken when `wanted` leads anywhere else.
    """
    parts = urlsplit(wanted)
    safe = not parts.scheme and not parts.netloc and wanted.startswith("/") and not wanted.startswith("//")
    return wanted if safe and "\\" not in wanted and wanted.isprintable() else otherwise

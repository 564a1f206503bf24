"""The session cookie of browsers: it holds the access token, is `HttpOnly`, and counts for pages only.

The JSON API takes tokens from the Authorization header alone. Against cross-site request forgery the cookie is `SameSite=Strict`, and
requests that change something are accepted only if the browser says that they come from our own origin (OWASP CSRF prevention).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, Response, redirect
from werkzeug.exceptions import HTTPException

from shared.web.problem import Problem

COOKIE = "motcua_session"
SAFE = frozenset({"GET", "HEAD"})


class SignIn(HTTPException):
    """Redirects a browser without a session to the sign-in page.

    Args:
        location: the address of the sign-in page, with the page to return to in its query.
    """

    code = 303

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location

    def answer(self) -> Response:
        """The redirection."""
        return redirect(self.location, self.code)  # type: ignore[return-value]


def token_of(request: Request) -> str:
    """The token in a browser's cookie; empty without a cookie, and for a change that another site's page requests."""
    token = request.cookies.get(COOKIE, "")
    return token if token and (request.method in SAFE or from_own_origin(request)) else ""


def cross_site() -> Problem:
    """The problem of a change that another site's page requests."""
    return Problem(400, "cross-site", "Yêu cầu đến từ trang khác", "The request came from another site")


def from_elsewhere(request: Request) -> bool:
    """Whether the browser says that a page of another origin sent the request. Programs and very old browsers say nothing."""
    said = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    return said and not from_own_origin(request)


def from_own_origin(request: Request) -> bool:
    """Whether the browser says that a page of this origin sent the request."""
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def keep_token(response: Response, token: str, seconds: int, secure: bool) -> None:
    """Sets the cookie.

    Args:
        response: the answer to the browser.
        token: a verified access token.
        seconds: how long the browser keeps the cookie; the token may expire earlier.
        secure: whether the cookie is sent over TLS only.
    """
    response.set_cookie(COOKIE, token, max_age=seconds, secure=secure, httponly=True, samesite="Strict", path="/")


def drop_token(response: Response) -> None:
    """Deletes the cookie."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")


def local_path(wanted: str, otherwise: str) -> str:
    """The path to go to after signing in; prevents open redirects.

    Args:
        wanted: from the query string; may be anything.
        otherwise: the result when `wanted` is not a path of this host.
    """
    parts = urlsplit(wanted)
    safe = not parts.scheme and not parts.netloc and wanted.startswith("/") and not wanted.startswith("//")
    return wanted if safe and "\\" not in wanted and wanted.isprintable() else otherwise

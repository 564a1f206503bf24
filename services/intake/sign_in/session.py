"""The signed-in citizen of the current request, and the cookies of the sign-in."""

from __future__ import annotations

from flask import Response, g, request

from services.intake.sign_in import store
from services.intake.sign_in.domain import LONGEST, Citizen
from shared.auth import Principal
from shared.web.authorization import BrowserSessions, scope_checked
from shared.web.session_cookie import SignIn
from shared.web.views import context

COOKIE = "motcua_citizen"
SIGN_IN = "/intake/online/sign-in"


def _read() -> Principal | None:
    citizen = signed_in_citizen()
    return Principal(citizen.subject, frozenset({"citizen"})) if citizen else None


SESSIONS = BrowserSessions(_read, SIGN_IN)
"""For the app's access control."""


def signed_in_citizen() -> Citizen | None:
    """The citizen of the browser's session; None without one. Read once for each request."""
    if "intake_citizen" not in g:
        token, here = request.cookies.get(COOKIE, ""), context()
        g.intake_citizen = store.find(here.store, here.settings.hash_key, token) if token else None
    found: Citizen | None = g.intake_citizen
    return found


def citizen() -> Citizen:
    """The signed-in citizen, on a page for citizens alone; what the page shows must belong to their subject.

    Raises:
        SignIn: the caller has a citizen's token, but no session that says who they are.
    """
    found = signed_in_citizen()
    if found is None:
        raise SignIn(SIGN_IN)
    scope_checked()
    return found


def keep_session(response: Response, token: str) -> None:
    """Gives the browser its session. ``Lax``, so that it is there when the provider sends the browser back."""
    secure = context().settings.public_url.startswith("https:")
    seconds = int(LONGEST.total_seconds())
    response.set_cookie(COOKIE, token, max_age=seconds, secure=secure, httponly=True, samesite="Lax", path="/intake")


def drop_session(response: Response) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(COOKIE, path="/intake", httponly=True, samesite="Lax")

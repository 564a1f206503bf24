"""The kiosk of the current request: a paired browser, known by its cookie."""

from __future__ import annotations

from flask import Response, g, request

from services.intake.kiosk import store
from services.intake.kiosk.commands import token_hash
from services.intake.kiosk.domain import Kiosk
from shared.auth import Principal
from shared.web.authorization import BrowserSessions
from shared.web.views import context

COOKIE = "motcua_kiosk"
PAIRING = "/intake/kiosk-pairing"
SECONDS = 400 * 24 * 3600
"""The longest that browsers keep a cookie; begins anew with each visitor."""


def _read() -> Principal | None:
    kiosk = current_kiosk()
    return None if kiosk is None else Principal(f"kiosk:{kiosk.desk}/{kiosk.number}", frozenset({"device"}), kiosk.desk)


KIOSK_SESSIONS = BrowserSessions(_read, PAIRING)
"""For the app's access control."""


def current_kiosk() -> Kiosk | None:
    """The kiosk that the browser is paired as; None for any other. Read once for each request."""
    if "intake_kiosk" not in g:
        g.intake_kiosk, token, here = None, request.cookies.get(COOKIE, ""), context()
        if token:
            with here.store.read() as connection:
                g.intake_kiosk = store.by_token(connection, token_hash(here.settings.hash_key, token))
    found: Kiosk | None = g.intake_kiosk
    return found


def keep_paired(response: Response, token: str) -> None:
    """Gives a browser the token by which it is known, or gives it anew."""
    secure = context().settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, token, max_age=SECONDS, secure=secure, httponly=True, samesite="Strict", path="/intake")

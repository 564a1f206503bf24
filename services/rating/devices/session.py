"""The device of the current request: a paired tablet, known by its cookie."""

from __future__ import annotations

from flask import Response, g, request

from services.rating.devices import store
from services.rating.devices.commands import token_hash
from services.rating.devices.domain import Device
from shared.auth import Principal
from shared.web.authorization import BrowserSessions
from shared.web.problem import Problem
from shared.web.views import context

COOKIE, PATH = "motcua_rating_device", "/rating/device"
PAIRING = "/rating/device-pairing"
SECONDS = 400 * 24 * 3600
"""The longest that browsers keep a cookie; begins anew with each contact."""


def _read() -> Principal | None:
    device = current_device()
    return (
        None
        if device is None
        else Principal(f"rating-device:{device.desk}/{device.number}", frozenset({"device"}), device.desk)
    )


DEVICE_SESSIONS = BrowserSessions(_read, PAIRING)
"""For the app's access control."""


def current_device() -> Device | None:
    """The device that the browser is paired as; None for any other. Read once for each request."""
    if "rating_device" not in g:
        g.rating_device, token, here = None, current_token(), context()
        if token:
            with here.store.read() as connection:
                hashed = token_hash(here.settings.hash_key, token)
                g.rating_device = store.by_token(connection, hashed, here.clock.wall())
    found: Device | None = g.rating_device
    return found


def paired_device() -> Device:
    """The device that the browser is paired as.

    Raises:
        Problem: 403, it is none: a machine with a token of another kind.
    """
    device = current_device()
    if device is None:
        raise Problem(403, "not-paired", "Máy chưa được ghép nối", "This machine is not paired")
    return device


def current_token() -> str:
    """The token of the browser's cookie; empty without one."""
    return request.cookies.get(COOKIE, "")


def keep_paired(response: Response, token: str) -> None:
    """Gives a browser the token by which it is known from now on."""
    secure = context().settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, token, max_age=SECONDS, secure=secure, httponly=True, samesite="Strict", path=PATH)

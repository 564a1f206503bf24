"""What was typed into a form, carried over a redirect: in a short-lived cookie, so that it is in no address, log or browser history.

Answering a form with a redirect means that Back and Reload never ask whether to send it again. The cookie is read by the browser's own
page only and proves nothing: whoever reads it checks the values as if they had just been typed.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Literal

from flask import Request, Response

SECONDS = 15 * 60
MAX_COOKIE = 3500
"""Characters; browsers keep at least 4096 bytes of a cookie with its name and attributes (RFC 6265, 6.1)."""


def carry(
    response: Response,
    name: str,
    path: str,
    values: Mapping[str, str],
    secure: bool,
    same_site: Literal["Strict", "Lax"] = "Strict",
) -> None:
    """Puts what was typed into a cookie for :data:`SECONDS`; too much of it is left out.

    Args:
        response: the redirect.
        name: of the cookie.
        path: of the pages that read it.
        values: by field.
        secure: whether the cookie is sent over TLS only.
        same_site: ``Lax`` where the browser comes to the page from another site.
    """
    text = urlsafe_b64encode(json.dumps(dict(values), ensure_ascii=False).encode("utf-8", "replace")).decode()
    if len(text) > MAX_COOKIE:
        return
    response.set_cookie(name, text, max_age=SECONDS, secure=secure, httponly=True, samesite=same_site, path=path)


def carried(request: Request, name: str) -> dict[str, str]:
    """What the cookie carries; empty without one, or with one that cannot be read."""
    try:
        values = json.loads(urlsafe_b64decode(request.cookies.get(name, "")))
    except ValueError:
        return {}
    if not isinstance(values, dict):
        return {}
    return {str(key): value for key, value in values.items() if isinstance(value, str)}


def drop_carried(response: Response, name: str, path: str) -> None:
    """Deletes the cookie; arguments as for :func:`carry`."""
    response.delete_cookie(name, path=path, httponly=True, samesite="Strict")

"""A notice that the next page shows once: it is carried over the redirect in a cookie, and a reload does not repeat it."""

from __future__ import annotations

from flask import Response, after_this_request, g, make_response, redirect, request

from shared.web.carried_form import carried, carry, drop_carried
from shared.web.current_context import context

COOKIE = "motcua_notice"


def redirect_with_notice(place: str, notice: str = "saved", query: str = "") -> Response:
    """The answer to a form that succeeded: the page that says so, once.

    Args:
        place: the page's path.
        notice: what the page is to say; the page knows what it means.
        query: of the page's address, without the question mark.
    """
    response = make_response(redirect(f"{place}?{query}" if query else place, 303))
    secure = context().settings.public_url.startswith("https:")
    carry(response, COOKIE, place, {"place": place, "notice": notice}, secure)
    return response


def one_time_notice() -> str:
    """The notice for the page that is being made; empty without one, and when a form was sent that is now shown again."""
    if "motcua_notice" not in g:
        found = carried(request, COOKIE) if request.method == "GET" else {}
        g.motcua_notice = found.get("notice", "") if found.get("place") == request.path else ""
        if g.motcua_notice:
            after_this_request(_drop)
    notice: str = g.motcua_notice
    return notice


def just_saved() -> bool:
    """Whether the page is shown after a change that succeeded, for the first time."""
    return one_time_notice() == "saved"


def _drop(response: Response) -> Response:
    drop_carried(response, COOKIE, request.path)
    return response

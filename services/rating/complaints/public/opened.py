"""The complaint that a browser has opened by code and secret. Both travel in a cookie, so they are in no address, log or history."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, make_response, redirect, request, url_for

from services.rating.complaints.commands import open_by_secret
from services.rating.complaints.domain import UnknownComplaint
from services.rating.complaints.public.throttle import count_wrong_try
from services.rating.complaints.store import Complaint
from shared.persistence.wrong_tries import TooManyTries
from shared.text import clean_code
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.kiosk_visit import current_visit
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])

OPENED, PLACE = "motcua_complaint", "/rating/feedback"
"""The cookie, and the path of the pages that read it."""
MAX_TEXT = 100


def open_in_browser(response: Response, code: str, secret: str) -> Response:
    """Lets the browser's next pages be about a complaint; at a kiosk only those of this visit."""
    secure = context().settings.public_url.startswith("https:")
    visit = current_visit()
    values = {"code": code, "secret": secret, "visit": visit.id if visit else ""}
    carry(response, OPENED, PLACE, values, secure)
    return response


def forget_opened(response: Response) -> Response:
    """Ends that."""
    drop_carried(response, OPENED, PLACE)
    return response


def opened() -> tuple[str, str]:
    """Code and secret that the browser has opened; empty for none."""
    known, visit = carried(request, OPENED), current_visit()
    if visit is not None and known.get("visit") != visit.id:
        return "", ""
    return known.get("code", "")[:MAX_TEXT], known.get("secret", "")[:MAX_TEXT]


def find_opened(code: str, secret: str) -> Complaint:
    """The complaint of a code and secret; a wrong try is counted.

    Raises:
        UnknownComplaint: they open none.
        TooManyTries: that, and there were too many wrong tries.
    """
    here, typed = context(), clean_code(code).upper()
    try:
        with here.store.read() as connection:
            return open_by_secret(connection, typed, secret, here.settings.hash_key)
    except UnknownComplaint:
        count_wrong_try(here.store, typed, client_address(), here.settings.hash_key)
        raise


def of_opened_complaint(view: View) -> View:
    """Gives a view the complaint that the browser has opened; without one, leads to the form for code and secret."""

    @wraps(view)
    def endpoint(**path: Any) -> Response:
        code, secret = opened()
        found = None
        if code:
            with suppress(UnknownComplaint, TooManyTries):
                found = find_opened(code, secret)
        if found is None:
            return forget_opened(make_response(redirect(url_for("feedback_status_pages.status_form"), 303)))
        return make_response(view(found, **path))

    return cast(View, endpoint)

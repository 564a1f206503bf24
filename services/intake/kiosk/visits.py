"""The pages of a kiosk are of one visit: each address holds its number, and what a visitor has opened is forgotten with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, redirect, request, url_for

from shared.web.authorization import principal
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.kiosk_visit import Visit, current_visit, keep_visit
from shared.web.views import context

COOKIE, PATH = "motcua_visitor", "/intake/kiosk"
"""The cookie of what the visitor has opened, and the path of the pages that read it."""

pages = Blueprint("kiosk_pages", __name__, url_prefix="/intake/kiosk/<agency>", template_folder="templates")


def visit() -> Visit:
    """The visit of a page."""
    found = current_visit()
    assert found is not None, "a page without a visit leads to the first page"
    return found


def opened() -> dict[str, str]:
    """What the visitor has opened: the ticket that they took, the dossier that they looked up."""
    if "intake_visitor" not in g:
        known = carried(request, COOKIE)
        g.intake_visitor = known if known.get("visit") == visit().id else {}
    found: dict[str, str] = g.intake_visitor
    return found


def keep_opened(response: Response, **values: str) -> Response:
    """Lets the visitor's next pages be about something."""
    secure = context().settings.public_url.startswith("https:")
    carry(response, COOKIE, PATH, {**opened(), **values, "visit": visit().id}, secure)
    return response


def forget_opened(response: Response) -> None:
    """Ends what the visitor has opened."""
    drop_carried(response, COOKIE, PATH)


def show_again(endpoint: str, **values: Any) -> Response:
    """The redirect to a page of the visit."""
    return make_response(redirect(url_for(f"kiosk_pages.{endpoint}", **values), 303))


@pages.url_value_preprocessor
def _take_visit(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.kiosk_visit = None if values is None else values.pop("visit", None)


@pages.url_defaults
def _give_visit(endpoint: str, values: dict[str, Any]) -> None:
    known = current_visit()
    if "agency" not in values:
        values["agency"] = principal().agency
    if known is not None and current_app.url_map.is_endpoint_expecting(endpoint, "visit"):
        values.setdefault("visit", known.id)


@pages.before_request
def _only_this_visit() -> Response | None:
    """Leads pages of an earlier visit to the first page."""
    known, wanted, desk = current_visit(), g.kiosk_visit, principal().agency
    if wanted is None or (known is not None and (known.id, known.desk) == (wanted, desk)):
        return None
    return make_response(redirect(Visit("", desk).start, 303))


@pages.after_request
def _keep(response: Response) -> Response:
    known = current_visit()
    return response if known is None else keep_visit(response, known)


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return {"visit": current_visit()}

"""The leader's page of the agency's officials."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request
from marshmallow import ValidationError

from services.rating.access import REGISTER_KEEPERS
from services.rating.officials import schemas
from services.rating.officials.api import own_agency
from services.rating.officials.commands import enter_official
from services.rating.officials.domain import OfficialEntry
from services.rating.officials.queries import officials_of
from services.rating.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.field_errors import errors_of
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

FIELDS = {
    "subject": ("Mã công chức", "Identifier"),
    "name": ("Họ và tên", "Full name"),
    "position": ("Chức vụ, vị trí", "Position"),
    "home_agency": ("Cơ quan cử đến", "Sent by"),
    "counter": ("Quầy", "Counter"),
    "valid_from": ("Áp dụng từ ngày", "From"),
}

pages = page_blueprint("rating", __name__, "official_pages")
schema = schemas.OfficialSchema()


@pages.get("/officials")
@roles(*REGISTER_KEEPERS, agency="record")
def show() -> str:
    """The officials of the caller's agency today, and the form for an entry."""
    return _page(own_agency())


@pages.post("/officials")
@roles(*REGISTER_KEEPERS, agency="record")
def enter() -> Response:
    """Enters an official, a change, or that somebody has left; the same form sent again changes nothing."""
    agency = own_agency()
    try:
        entry = OfficialEntry(agency=agency, **schema.load(_filled()))
        with domain_errors_as_problems():
            once_per_form(lambda work: _enter(work, entry))
    except ValidationError as error:
        return make_response(_page(agency, Problem(422, "invalid", errors=errors_of(error))), 422)
    except Problem as problem:
        return make_response(_page(agency, problem), problem.status)
    return redirect_with_notice("/rating/officials")


def _enter(work: UnitOfWork, entry: OfficialEntry) -> dict[str, Any]:
    enter_official(work, entry, principal().subject)
    return {}


def _filled() -> dict[str, Any]:
    form = request.form
    typed: dict[str, Any] = {name: " ".join(form.get(name, "").split()) for name in ("subject", "name", "position")}
    optional = {name: form[name].strip() for name in ("home_agency", "counter") if form.get(name, "").strip()}
    return typed | optional | {"valid_from": form.get("valid_from", ""), "active": form.get("active") != "left"}


def _page(agency: str, problem: Problem | None = None) -> str:
    here = context()
    today = here.clock.now().astimezone(VIETNAM).date()
    with here.store.read() as connection:
        found = officials_of(connection, [agency], today)
    return render_template(
        "rating/officials.html",
        caller={"subject": principal().subject, "agency": agency, "role": "leader"},
        officials=found,
        agencies=[(one.code, one.name) for one in here.reference.agencies.all(today)],
        fields=FIELDS,
        today=today,
        earliest=schemas.EARLIEST,
        limits=schemas,
        problem=problem,
        saved=just_saved(),
        form_key=secrets.token_hex(16),
    )

"""The register of a day (form 07), on screen, as XLSX and as PDF, for the clerks and leaders of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request

from services.intake import access
from services.intake.components import components
from services.intake.documents.commands import template_of
from services.intake.documents.domain import CIRCULAR
from services.intake.documents.register import COLUMNS, RegisterRow, register_rows, register_xlsx
from services.intake.dossiers.pages import caller
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import render_pdf
from shared.documents.words import day_in_words
from shared.web.authorization import principal, roles
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

READERS = ("clerk", "leader")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

pages = page_blueprint("intake", __name__, "register_pages")


@dataclass(frozen=True, slots=True)
class _Register:
    desk: str
    day: date
    rows: list[RegisterRow]


@pages.get("/register")
@roles(*READERS, agency="record")
@audited
def register() -> str:
    """The register of a day on screen; today by default."""
    found = _register()
    return render_template(
        "intake/register.html",
        caller=caller(principal()),
        register=found,
        columns=[name for name, _ in COLUMNS[:-1]],
        today=context().clock.now().date(),
    )


@pages.get("/register.xlsx")
@roles(*READERS, agency="record")
@audited
def register_file() -> Response:
    """The register of a day as XLSX."""
    found = _register()
    name = context().reference.agencies.name_of(found.desk, found.day)
    return _attachment(register_xlsx(found.rows, name, found.day), XLSX, found, "xlsx")


@pages.get("/register.pdf")
@roles(*READERS, agency="record")
@audited
def register_paper() -> Response:
    """The register of a day as PDF, to be signed."""
    found, here = _register(), context()
    data: dict[str, Any] = issuer_fields(here.reference.agencies, found.desk, found.day) | {
        "title": "Sổ theo dõi hồ sơ",
        "basis": f"Mẫu số 07, Phụ lục I, {CIRCULAR}",
        "day": day_in_words(found.day).capitalize(),
        "rows": [row.cells for row in found.rows],
    }
    return _attachment(render_pdf(template_of("register"), data, here.clock.now()), "application/pdf", found, "pdf")


def _register() -> _Register:
    """The register that the address asks for, recorded as read.

    Raises:
        Problem: 403, another desk's; 422, no day.
    """
    here, reader = context(), principal()
    agencies, today = here.reference.agencies, here.clock.now().date()
    day = _day(request.args.get("day", ""), today)
    desk = request.args.get("desk", "").strip()[:50] or reader.agency
    desks = access.listable_desks(reader, desk, agencies, today)
    access.require(bool(desks))
    record_reading("register", desk)
    with here.store.read() as connection:
        return _Register(desk, day, register_rows(connection, desks, day, components().catalogue, agencies))


def _day(text: str, today: date) -> date:
    if not text.strip():
        return today
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        fault = {"field": "day", "message": "Ngày không hợp lệ.", "message_en": "Not a day."}
        raise Problem(422, "invalid", errors=[fault]) from None  # type: ignore[list-item]


def _attachment(content: bytes, kind: str, found: _Register, ending: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    how = "inline" if ending == "pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{how}; filename="so-theo-doi-{found.desk}-{found.day}.{ending}"'
    return response

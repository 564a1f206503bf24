"""The register of a day (form 07), on screen, as XLSX and as PDF, for the clerks and leaders of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import Connection

from services.intake import access
from services.intake.components import components
from services.intake.documents.commands import template_of
from services.intake.documents.domain import CIRCULAR
from services.intake.documents.register import CHANNELS, COLUMNS, RegisterRow, Totals, Wanted, register_rows, totals
from services.intake.documents.register_file import register_xlsx
from services.intake.dossiers.domain import State
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.desk import ONE_STOP_DESK
from shared.auth import Principal
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import render_pdf
from shared.documents.words import day_in_words
from shared.web.authorization import principal, roles
from shared.web.pages import page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

READERS = ("clerk", "leader")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 100

pages = page_blueprint("intake", __name__, "register_pages")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which register an address asks for."""

    desk: str
    wanted: Wanted

    @property
    def address(self) -> dict[str, str]:
        """What the addresses of its pages and files carry."""
        state = {"state": str(int(self.wanted.state))} if self.wanted.state is not None else {}
        return {"day": self.wanted.day.isoformat(), "desk": self.desk, **state}


@pages.get("/register")
@roles(*READERS, agency="record")
@audited
def register() -> str:
    """The register of a day on screen, a page at a time; today by default."""
    here, asked = context(), _asked()
    today = here.clock.now().date()
    with here.store.read() as connection:
        total = totals(connection, asked.wanted)
        last = max(1, -(-total.all // PAGE_SIZE))
        number = min(max(1, request.args.get("page", 1, int)), last)
        rows = _rows(connection, asked.wanted, (number - 1) * PAGE_SIZE, PAGE_SIZE)
    return render_template(
        "intake/register.html",
        caller=caller(principal()),
        asked=asked,
        desks=desks_to_choose(principal(), today),
        states=list(State),
        rows=rows,
        total=total,
        channels=CHANNELS,
        page=number,
        pages=last,
        columns=[name for name, _ in COLUMNS[:-1]],
        today=today,
    )


@pages.get("/register.xlsx")
@roles(*READERS, agency="record")
@audited
def register_file() -> Response:
    """The register of a day as XLSX."""
    asked, (rows, total) = _whole()
    about = f"trạng thái: {asked.wanted.state.vi}" if asked.wanted.state is not None else ""
    name, day = _name(asked), asked.wanted.day
    return _attachment(register_xlsx(rows, name, day, about, total.in_words), XLSX, asked, "xlsx")


@pages.get("/register.pdf")
@roles(*READERS, agency="record")
@audited
def register_paper() -> Response:
    """The register of a day as PDF, to be signed."""
    here, (asked, (rows, total)) = context(), _whole()
    day, state = asked.wanted.day, asked.wanted.state
    data: dict[str, Any] = issuer_fields(here.reference.agencies, asked.desk, day) | {
        "title": "Sổ theo dõi hồ sơ",
        "basis": f"Mẫu số 07, Phụ lục I, {CIRCULAR}",
        "day": day_in_words(day).capitalize() + (f"; trạng thái: {state.vi}" if state is not None else ""),
        "rows": [row.cells for row in rows],
        "total": total.in_words,
    }
    return _attachment(render_pdf(template_of("register"), data, here.clock.now()), "application/pdf", asked, "pdf")


def _whole() -> tuple[_Asked, tuple[list[RegisterRow], Totals]]:
    asked = _asked()
    with context().store.read() as connection:
        return asked, (_rows(connection, asked.wanted), totals(connection, asked.wanted))


def _rows(connection: Connection, wanted: Wanted, offset: int = 0, most: int = 0) -> list[RegisterRow]:
    agencies = context().reference.agencies
    return register_rows(connection, wanted, components().catalogue, agencies, offset, most)


def _asked() -> _Asked:
    """The register that the address asks for, recorded as read.

    Raises:
        Problem: 403, another desk's; 422, no day or no state.
    """
    here, reader = context(), principal()
    agencies, today = here.reference.agencies, here.clock.now().date()
    day, state = day_of_address(request.args.get("day", ""), today, "day"), _state(request.args.get("state", ""))
    desk = request.args.get("desk", "").strip()[:50] or reader.agency
    desks = access.listable_desks(reader, desk, agencies, today)
    access.require(bool(desks))
    record_reading("register", desk)
    return _Asked(desk, Wanted(desks, day, state))


def desks_to_choose(reader: Principal, today: date) -> list[tuple[str, str]]:
    """The desks of which a reader may choose the register: their own, and for leaders those below."""
    agencies = context().reference.agencies
    known = [one for one in agencies.all(today) if ONE_STOP_DESK in one.roles or one.code == reader.agency]
    return [(one.code, one.name) for one in known if access.listable_desks(reader, one.code, agencies, today)]


def _name(asked: _Asked) -> str:
    return context().reference.agencies.name_of(asked.desk, asked.wanted.day)


def day_of_address(text: str, otherwise: date, name: str) -> date:
    """The day that an address names.

    Args:
        text: ISO 8601; empty for none.
        otherwise: the day without one.
        name: of the parameter.

    Raises:
        Problem: 422, it is no day.
    """
    if not text.strip():
        return otherwise
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise _invalid(name, "Ngày không hợp lệ.", "Not a day.") from None


def _state(text: str) -> State | None:
    if not text.strip():
        return None
    try:
        return State(int(text.strip()[:3]))
    except ValueError:
        raise _invalid("state", "Trạng thái không hợp lệ.", "Not a state.") from None


def _invalid(field: str, vi: str, en: str) -> Problem:
    fault: FieldError = {"field": field, "message": vi, "message_en": en}
    return Problem(422, "invalid", errors=[fault])


def _attachment(content: bytes, kind: str, asked: _Asked, ending: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    how = "inline" if ending == "pdf" else "attachment"
    name = f"so-theo-doi-{asked.desk}-{asked.wanted.day}.{ending}"
    response.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response

"""The register of apologies (form 04) of an agency and year: on screen, as CSV, and as PDF to be signed."""

from __future__ import annotations

import csv
from functools import cache
from io import StringIO
from pathlib import Path

from flask import Response, make_response, render_template, request

from services.routing.api.blueprint import OFFICIALS
from services.routing.apologies import store
from services.routing.apologies.queries import COLUMNS, cells
from services.routing.caller import caller, caller_access
from services.routing.pages.blueprint import pages
from services.routing.problems import domain_errors_as_problems
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

FORM = Path(__file__).parent.parent / "templates" / "forms" / "apology_register.typ"
PAGE = 100
YEARS = range(2000, 2200)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would take for a formula."""


@pages.get("/apologies/register")
@roles(*OFFICIALS, agency="record")
@audited
def apology_register() -> str:
    """The register on screen, a page at a time; the agency's own of this year by default."""
    here, (agency, year) = context(), _asked()
    after = _number(request.args.get("after", ""))
    with here.store.read() as connection:
        found = store.register(connection, agency, year, after, PAGE + 1)
        years = store.years_of(connection, agency)
        led = caller_access(connection).led
    agencies = here.reference.agencies
    return render_template(
        "routing/apology_register.html",
        caller=caller().official,
        agency=agency,
        year=year,
        years=sorted({*years, year}, reverse=True),
        agencies=sorted((code, agencies.name_of(code, here.clock.now().date())) for code in led | {agency}),
        columns=COLUMNS,
        items=found[:PAGE],
        rows=[cells(one) for one in found[:PAGE]],
        first=not after,
        following=found[PAGE - 1].number if len(found) > PAGE else None,
    )


@pages.get("/apologies/register.csv")
@roles(*OFFICIALS, agency="record")
@audited
def apology_register_file() -> Response:
    """The whole register of a year as CSV, in UTF-8 with its mark, as spreadsheets expect it."""
    agency, year, rows = _whole()
    out = StringIO()
    csv.writer(out).writerows([list(COLUMNS), *([_plain(cell) for cell in row] for row in rows)])
    return _file(f"\ufeff{out.getvalue()}".encode(), "text/csv; charset=utf-8", f"{agency}-{year}.csv")


@pages.get("/apologies/register.pdf")
@roles(*OFFICIALS, agency="record")
@audited
def apology_register_paper() -> Response:
    """The whole register of a year as PDF."""
    here, (agency, year, rows) = context(), _whole()
    now = here.clock.now()
    data = issuer_fields(here.reference.agencies, agency, now.astimezone(VIETNAM).date()) | {
        "title": "Sổ theo dõi văn bản xin lỗi",
        "basis": "Mẫu số 04, Phụ lục I, Thông tư số 03/2025/TT-VPCP",
        "year": str(year),
        "columns": list(COLUMNS),
        "rows": rows,
        "total": f"Tổng số: {len(rows)} văn bản.",
    }
    return _file(render_pdf(_template(), data, now), "application/pdf", f"{agency}-{year}.pdf")


def _whole() -> tuple[str, int, list[list[str]]]:
    agency, year = _asked()
    with context().store.read() as connection:
        return agency, year, [cells(one) for one in store.register(connection, agency, year)]


def _asked() -> tuple[str, int]:
    """The agency and year that the address names, recorded as read.

    Raises:
        Problem: 403, another agency's; 422, no year.
    """
    here = context()
    agency = request.args.get("agency", "").strip()[:50] or principal().agency
    typed = request.args.get("year", "").strip()
    year = _number(typed) if typed else here.clock.now().astimezone(VIETNAM).year
    if year not in YEARS:
        fault: FieldError = {"field": "year", "message": "Năm không hợp lệ.", "message_en": "Not a year."}
        raise Problem(422, "invalid", errors=[fault])
    with here.store.read() as connection, domain_errors_as_problems():
        caller_access(connection).require_one_of([agency])
    record_reading("apologies", agency)
    return agency, year


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _plain(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _file(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    how = "inline" if kind == "application/pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{how}; filename="so-van-ban-xin-loi-{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _template() -> Template:
    return read_template(FORM)

"""Papers of complaints: the answer of a round, and the register of an agency and year, as PDF, and the register as CSV."""

from __future__ import annotations

import csv
from functools import cache
from io import StringIO
from pathlib import Path

from flask import Response, make_response, render_template, request
from sqlalchemy import Connection

from services.rating.complaints import queries
from services.rating.complaints.access import STAFF
from services.rating.complaints.blueprint import pages
from services.rating.complaints.caller import caller, caller_access
from services.rating.complaints.labels import CHANNELS, STATES
from services.rating.complaints.pages import readable
from services.rating.complaints.queries import Row
from services.rating.complaints.rules import complaint_rules
from services.rating.complaints.staff import name_of
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.language import text
from shared.web.pages import vietnamese_time, written_time
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

FORMS = Path(__file__).parent / "templates" / "forms"
PAGE = 100
YEARS = range(2000, 2200)
READERS = (*STAFF, "auditor")
COLUMNS = (
    ("Mã", "Code"),
    ("Tiếp nhận", "Lodged"),
    ("Loại", "Kind"),
    ("Nội dung, cách gửi", "Topic, channel"),
    ("Hạn trả lời", "Due"),
    ("Trả lời", "Answered"),
    ("Kết thúc", "Ended"),
    ("Trạng thái", "State"),
    ("Cơ quan giải quyết", "Agency"),
)
"""The columns of the register, which names nobody."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet would take for a formula."""


@pages.get("/complaint-handling/<code>/answer.pdf")
@roles(*STAFF, agency="record")
@audited
def answer_paper(code: str) -> Response:
    """The approved answer of the present round as an official paper."""
    one, view = readable(code)
    answer = view.answer
    if answer is None or answer.approved_at is None or answer.agency is None:
        raise Problem(404, "not-found")
    here = context()
    with here.store.read() as connection:
        signer = name_of(connection, answer.approved_by or "")
    day = answer.approved_at.astimezone(VIETNAM).date()
    kind = next(rule.vi for rule in view.rules.kinds if rule.kind == one.kind).lower()
    data = issuer_fields(here.reference.agencies, answer.agency, day) | {
        "title": f"Trả lời {kind}",
        "number": answer.written_number,
        "code": one.code,
        "kind": kind,
        "to": one.name or "người phản ánh",
        "received": f"{one.received_at.astimezone(VIETNAM):%d/%m/%Y}",
        "answer": answer.text,
        "reopen_days": str(view.rules.reopen_days),
        "signer": signer or "(Ký và ghi rõ họ tên)",
    }
    return _file(render_pdf(_template("complaint_answer"), data, answer.approved_at), "application/pdf", one.code)


@pages.get("/complaint-handling/register")
@roles(*READERS, agency="record")
@audited
def register() -> str:
    """The register on screen, a page at a time; the agency's own of this year by default."""
    here, (agency, year) = context(), _asked()
    after = _number(request.args.get("after", ""))
    with here.store.read() as connection:
        found = queries.register(connection, agency, year, after, PAGE + 1)
        years = queries.register_years(connection, agency)
        known = _agencies(connection)
    agencies, today = here.reference.agencies, here.clock.now().astimezone(VIETNAM).date()
    return render_template(
        "rating/complaint_register.html",
        caller=caller(),
        agency=agency,
        year=year,
        years=sorted({*years, year}, reverse=True),
        agencies=sorted((code, agencies.name_of(code, today)) for code in known | {agency}),
        columns=[text(vi, en) for vi, en in COLUMNS],
        rows=[_cells(one) for one in found[:PAGE]],
        first=not after,
        following=found[PAGE - 1].number if len(found) > PAGE else None,
    )


@pages.get("/complaint-handling/register.csv")
@roles(*READERS, agency="record")
@audited
def register_file() -> Response:
    """The whole register of a year as CSV, in UTF-8 with its mark, as spreadsheets expect it."""
    agency, year, rows = _whole()
    out = StringIO()
    csv.writer(out).writerows([[vi for vi, _ in COLUMNS], *([_plain(cell) for cell in row] for row in rows)])
    return _file(f"\ufeff{out.getvalue()}".encode(), "text/csv; charset=utf-8", f"{agency}-{year}")


@pages.get("/complaint-handling/register.pdf")
@roles(*READERS, agency="record")
@audited
def register_paper() -> Response:
    """The whole register of a year as PDF."""
    here, (agency, year, rows) = context(), _whole()
    now = here.clock.now()
    data = issuer_fields(here.reference.agencies, agency, now.astimezone(VIETNAM).date()) | {
        "title": "Sổ theo dõi phản ánh, kiến nghị",
        "year": str(year),
        "columns": [vi for vi, _ in COLUMNS],
        "rows": rows,
        "total": f"Tổng số: {len(rows)} phản ánh, kiến nghị.",
    }
    return _file(render_pdf(_template("complaint_register"), data, now), "application/pdf", f"{agency}-{year}")


def _whole() -> tuple[str, int, list[list[str]]]:
    agency, year = _asked()
    with context().store.read() as connection:
        return agency, year, [_cells(one, "vi") for one in queries.register(connection, agency, year)]


def _asked() -> tuple[str, int]:
    """The agency and year that the address names, recorded as read.

    Raises:
        Problem: 403, another agency's; 422, no year.
    """
    here = context()
    typed = request.args.get("year", "").strip()
    year = _number(typed) if typed else here.clock.now().astimezone(VIETNAM).year
    if year not in YEARS:
        fault: FieldError = {"field": "year", "message": "Năm không hợp lệ.", "message_en": "Not a year."}
        raise Problem(422, "invalid", errors=[fault])
    with here.store.read() as connection:
        known = _agencies(connection)
    agency = request.args.get("agency", "").strip()[:50] or principal().agency or min(known, default="")
    if agency not in known:
        raise Problem(403, "wrong-agency")
    scope_checked()
    record_reading("complaint-register", agency)
    return agency, year


def _agencies(connection: Connection) -> frozenset[str]:
    """The agencies whose register the caller may read: an auditor all, others their own, leaders those below too."""
    if principal().has("auditor"):
        here = context()
        today = here.clock.now().astimezone(VIETNAM).date()
        return frozenset(one.code for one in here.reference.agencies.all(today))
    access = caller_access(connection)
    return access.handled | access.led


def _cells(one: Row, language: str = "") -> list[str]:
    """A complaint as the texts of its line in the register.

    Args:
        one: the row.
        language: ``vi`` for papers; by default that of the page.
    """
    here, vietnamese = context(), language == "vi"
    rules = complaint_rules(one.lodged_at.astimezone(VIETNAM).date())
    topic, kind = rules.topic(one.topic), next(rule for rule in rules.kinds if rule.kind == one.kind)
    words = [
        (kind.vi, kind.en),
        (topic.vi, topic.en) if topic else (one.topic, one.topic),
        CHANNELS[one.channel],
        STATES[one.state],
    ]
    said = [vi if vietnamese else text(vi, en) for vi, en in words]
    moment = vietnamese_time if vietnamese else written_time
    return [
        one.code,
        moment(one.lodged_at),
        said[0],
        f"{said[1]}; {said[2]}",
        moment(one.answer_by),
        moment(one.answered_at) if one.answered_at else "",
        moment(one.ended_at) if one.ended_at else "",
        said[3],
        here.reference.agencies.name_of(one.agency, here.clock.now().astimezone(VIETNAM).date()),
    ]


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _plain(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _file(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    is_paper = kind == "application/pdf"
    how, ending = ("inline", "pdf") if is_paper else ("attachment", "csv")
    response.headers["Content-Disposition"] = f'{how}; filename="phan-anh-kien-nghi-{name}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _template(form: str) -> Template:
    return read_template(FORMS / f"{form}.typ")

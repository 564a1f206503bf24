"""At a kiosk: finding a procedure, the questions that decide a case, and the checklist, shown and printed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import Connection

from services.intake.components import components
from services.intake.kiosk.printing.pages import printed_answer, printer_here
from services.intake.kiosk.printing.slip import Slip
from services.intake.kiosk.visits import pages, show_again
from services.intake.procedures.chooser import Checklist, Progress, progress
from services.intake.procedures.filters import Filters
from services.intake.procedures.pages import ASKED, MAX_TEXT, address_query, current_procedure, given_answers
from services.intake.procedures.queries import limit_text, procedure_list
from services.intake.tickets.groups import desk_services
from shared.catalogue import Procedure
from shared.web.authorization import roles
from shared.web.pages import agency_name, vietnamese_money, vietnamese_time
from shared.web.views import context

PAGE_SIZE = 8


@pages.get("/<visit>/procedures")
@roles("device", agency="path")
def procedures(agency: str) -> str:
    """The search for a procedure, by words or by field."""
    asked, field = (request.args.get(name, "").strip()[:MAX_TEXT] for name in ("q", "field"))
    number = min(max(1, request.args.get("page", 1, int)), 1000)
    today, catalogue = _today(), components().catalogue
    with context().store.read() as connection:
        fields = catalogue.fields(connection, today)
        offset = (number - 1) * PAGE_SIZE
        found = procedure_list(connection, catalogue, today, asked, Filters(field=field), offset, PAGE_SIZE)
    return render_template(
        "intake/kiosk/procedures.html",
        q=asked,
        field=field,
        fields=fields,
        found=found,
        page=number,
        pages=-(-found["total"] // PAGE_SIZE),
    )


@pages.get("/<visit>/procedures/<code>")
@roles("device", agency="path")
def choose(agency: str, code: str) -> Response:
    """Asks one question a page until it is known what to bring; then goes to the checklist."""
    definition, found = _progress(code)
    if found.next is None:
        return show_again("checklist", code=code, **address_query(found.answered))
    before = address_query(found.answered)
    return make_response(
        render_template(
            "intake/kiosk/choose.html",
            procedure=definition,
            asked=found.next,
            before=[(name, value) for name, values in before.items() for value in values],
            chosen=given_answers(request.args).get(found.next.name, ()),
            number=len(found.answered) + 1,
            fault=found.fault or request.args.get(ASKED) == found.next.name,
        )
    )


@pages.get("/<visit>/procedures/<code>/checklist")
@roles("device", agency="path")
def checklist(agency: str, code: str) -> Response:
    """What to bring and to pay, and how long it takes."""
    definition, found = _progress(code)
    if found.checklist is None:
        return show_again("choose", code=code, **address_query(found.answered))
    now = context().clock.now()
    group = desk_services(agency, now.date()).group_for_field(definition.field)
    return make_response(
        render_template(
            "intake/kiosk/checklist.html",
            procedure=definition,
            list=found.checklist,
            limit=limit_text(found.checklist.limit),
            answers=address_query(found.answered),
            group=group,
            printer=printer_here(),
            slip=_slip(agency, definition, found.checklist),
        )
    )


@pages.post("/<visit>/procedures/<code>/checklist")
@roles("device", agency="path")
def print_checklist(agency: str, code: str) -> Response:
    """Prints the checklist."""
    definition, found = _progress(code)
    if found.checklist is None:
        return show_again("choose", code=code)
    answer, _ = printed_answer(_slip(agency, definition, found.checklist))
    return answer or show_again("checklist", code=code, **address_query(found.answered))


def _progress(code: str) -> tuple[Procedure, Progress]:
    with context().store.read() as connection:
        definition = _procedure(connection, code)
    return definition, progress(definition, given_answers(request.args))


def _procedure(connection: Connection, code: str) -> Procedure:
    return current_procedure(connection, code)[1]


def _slip(desk: str, procedure: Procedure, found: Checklist) -> Slip:
    limit, _ = limit_text(found.limit)
    lines: list[Any] = [f"Trường hợp: {found.case.name}"] if len(procedure.cases) > 1 else []
    return Slip(
        office=agency_name(desk),
        title="GIẤY TỜ CẦN CHUẨN BỊ",
        lead=(f"{procedure.name} ({procedure.code})",),
        lines=(
            *lines,
            f"Thời hạn giải quyết: {limit}",
            f"Phí, lệ phí: {vietnamese_money(found.fee) if found.fee else 'không thu'}",
        ),
        papers=[paper.name for paper in found.papers],
        foot=("Phiếu hướng dẫn, không thay giấy hẹn trả kết quả.",),
        printed=f"In lúc {vietnamese_time(context().clock.now())}",
    )


def _today() -> date:
    return context().clock.now().date()

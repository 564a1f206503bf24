"""A dossier's process control sheet (form 06) as PDF."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, make_response

from services.routing.api.blueprint import OFFICIALS
from services.routing.caller import caller_access
from services.routing.commands.load import find_dossier
from services.routing.domain.handover import Entry
from services.routing.pages.blueprint import pages
from services.routing.pages.labels import KINDS, RESULTS
from services.routing.problems import domain_errors_as_problems
from services.routing.queries.control_sheet import ControlSheetView, control_sheet_view
from services.routing.queries.dossiers import DossierView, dossier_view
from shared.agencies import Agencies
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.documents.words import moment_in_words
from shared.web.authorization import roles
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

FORM = Path(__file__).parent.parent / "templates" / "forms" / "control_sheet.typ"
BASIS = "Mẫu số 06, Phụ lục I, Thông tư số 03/2025/TT-VPCP"


@pages.get("/dossiers/<code>/control-sheet.pdf")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def control_sheet_file(code: str) -> Response:
    """The process control sheet (form 06) to print, with the hash of its last entry."""
    here = context()
    now = here.clock.now()
    with here.store.read() as connection:
        known = find_dossier(connection, code)
        caller_access(connection).require_may_read_dossier(known)
        sheet = control_sheet_view(connection, known.code)
        view = dossier_view(connection, known, here.reference, now)
    record_reading("control-sheet", code)
    agencies = here.reference.agencies
    head = issuer_fields(agencies, known.handling_agency, now.date())
    response = make_response(render_pdf(_template(), head | sheet_data(sheet, view, agencies), now))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="phieu-kiem-soat-{known.code}.pdf"'
    return response


def sheet_data(sheet: ControlSheetView, dossier: DossierView, agencies: Agencies) -> dict[str, Any]:
    """What the form shows besides its head.

    Args:
        sheet: all entries.
        dossier: for the names of its steps.
        agencies: for their names on the day of each entry.
    """
    steps = {step.id: step.name for step in dossier.steps}
    taking_part = {one.to_agency: agencies.name_of(one.to_agency, one.at.date()) for one in sheet.entries}
    handling = taking_part.pop(dossier.handling_agency, "")
    last = f" Mã băm của mục cuối: {_in_groups(sheet.entries[-1].hash)}." if sheet.entries else ""
    found = "không mục nào bị sửa, đổi chỗ hay xóa" if sheet.sound else f"đã bị sửa đổi: {sheet.fault}"
    return {
        "title": "Phiếu kiểm soát quá trình giải quyết hồ sơ",
        "basis": BASIS,
        "code": sheet.dossier,
        "procedure": dossier.procedure_name,
        "handling": handling or agencies.name_of(dossier.handling_agency, dossier.received_at.date()),
        "others": list(taking_part.values()),
        "entries": [_line(one, steps, agencies) for one in sheet.entries],
        "check": f"Phiếu gồm {len(sheet.entries)} mục, được hệ thống ghi tự động; {found}.{last}",
    }


def _in_groups(text: str) -> str:
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def _line(entry: Entry, steps: dict[str, str], agencies: Agencies) -> dict[str, str]:
    day = entry.at.date()
    return {
        "number": str(entry.number),
        "giver": agencies.name_of(entry.from_agency, day) if entry.from_agency else "",
        "receiver": agencies.name_of(entry.to_agency, day) if entry.to_agency else "",
        "what": f"{KINDS[entry.kind][0]}: {steps.get(entry.task, entry.step)}",
        "at": moment_in_words(entry.at),
        "by": entry.by,
        "result": RESULTS[entry.result][0],
        "note": entry.cause,
    }


@cache
def _template() -> Template:
    return read_template(FORM)

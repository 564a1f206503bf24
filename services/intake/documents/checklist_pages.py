"""The checklist of a case as PDF, for anybody who has answered the questions of a procedure. It has no number: it is no issued paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, make_response, redirect, request, url_for

from services.intake.documents.commands import template_of
from services.intake.documents.contents import PAPER_KINDS
from services.intake.documents.desk import PDF
from services.intake.procedures.chooser import Checklist, progress
from services.intake.procedures.pages import address_query, current_procedure, given_answers
from services.intake.procedures.queries import limit_text
from shared.catalogue import Procedure
from shared.documents.qr import qr_svg
from shared.documents.typesetting import render_pdf
from shared.documents.words import day_in_words, dong
from shared.web.authorization import public
from shared.web.pages import page_blueprint
from shared.web.views import context

ANY_DESK = "Bất kỳ Bộ phận Một cửa nào trong tỉnh"

pages = page_blueprint("intake", __name__, "checklist_pages")


@pages.get("/procedures/<code>/checklist.pdf")
@public
def checklist_file(code: str) -> Response:
    """The checklist to print; leads to the next question while some are not answered."""
    here = context()
    with here.store.read() as connection:
        version, procedure = current_procedure(connection, code)
    found = progress(procedure, given_answers(request.args))
    answers = address_query(found.answered)
    if found.checklist is None:
        return make_response(redirect(url_for("procedure_pages.choose", code=code, **answers), 303))
    address = here.settings.public_url + url_for("procedure_pages.checklist", code=code, **answers)
    data = checklist_data(procedure, version, found.checklist, here.clock.now().date(), address)
    response = make_response(render_pdf(template_of("checklist"), data, here.clock.now()))
    response.headers["Content-Type"] = PDF
    response.headers["Content-Disposition"] = 'inline; filename="giay-to-can-chuan-bi.pdf"'
    return response


def checklist_data(procedure: Procedure, version: int, chosen: Checklist, today: date, address: str) -> dict[str, Any]:
    """All that the template of the checklist shows.

    Args:
        procedure: as in force.
        version: its number.
        chosen: what the answers have decided.
        today: the day on which it is in force.
        address: of the checklist on screen.
    """
    extra = f", cộng thêm {chosen.extra_days} ngày làm việc (vùng khó khăn)" if chosen.extra_days else ""
    linked = procedure.linked.procedures if procedure.linked else ()
    return {
        "title": "Phiếu hướng dẫn chuẩn bị hồ sơ",
        "issuer": "Bộ phận Một cửa",
        "basis": f"Theo phiên bản {version} của thủ tục, {day_in_words(today)}",
        "procedure": procedure.name,
        "code": procedure.code,
        "case": chosen.case.name if len(procedure.cases) > 1 else "",
        "linked": [one.name for one in linked if one.code in chosen.chosen],
        "limit": f"{limit_text(chosen.limit)[0]}{extra}",
        "uncounted": chosen.case.uncounted or "",
        "fees": "; ".join(f"{fee.name}: {dong(fee.amount)}" for fee in chosen.fees) or "Không thu",
        "total": dong(chosen.fee) if len(chosen.fees) > 1 else "",
        "papers": [{"name": one.name, "kind": PAPER_KINDS.get(one.kind, "Khác")} for one in chosen.papers],
        "places": procedure.place or ANY_DESK,
        "address": address,
        "address_qr": qr_svg(address),
    }

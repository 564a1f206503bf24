"""A report as files: the paper (PDF), and its tables (CSV, XLSX) in the language of the page."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response

from services.stats.downloads import download
from services.stats.exports import Cell, Table
from services.stats.reports.commands import period_of_report
from services.stats.reports.domain import BREAKDOWNS
from services.stats.reports.files import read_paper, report_storage
from services.stats.reports.line import MINUTES, MONEY, SHARE
from services.stats.reports.lines import DOSSIER_COLUMNS, SECTIONS
from services.stats.reports.paper import report_pdf
from services.stats.reports.store import Report
from services.stats.reports.wording import COLUMN_NAMES, ROW_HEADS, TABLE_NAMES, days_of, row_name, title_of
from shared.storage import StorageUnavailable
from shared.web.kept_file import storage_unavailable
from shared.web.language import text
from shared.web.pages import written_time
from shared.web.views import context

_UNITS = {SHARE: ("%", "%"), MONEY: ("đồng", "VND"), MINUTES: ("phút", "min")}


def paper_answer(report: Report, replaced: Report | None) -> Response:
    """The paper of a report: the one that was kept when it was signed, otherwise a draft made now.

    Args:
        report: any.
        replaced: the published report that it corrects.

    Raises:
        Problem: 409, the signed paper is being made; 503, the storage does not answer.
    """
    here = context()
    if report.signed_at is None:
        content = report_pdf(report, replaced, here.reference.agencies)
    else:
        try:
            content = read_paper(report_storage(here.settings), report)
        except StorageUnavailable as error:
            raise storage_unavailable(error) from error
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{_file_name(report)}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def tables_answer(report: Report, ending: str) -> Response:
    """The tables of a report; CSV holds the table of numbers alone."""
    return download(_file_name(report), ending, *report_tables(report))


def report_tables(report: Report) -> list[Table]:
    """The tables of a report, with numbers as numbers."""
    content, notes = report.read(), _notes(report)
    heads = [text("Mục", "Section"), text("Chỉ tiêu", "Number"), text("Đơn vị", "Unit")]
    rows: list[list[Cell]] = []
    for section in SECTIONS:
        for line in section.lines:
            values = content["numbers"].get(line.name)
            if values is not None:
                unit = text(*_UNITS.get(line.unit, ("", "")))
                names = [text(section.vi, section.en), text(line.vi, line.en), unit]
                rows.append([*names, *(values[column] for column in COLUMN_NAMES)])
    numbers = Table(_title(report), [*heads, *(text(*names) for names in COLUMN_NAMES.values())], rows, notes)
    return [numbers, *(_dossiers(content, by, notes) for by in BREAKDOWNS)]


def _dossiers(content: dict[str, Any], by: str, notes: list[tuple[str, str]]) -> Table:
    columns = [text("Mã", "Code"), text(*ROW_HEADS[by]), *(text(*names) for names in DOSSIER_COLUMNS.values())]
    rows: list[list[Cell]] = [
        [row["code"], text(*row_name(by, row)), *(row["counts"].get(name, 0) for name in DOSSIER_COLUMNS)]
        for row in content[by]
    ]
    return Table(text(*TABLE_NAMES[by]), columns, rows, notes)


def _notes(report: Report) -> list[tuple[str, str]]:
    return [
        (text("Cơ quan", "Agency"), report.read()["agency_name"]),
        (text("Kỳ báo cáo", "Period"), text(*days_of(period_of_report(report)))),
        (text("Số", "Number"), report.written_number or text("dự thảo", "draft")),
        (text("Phiên bản", "Version"), str(report.version)),
        (text("Số liệu tổng hợp lúc", "Counted at"), written_time(report.counted_at)),
    ]


def _title(report: Report) -> str:
    return text(*title_of(period_of_report(report)))


def _file_name(report: Report) -> str:
    return f"bao-cao-{report.agency}-{report.kind}-{report.period}-{report.version}".replace("_", "-")

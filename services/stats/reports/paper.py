"""A report as the official paper (NĐ 30/2020/NĐ-CP, appendices I and III). It shows the frozen content and counts nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from services.stats.reports.commands import period_of_report
from services.stats.reports.domain import BREAKDOWNS, differences
from services.stats.reports.line import COUNT
from services.stats.reports.lines import DOSSIER_COLUMNS, SECTIONS
from services.stats.reports.store import Report
from services.stats.reports.wording import (
    COLUMN_NAMES,
    ROW_HEADS,
    TABLE_NAMES,
    TITLE,
    days_of,
    difference_names,
    difference_unit,
    note_texts,
    row_name,
    title_of,
    written,
    written_change,
)
from shared.agencies import Agencies
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template, render_pdf
from shared.documents.words import day_in_words, moment_in_words
from shared.runtime.clock import VIETNAM

FORM = Path(__file__).parent / "templates" / "forms" / "report.typ"
DRAFT = "DỰ THẢO"
BASIS = "Nghị định số 118/2025/NĐ-CP; Quyết định số 766/QĐ-TTg"
TABLE_COLUMNS = ("received", "resolved", "early", "on_time", "resolved_late", "in_progress", "in_progress_overdue")
"""Of the tables of dossiers on paper, where there is room for fewer than on a page."""
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def report_pdf(report: Report, replaced: Report | None, agencies: Agencies) -> bytes:
    """A report as PDF; one that is not signed says that it is a draft.

    Args:
        report: any.
        replaced: the published report that it corrects.
        agencies: for the head.
    """
    at = report.signed_at or report.counted_at
    return render_pdf(_template(), _data(report, replaced, agencies), at)


def _data(report: Report, replaced: Report | None, agencies: Agencies) -> dict[str, Any]:
    content, period = report.read(), period_of_report(report)
    day = (report.signed_at or report.counted_at).astimezone(VIETNAM).date()
    return issuer_fields(agencies, report.agency, day) | {
        "title": title_of(period)[0],
        "about": f"{TITLE[0].removeprefix('Báo cáo ').capitalize()} {period.label[0]}",
        "basis": BASIS,
        "days": f"(Số liệu {days_of(period)[0]})",
        "number": report.written_number or "        /",
        "mark": "" if report.signed_at else DRAFT,
        "replaces": "" if replaced is None else _named(replaced),
        "counted": moment_in_words(report.counted_at),
        "columns": ["Chỉ tiêu", *(vi for vi, _ in COLUMN_NAMES.values()), "So với kỳ trước"],
        "sections": _sections(content),
        "tables": [_table(content, by) for by in BREAKDOWNS],
        "changes": [] if replaced is None else _changes(replaced, content),
        "notes": note_texts(content, 0),
        "digest": report.digest,
        "signed": "" if report.signed_at is None else moment_in_words(report.signed_at),
    }


def _sections(content: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for place, section in enumerate(SECTIONS):
        rows = []
        for line in section.lines:
            values = content["numbers"].get(line.name)
            if values is None:
                continue  # a report keeps what it says, though later ones say more
            shown = [written(values[column], line.unit) for column in COLUMN_NAMES]
            change = written_change(values["now"], values["before"], line.unit)
            rows.append({"name": line.vi, "part": line.part, "cells": [*shown, change]})
        found.append({"title": f"{_ROMAN[place]}. {section.vi}", "rows": rows})
    return found


def _table(content: dict[str, Any], by: str) -> dict[str, Any]:
    rows = content[by]
    total = [sum(row["counts"].get(column, 0) for row in rows) for column in TABLE_COLUMNS]
    return {
        "title": TABLE_NAMES[by][0],
        "columns": [ROW_HEADS[by][0], *(DOSSIER_COLUMNS[column][0] for column in TABLE_COLUMNS)],
        "rows": [
            [row_name(by, row)[0], *(written(row["counts"].get(column, 0), COUNT) for column in TABLE_COLUMNS)]
            for row in rows
        ],
        "total": ["Cộng", *(written(value, COUNT) for value in total)] if len(rows) > 1 else [],
    }


def _changes(replaced: Report, content: dict[str, Any]) -> list[list[str]]:
    old = replaced.read()
    return [
        [
            ", ".join(names[0] for names in difference_names(one, content, old)),
            written(one.old, difference_unit(one)),
            written(one.new, difference_unit(one)),
        ]
        for one in differences(old, content)
    ]


def _named(report: Report) -> str:
    at = report.signed_at or report.counted_at
    return f"Báo cáo số {report.written_number} {day_in_words(at.astimezone(VIETNAM).date())}"


@cache
def _template() -> Template:
    return read_template(FORM)

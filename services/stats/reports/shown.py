"""What pages show of a report: its tables, its versions, and how it differs from the one that it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from sqlalchemy import Connection

from services.stats.reports import store
from services.stats.reports.commands import period_of_report
from services.stats.reports.domain import BREAKDOWNS, Difference, ReportState, differences
from services.stats.reports.line import COUNT
from services.stats.reports.lines import DOSSIER_COLUMNS, LINES, SECTIONS
from services.stats.reports.rules import report_rules
from services.stats.reports.store import Report, ReportRow
from services.stats.reports.wording import (
    ACTIONS,
    CHANNEL_NAMES,
    COLUMN_NAMES,
    ROW_HEADS,
    STATES,
    TABLE_NAMES,
    days_of,
    difference_names,
    difference_unit,
    note_texts,
    row_name,
    title_of,
    written,
    written_change,
)
from shared.web.language import language, text

PAGE = 50
MAX_CURSOR = 50
MAX_FILTER = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A changed number as pages show it.

    Attributes:
        row, column: what it is.
        vietnamese: whether its row has a name of its own, which is Vietnamese.
        old, new: what it was and what it is now.
    """

    row: str
    column: str
    vietnamese: bool
    old: str
    new: str


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every number that differs between two contents."""
    return [_change(one, new, old) for one in differences(old, new)]


def view_of(connection: Connection, report: Report) -> dict[str, Any]:
    """What a page shows of a report.

    Args:
        connection: reads.
        report: any version.
    """
    content = report.read()
    replaced = store.find(connection, report.replaces) if report.replaces else None
    others = store.versions(connection, report.agency, report.kind, report.period)
    period = period_of_report(report)
    return {
        "report": report,
        "content": content,
        "title": text(*title_of(period)),
        "days": text(*days_of(period)),
        "replaced": replaced,
        "changes": [] if replaced is None else changes_between(replaced.read(), content),
        "successor": next(
            (one for one in others if one.version > report.version and one.step is ReportState.PUBLISHED), None
        ),
        "versions": others,
        "notes": note_texts(content, 0 if language() == "vi" else 1),
    }


def words() -> dict[str, Any]:
    """What the templates need to name and write what is in a report."""
    return {
        "sections": SECTIONS,
        "lines": LINES,
        "breakdowns": BREAKDOWNS,
        "columns": COLUMN_NAMES,
        "dossier_columns": DOSSIER_COLUMNS,
        "table_names": TABLE_NAMES,
        "row_heads": ROW_HEADS,
        "channel_names": CHANNEL_NAMES,
        "states": STATES,
        "state_options": [(str(state), text(vi, en)) for state, (vi, en, _) in STATES.items()],
        "actions": ACTIONS,
        "kinds": [(kind.id, text(kind.vi, kind.en)) for kind in report_rules().kinds.values()],
        "title_of": lambda row: text(*title_of(period_of_report(row))),
        "period_of": lambda row: text(*period_of_report(row).label),
        "days_of": lambda row: text(*days_of(period_of_report(row))),
        "row_name": lambda table, row: text(*row_name(table, row)),
        "written": lambda value, unit=COUNT: written(value, unit, language()),
        "written_change": lambda now, earlier, unit: written_change(now, earlier, unit, language()),
    }


def asked_kind() -> str:
    """The kind of periods that the address asks for; empty for all."""
    asked = request.args.get("kind", "")
    return asked if asked in report_rules().kinds else ""


def asked_agency() -> str:
    """The agency that the address asks for; empty for all."""
    return request.args.get("agency", "")[:MAX_FILTER]


def asked_place() -> tuple[date, str] | None:
    """After which report the page of a list begins; None for the first page."""
    day, _, id_ = request.args.get("after", "")[:MAX_CURSOR].partition("_")
    try:
        return date.fromisoformat(day), id_[:36]
    except ValueError:
        return None


def place_of(row: ReportRow) -> str:
    """A report as the place after which the next page begins."""
    return f"{row.last.isoformat()}_{row.id}"


def _change(one: Difference, *contents: Mapping[str, Any]) -> Change:
    unit = difference_unit(one)
    row, column = difference_names(one, *contents)
    old, new = (written(value, unit, language()) for value in (one.old, one.new))
    return Change(text(*row), text(*column), one.table in ("agency", "field"), old, new)

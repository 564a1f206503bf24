"""Steps that agencies completed, and warnings about steps and dossiers: what is known of each, from events in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts.domain import day_number, warning_id
from services.stats.facts.once import columns_of, once
from services.stats.facts.rows import Key, Row, Subject
from services.stats.facts.store import steps, warnings
from services.stats.totals import tables
from services.stats.totals.writing import Contribution

Data = Mapping[str, Any]
_SAME = ("dossier", "step")
_MOMENTS = {"step_overdue": "due_at", "step_returned": "returned_at"}
"""Kind of a warning → the field of the time at which it counts, if it is not `warned_at`."""


def completed(row: Row, data: Data) -> Row:
    """An agency completed a step.

    Raises:
        Conflict: it is a step of another dossier.
    """
    return once(steps, row, columns_of(steps, data), "completed_at", _SAME)


def was_in_time(row: Row, data: Data) -> Row:
    """A step had not passed its due time as announced; if it is completed, it was in time, for good.

    Raises:
        Conflict: it is a step of another dossier.
    """
    if data["completed_at"] is None:
        return row
    return {**completed(row, {**data, "on_time": True}), "on_time": True}


def warning_key(kind: str, data: Data) -> Key:
    """The key of the warning that an event brings or withdraws."""
    about = data["dossier"] if kind == "dossier_due_soon" else data["task"]
    return (warning_id(kind, about, data["returned_at"] if kind == "step_returned" else data["due_at"]),)


def warned(row: Row, data: Data, kind: str) -> Row:
    """A step or a dossier was warned of; an overdue step counts at its due time, whenever it was noticed.

    Args:
        row: as it is known.
        data: of the event.
        kind: one of :data:`services.stats.facts.domain.WARNING_KINDS`.

    Raises:
        Conflict: it is a warning about another dossier or step.
    """
    at = data[_MOMENTS.get(kind, "warned_at")]
    given = {"kind": kind, "dossier": data["dossier"], "task": data.get("task"), "step": data.get("step")}
    given |= {"agency": data["agency"], "due_at": data.get("due_at"), "at": at, "withdrawn": False}
    return once(warnings, row, given, "at", _SAME)


def unwarned(row: Row, data: Data) -> Row:
    """A step had not passed its due time as announced, because its day was off.

    Raises:
        Conflict: it is a warning about another dossier or step.
    """
    return {**warned(row, data, "step_overdue"), "withdrawn": True}


def _step(row: Row) -> list[Contribution]:
    """Only steps whose time counts are counted."""
    if not row["counted"]:
        return []
    day = day_number(row["completed_at"])
    counted: list[Contribution] = [(day, ("step", row["agency"]), "number", 1)]
    return counted if row["on_time"] else [*counted, (day, ("step_late", row["agency"]), "number", 1)]


def _warning(row: Row) -> list[Contribution]:
    return [] if row["withdrawn"] else [(day_number(row["at"]), (), row["kind"], 1)]


STEPS = Subject(steps, tables.EVENTS, _step, dossier_column="dossier")
WARNINGS = Subject(warnings, tables.ACTIVITIES, _warning, dossier_column="dossier")

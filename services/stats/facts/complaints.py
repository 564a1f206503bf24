"""Complaints: one row for each thing that happened to one, so that their order does not matter; and surveys that have ended.

What was recorded first stays; the same again, perhaps after rating was restored from a backup, is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts.domain import day_number
from services.stats.facts.once import columns_of, once
from services.stats.facts.rows import Key, Row, Subject
from services.stats.facts.store import complaint_events, surveys
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.writing import Contribution

Data = Mapping[str, Any]
MOMENTS = {
    "lodged": "lodged_at",
    "assigned": "assigned_at",
    "more_requested": "requested_at",
    "rejected": "rejected_at",
    "answered": "answered_at",
    "published": "published_at",
    "reopened": "reopened_at",
    "withdrawn": "withdrawn_at",
    "due_soon": "warned_at",
    "overdue": "overdue_at",
}
"""What happens to complaints → the field of its moment."""


def complaint_key(happened: str, data: Data) -> Key:
    """The key of what happened to a complaint."""
    deadline, escalation = data.get("deadline", ""), data.get("escalation", 0)
    return (data["complaint"], happened, data[MOMENTS[happened]], deadline, escalation)


def happened(row: Row, data: Data) -> Row:
    """Something happened to a complaint.

    Raises:
        Conflict: the complaint is known with another kind or channel at that moment.
    """
    names = {str(column.name) for column in complaint_events.columns if not column.primary_key} & data.keys()
    about = {name: data[name] for name in names} | {"repeated": False}
    return once(complaint_events, row, about, "kind", ("kind", "channel"))


def repeated(row: Row) -> Row:
    """The same has happened to the complaint at another time too."""
    return {**row, "repeated": True}


def survey_closed(row: Row, data: Data) -> Row:
    """A survey has ended.

    Raises:
        Conflict: it is known with another result.
    """
    same = ("agency", "invited", "responses", "index_per_mille")
    return once(surveys, row, columns_of(surveys, data), "closed_at", same)


def _complaint(row: Row) -> list[Contribution]:
    """What happened once. A complaint counts once in a period, so what happened several times to one is no sum over days."""
    if row["repeated"]:
        return []
    what = row["happened"]
    kinds = [("complaint", what)]
    if what == "lodged":
        kinds.append(("complaint_channel", row["channel"]))
    if what == "answered":
        kinds.append(("complaint_answered_by", row["agency"]))
        kinds += [("complaint", "answered_on_time")] if row["on_time"] is not False else []
    return [(day_number(row["at"]), kind, "number", 1) for kind in kinds]


def _place_of_complaint(row: Row, _: Place) -> Place:
    return Place(row["agency"], "", row["field"] or "", row["procedure"] or "", "")


def _survey(row: Row) -> list[Contribution]:
    counted = {"closed": 1, "invited": row["invited"], "responses": row["responses"]}
    return [(day_number(row["closed_at"]), ("survey", part), "number", number) for part, number in counted.items()]


def _place_of_survey(row: Row, _: Place) -> Place:
    return Place(row["agency"] or "", "", "", "", "")


COMPLAINTS = Subject(complaint_events, tables.EVENTS, _complaint, _place_of_complaint)
SURVEYS = Subject(surveys, tables.EVENTS, _survey, _place_of_survey)

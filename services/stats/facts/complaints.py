"""The writers of facts about complaints: one row for each thing that happened to one, so that their order does not matter.

What was recorded first stays; the same again, perhaps after rating was restored from a backup, is known.
"""

from __future__ import annotations

from services.stats.facts.store import complaint_events, surveys
from shared.messaging.event import Event
from shared.messaging.records import add_once
from shared.persistence.unit_of_work import UnitOfWork

_ABOUT = ("complaint", "agency", "kind", "channel", "field", "procedure")
_MOMENTS = {
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


def record_complaint_event(event: Event, work: UnitOfWork) -> None:
    """Something happened to a complaint.

    Raises:
        Conflict: the complaint is known with another kind or channel at that moment.
    """
    data, happened = event.data, event.name.removeprefix("complaint.")
    row = {name: data[name] for name in _ABOUT} | {"happened": happened, "at": data[_MOMENTS[happened]]}
    row |= {"deadline": data.get("deadline", ""), "escalation": data.get("escalation", 0)}
    row |= {"due_at": data.get("due_at"), "on_time": data.get("on_time")}
    add_once(work.connection, complaint_events, row, same=("kind", "channel"))


def record_survey_closed(event: Event, work: UnitOfWork) -> None:
    """A survey has ended.

    Raises:
        Conflict: it is known with another result.
    """
    add_once(work.connection, surveys, event.data, same=("agency", "invited", "responses", "index_per_mille"))

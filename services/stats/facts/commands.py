"""The writers of facts. Each event changes only what it says, as `changes.py` tells, and waits for no other event.

What was recorded first stays. An event that says something else of the same record raises a Conflict; but routing, restored from a backup,
has its steps decided again, so that times and officials' choices on the way may differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.stats.facts import complaints, ratings
from services.stats.facts.changes import CHANGES, Change
from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.rows import Row
from services.stats.facts.subjects import facts_of
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def record_fact(event: Event, work: UnitOfWork) -> None:
    """Changes the rows that the event is about.

    Raises:
        Conflict: it contradicts what is known.
    """
    facts, data = facts_of(work), event.data
    for change in CHANGES[event.name]:
        facts.change(change.subject, change.key_of(data), partial(_merged, change, data), data.get("dossier"))


def _merged(change: Change, data: Mapping[str, Any], row: Row) -> Row:
    return change.merge(row, data)


def record_rating(event: Event, work: UnitOfWork) -> None:
    """A rating was given or corrected: it changes, and what its dossier was rated with.

    Raises:
        Conflict: another rating of this id is known.
    """
    facts, (change,) = facts_of(work), CHANGES[event.name]
    rating = facts.change(change.subject, change.key_of(event.data), partial(_merged, change, event.data))
    if rating["dossier"] is not None and rating["given_at"] is not None:
        facts.change(DOSSIERS, (rating["dossier"],), lambda row: ratings.of_dossier(row, rating))


def record_complaint(event: Event, work: UnitOfWork) -> None:
    """Something happened to a complaint. If the same happened to it before, all these rows are marked: they are counted together.

    Raises:
        Conflict: the complaint is known with another kind or channel at that moment.
    """
    facts, data = facts_of(work), event.data
    happened, code = event.name.removeprefix("complaint."), data["complaint"]
    key = complaints.complaint_key(happened, data)
    facts.change(complaints.COMPLAINTS, key, lambda row: complaints.happened(row, data), code)
    alike = facts.beginning(complaints.COMPLAINTS, code, happened)
    if len(alike) > 1:
        for one in alike:
            facts.change(complaints.COMPLAINTS, one, complaints.repeated, code)

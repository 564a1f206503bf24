"""How dossiers stand, as SMS tell it: a read model of the events that notify gets anyway, right whatever their order.

Of the look-up secret only a keyed hash is known, which comes with the encrypted contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    SmallInteger,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
)

from services.notify.database import metadata
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.sql import Moment, Upsert
from shared.persistence.unit_of_work import UnitOfWork

statuses = Table(
    "dossier_status",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("stage", String(20)),  # None: only the secret is known yet
    Column("rank", SmallInteger),
    Column("at", Moment),  # when the stage began
    Column("agency", String(100), nullable=False),  # the receiving one
    Column("due_at", Moment),
    Column("due_set_at", Moment),
    Column("lookup_hash", String(100), nullable=False),
    Column("lookup_hash_at", Moment),
)
_C = statuses.c
_NOTHING_SAID = {column.name: None for column in _C} | {"agency": "", "lookup_hash": ""}


def _note(row: Any) -> Any:
    """Of each group of columns the later one is kept; where an event says nothing of a group, no comparison with it is true."""
    new = row.excluded
    later = or_(_C.rank.is_(None), _C.rank < new.rank, and_(_C.rank == new.rank, _C.at <= new.at))
    kept: dict[str, object] = {name: case((later, new[name]), else_=_C[name]) for name in ("stage", "rank", "at")}
    for name, since in (("due_at", "due_set_at"), ("lookup_hash", "lookup_hash_at")):
        newer = or_(_C[since].is_(None), _C[since] <= new[since])
        kept |= {one: case((newer, new[one]), else_=_C[one]) for one in (name, since)}
    kept["agency"] = func.coalesce(func.nullif(new.agency, ""), _C.agency)
    return row.on_conflict_do_update(index_elements=[_C.dossier], set_=kept)


_NOTE = Upsert(statuses, _note)
_OF_DOSSIER = _C.dossier == bindparam("of_dossier")
_FIND = select(_C.stage, _C.agency, _C.due_at, _C.lookup_hash).where(_OF_DOSSIER)
_FORGET = delete(statuses).where(_OF_DOSSIER)


class Stage(StrEnum):
    """How a dossier stands; each has a text among the templates of `sms_reply`."""

    FILED = "filed"
    INCOMPLETE = "incomplete"
    PROCESSING = "processing"
    SUPPLEMENT = "supplement"
    PAYMENT = "payment"
    RESOLVED = "resolved"
    RETURNED = "returned"
    STOPPED = "stopped"
    REFUSED = "refused"
    CLOSED = "closed"


RANKS = {Stage.FILED: 0, Stage.INCOMPLETE: 0, Stage.PROCESSING: 1, Stage.SUPPLEMENT: 1, Stage.PAYMENT: 1} | {
    Stage.RESOLVED: 2,
    **dict.fromkeys((Stage.RETURNED, Stage.STOPPED, Stage.REFUSED, Stage.CLOSED), 3),
}
"""A lower rank never replaces a higher one; among equals the later moment decides."""

STAGES: Mapping[str, tuple[Stage, str]] = {
    "dossier.filed": (Stage.FILED, "filed_at"),
    "application.supplement_requested": (Stage.INCOMPLETE, "requested_at"),
    "application.supplemented": (Stage.FILED, "supplemented_at"),
    "application.closed": (Stage.CLOSED, "closed_at"),
    "dossier.refused": (Stage.REFUSED, "refused_at"),
    "dossier.received": (Stage.PROCESSING, "received_at"),
    "supplement.requested": (Stage.SUPPLEMENT, "requested_at"),
    "obligation.requested": (Stage.PAYMENT, "requested_at"),
    "dossier.resumed": (Stage.PROCESSING, "resumed_at"),
    "dossier.resolved": (Stage.RESOLVED, "resolved_at"),
    "dossier.returned": (Stage.RETURNED, "returned_at"),
    "dossier.stopped": (Stage.STOPPED, "stopped_at"),
}
"""Event → the stage that it begins, and the field with its moment."""
DUE_TIMES: Mapping[str, tuple[str, str]] = {
    "dossier.received": ("promised_at", "received_at"),
    "dossier.resumed": ("due_at", "resumed_at"),
    "dossier.extended": ("due_at", "extended_at"),
    "dossier.deadline_moved": ("moved_to", "moved_at"),
}
"""Event → the fields with the time by which the result is promised, and when that was said."""
SECRETS = frozenset({"applicant.registered", "applicant.corrected"})
NOTED = STAGES.keys() | DUE_TIMES.keys() | SECRETS


@dataclass(frozen=True, slots=True)
class Status:
    """How a dossier stands.

    Attributes:
        stage: None while no event has said it.
        agency: the receiving one; may be empty.
        due_at: when the result is promised; None without that.
        lookup_hash: the stored form of its secret (:func:`shared.runtime.lookup_secret.hash_secret`); empty if unknown.
    """

    stage: Stage | None
    agency: str
    due_at: datetime | None
    lookup_hash: str


def noting(name: str, handler: Handler | None = None) -> Handler:
    """A handler that brings the read model up to date before it does what it did.

    Args:
        name: of the event.
        handler: what else is done with the event.
    """

    def handle(event: Event, work: UnitOfWork) -> None:
        note_event(name, event, work)
        if handler is not None:
            handler(event, work)

    return handle


def note_event(name: str, event: Event, work: UnitOfWork) -> None:
    """Brings the read model up to date with an event when the transaction ends; late and doubled ones change nothing."""
    if said := _said(name, event):
        work.defer(_NOTE.on(work.connection), _NOTHING_SAID | said | {"dossier": event.data["dossier"]})


def _said(name: str, event: Event) -> dict[str, Any]:
    """The columns of which an event tells something."""
    data, said = event.data, dict[str, Any]()
    if name in SECRETS and data["lookup_hash"]:
        said |= {"lookup_hash": data["lookup_hash"], "lookup_hash_at": event.time}
    if name in STAGES:
        stage, field = STAGES[name]
        at_once = data.get("finished_at") is not None or data.get("handed_over", False)
        reached = Stage.RETURNED if at_once else stage
        said |= {"stage": reached, "rank": RANKS[reached], "at": data[field]}
        said |= {"agency": data.get("receiving_agency", "")}
    if name in DUE_TIMES and data.get("deadline", "result") == "result":
        value, since = DUE_TIMES[name]
        said |= {"due_at": data[value], "due_set_at": data[since]}
    return said


def status_of(connection: Connection, dossier: str) -> Status | None:
    """How a dossier stands; None if notify knows nothing of it."""
    row = connection.execute(_FIND, {"of_dossier": dossier}).first()
    return None if row is None else Status(Stage(row[0]) if row[0] else None, *row[1:])


def forget_status(work: UnitOfWork, dossier: str) -> None:
    """Forgets a dossier whose data are erased: its secret opens nothing here any more."""
    work.execute(_FORGET, {"of_dossier": dossier})  # after what was noted of it in this transaction

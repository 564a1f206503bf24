"""The table of steps that were sent to agencies' own software, and its statements."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, String, Table, Text, bindparam, func, select, text, tuple_, update

from services.routing.database import metadata
from services.routing.domain.agency_sending import SentStep
from services.routing.store.due_checks import DueCheck
from shared.persistence.sql import Moment, Upsert
from shared.persistence.unit_of_work import UnitOfWork

_UNANSWERED = text("send_again_at IS NOT NULL")

sent_steps = Table(
    "sent_step",
    metadata,
    Column("task", String(36), primary_key=True),
    Column("agency", String(50), nullable=False),
    Column("note", Text, nullable=False),
    Column("first_sent_at", Moment, nullable=False),  # of the present round
    Column("sent_at", Moment, nullable=False),
    Column("events", Text, nullable=False),  # JSON list: ids of the events of the present round
    Column("send_again_at", Moment),  # null: it was answered, or sent often enough
    Column("answered_at", Moment),
    Column("answer", String(64)),  # digest of the decision of the present round
    Column("earlier_answer", String(64)),
    Index("ix_sent_step_send_again", "send_again_at", "task", sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED),
    Index("ix_sent_step_answered", "agency", "answered_at"),
)

_C = sent_steps.c
_BY_TASK = select(sent_steps).where(_C.task == bindparam("of_task"))


def _new_round(row: Any) -> Any:
    kept = ("agency", "note", "first_sent_at", "sent_at", "events", "send_again_at")
    anew = {name: row.excluded[name] for name in kept}
    earlier = func.coalesce(_C.answer, _C.earlier_answer)
    return row.on_conflict_do_update(
        index_elements=[_C.task], set_={**anew, "answered_at": None, "answer": None, "earlier_answer": earlier}
    )


_NEW_ROUND = Upsert(sent_steps, _new_round)
_SENT_AGAIN = (
    update(sent_steps)
    .where(_C.task == bindparam("of_task"))
    .values(sent_at=bindparam("at"), events=bindparam("ids"), send_again_at=bindparam("again_at"))
)
_ANSWERED = (
    update(sent_steps)
    .where(_C.task == bindparam("of_task"))
    .values(
        answered_at=bindparam("at"),
        answer=func.coalesce(bindparam("decided", type_=String), _C.answer),
        send_again_at=None,
    )
)
_END = update(sent_steps).where(_C.task == bindparam("of_task")).values(send_again_at=None)


def find(connection: Connection, task: str) -> SentStep | None:
    """A step as it was sent; None if it was not."""
    row = connection.execute(_BY_TASK, {"of_task": task}).mappings().first()
    return None if row is None else SentStep(**{**row, "events": tuple(json.loads(row["events"]))})


def begin_round(work: UnitOfWork, sent: SentStep) -> None:
    """Writes a step that is sent in a new round; deferred to the commit."""
    work.defer(_NEW_ROUND.on(work.connection), {**asdict(sent), "events": json.dumps(sent.events)})


def write_sent_again(work: UnitOfWork, sent: SentStep) -> None:
    """Writes that a step was sent once more in its round."""
    values = {
        "of_task": sent.task,
        "at": sent.sent_at,
        "ids": json.dumps(sent.events),
        "again_at": sent.send_again_at,
    }
    work.connection.execute(_SENT_AGAIN, values)


def answered(connection: Connection, task: str, at: datetime, answer: str | None) -> None:
    """Writes that the agency has answered a step: `answer` is its decision as a digest, None if it accepts it."""
    connection.execute(_ANSWERED, {"of_task": task, "at": at, "decided": answer})


def end(connection: Connection, task: str) -> None:
    """A step is not sent again by itself any more."""
    connection.execute(_END, {"of_task": task})


def due_to_send_again(connection: Connection, now: datetime, after: DueCheck | None, limit: int) -> list[DueCheck]:
    """One page of the steps that are to be sent again, after the last row of the page before."""
    due = select(_C.send_again_at, _C.task).where(_C.send_again_at.is_not(None), _C.send_again_at <= now)
    if after is not None:
        due = due.where(tuple_(_C.send_again_at, _C.task) > (after.next_check_at, after.key))
    return [DueCheck(*row) for row in connection.execute(due.order_by(_C.send_again_at, _C.task).limit(limit))]

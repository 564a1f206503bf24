"""The table of supplement requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, String, Table, bindparam, select, update

from services.intake.database import metadata
from services.intake.supplements.domain import SupplementRequest
from shared.persistence.personal_data import PersonalText, PersonalValue, personal_values
from shared.persistence.sql import Moment

supplement_requests = Table(
    "supplement_request",  # papers that an agency requests from the citizen, through the desk (NĐ 118/2025, article 19.5)
    metadata,
    Column("task", String(100), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("agency", String(50), nullable=False),
    Column("reason", PersonalText("supplement_request.reason", row="dossier"), nullable=False),
    Column("papers", PersonalText("supplement_request.papers", row="dossier"), nullable=False),  # JSON: texts
    Column("requested_at", Moment, nullable=False),
    Column("until", Moment),  # NULL: the regulation sets no end of the wait
    Column("first_until", Moment),  # as requested; `until` moves when its day is declared off
    Column("supplemented_at", Moment),
    Column("note", PersonalText("supplement_request.note", row="dossier")),
    Column("received_by", String(200)),
)

_C = supplement_requests.c
_ADD = supplement_requests.insert()
_OF_TASK = select(supplement_requests).where(_C.task == bindparam("of_task"))
_REQUESTS = select(supplement_requests).where(_C.dossier == bindparam("of_code")).order_by(_C.requested_at, _C.task)
_CLOSE = (
    update(supplement_requests)
    .where(_C.dossier == bindparam("of_code"), _C.supplemented_at.is_(None))
    .values(supplemented_at=bindparam("at"), note=bindparam("remark"), received_by=bindparam("clerk"))
)
_MOVE_END = (
    update(supplement_requests)
    .where(_C.dossier == bindparam("of_code"), _C.until == bindparam("was_at"))
    .values(until=bindparam("moved_to"))
)
_CLOSE_UNTIL = _CLOSE.where(_C.requested_at <= bindparam("at"))


def add_request(connection: Connection, values: Mapping[str, Any]) -> None:
    """Records a new request."""
    connection.execute(_ADD, personal_values(supplement_requests, values))


def find_request(connection: Connection, task: str) -> SupplementRequest | None:
    """The request of a step, if there is one."""
    row = connection.execute(_OF_TASK, {"of_task": task}).first()
    return SupplementRequest(*row) if row else None


def requests_of(connection: Connection, dossier: str) -> list[SupplementRequest]:
    """A dossier's requests in order of time."""
    return [SupplementRequest(*row) for row in connection.execute(_REQUESTS, {"of_code": dossier})]


def move_end(connection: Connection, dossier: str, was_at: datetime, moved_to: datetime) -> None:
    """Moves the end of the wait of the requests that ended at `was_at`."""
    connection.execute(_MOVE_END, {"of_code": dossier, "was_at": was_at, "moved_to": moved_to})


def close_requests(connection: Connection, dossier: str, at: datetime, note: str | None, clerk: str | None) -> None:
    """Marks all open requests as handed in, at the desk or online.

    Args:
        connection: inside a transaction that has locked the dossier.
        dossier: its code.
        at: business time.
        note: the clerk's remark.
        clerk: who took the papers; None online.
    """
    remark = None if note is None else PersonalValue(note, dossier)
    connection.execute(_CLOSE, {"of_code": dossier, "at": at, "remark": remark, "clerk": clerk})


def close_requests_until(connection: Connection, dossier: str, at: datetime) -> int:
    """Marks the requests made up to a moment as handed in, as routing reports; returns how many were open."""
    values = {"of_code": dossier, "at": at, "remark": None, "clerk": None}
    return connection.execute(_CLOSE_UNTIL, values).rowcount

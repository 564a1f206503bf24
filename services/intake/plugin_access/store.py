"""The table of step grants: to which agency a step is assigned, and until when.

Events may be late or come twice: each statement compares times itself, so that the newest event counts in any order of arrival.
At the same moment the end counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Select, String, Table, and_, bindparam, or_, select, text, update

from services.intake.database import metadata
from services.intake.plugin_access.domain import StepGrant
from shared.messaging.records import require_same
from shared.persistence.sql import Moment, Upsert
from shared.persistence.unit_of_work import UnitOfWork

_OPEN = text("revoked_at IS NULL")

step_grants = Table(
    "step_grant",  # only while a step is an agency's may its officials and its software read the dossier
    metadata,
    Column("task", String(100), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("agency", String(50), nullable=False),
    Column("granted_at", Moment),  # NULL: the end of the step became known first
    Column("revoked_at", Moment),  # NULL: the step is still the agency's
    Index("ix_step_grant_open", "agency", "dossier", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

_C = step_grants.c
_BY_TASK = select(step_grants).where(_C.task == bindparam("of_task"))
_HOLDERS = select(_C.agency).where(
    _C.dossier == bindparam("of_dossier"), _C.granted_at.is_not(None), _C.revoked_at.is_(None)
)
_EARLIER = select(_C.agency).where(_C.dossier == bindparam("of_dossier"), _C.granted_at.is_not(None))
_REVOKE_ALL = (
    update(step_grants)
    .where(_C.dossier == bindparam("of_dossier"), _C.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_RESTORE = (
    update(step_grants)
    .where(_C.task == bindparam("of_task"), _C.revoked_at == bindparam("suspended_at"))
    .values(granted_at=bindparam("at"), revoked_at=None)
)


def _grant(row: Any) -> Any:
    new = row.excluded
    return row.on_conflict_do_update(
        index_elements=[_C.task],
        set_={"agency": new.agency, "granted_at": new.granted_at, "revoked_at": None},
        where=and_(
            _C.dossier == new.dossier,
            or_(_C.granted_at.is_(None), _C.granted_at < new.granted_at),
            or_(_C.revoked_at.is_(None), _C.revoked_at < new.granted_at),
        ),
    ).returning(_C.task)


def _revoke(row: Any) -> Any:
    new = row.excluded
    return row.on_conflict_do_update(
        index_elements=[_C.task],
        set_={"revoked_at": new.revoked_at},
        where=and_(
            _C.dossier == new.dossier,
            or_(_C.granted_at.is_(None), _C.granted_at <= new.revoked_at),
            or_(_C.revoked_at.is_(None), _C.revoked_at < new.revoked_at),
        ),
    ).returning(_C.task)


_GRANT = Upsert(step_grants, _grant)
_REVOKE = Upsert(step_grants, _revoke)


def find(connection: Connection, task: str) -> StepGrant | None:
    """The grant of a step; None when nothing is known of the step."""
    row = connection.execute(_BY_TASK, {"of_task": task}).first()
    return None if row is None else StepGrant(*row)


def holders_of(connection: Connection, dossier: str) -> frozenset[str]:
    """The agencies that have an open step of a dossier."""
    return frozenset(connection.execute(_HOLDERS, {"of_dossier": dossier}).scalars())


def earlier_holders_of(connection: Connection, dossier: str) -> frozenset[str]:
    """The agencies that had a step of a dossier."""
    return frozenset(connection.execute(_EARLIER, {"of_dossier": dossier}).scalars())


def dossiers_held_by(agencies: Collection[str]) -> Select[tuple[str]]:
    """The codes of the dossiers of which one of these agencies has an open step, for a condition of another query."""
    return select(_C.dossier).where(
        _C.agency.in_(sorted(agencies)), _C.granted_at.is_not(None), _C.revoked_at.is_(None)
    )


def grant(connection: Connection, dossier: str, task: str, agency: str, at: datetime) -> None:
    """Grants access from the moment at which a step was assigned; ignored if the step ended then or later.

    Raises:
        shared.messaging.errors.Conflict: it is a step of another dossier.
    """
    values = {"task": task, "dossier": dossier, "agency": agency, "granted_at": at}
    _write(connection, _GRANT, values)


def revoke(connection: Connection, dossier: str, task: str, agency: str, at: datetime) -> None:
    """Ends the access to a step; ignored if the step was assigned again after that moment.

    Raises:
        shared.messaging.errors.Conflict: it is a step of another dossier.
    """
    values = {"task": task, "dossier": dossier, "agency": agency, "revoked_at": at}
    _write(connection, _REVOKE, values)


def _write(connection: Connection, statement: Upsert, values: Mapping[str, Any]) -> None:
    if connection.execute(statement.on(connection), values).first() is None:
        known = find(connection, values["task"])  # with a newer event, or as a step of another dossier
        if known is not None:
            require_same(f"step {known.task}", {"dossier": known.dossier}, {"dossier": values["dossier"]})


def revoke_all(work: UnitOfWork, dossier: str, at: datetime) -> None:
    """Ends the access to every open step of a dossier, since the dossier is over; deferred to the commit."""
    work.defer(_REVOKE_ALL, {"of_dossier": dossier, "at": at})


def restore(connection: Connection, task: str, suspended_at: datetime, at: datetime) -> None:
    """Grants access again after a supplement; ignored if the step has ended for another reason since.

    Args:
        connection: inside a transaction.
        task: the step's identifier.
        suspended_at: when the supplement was requested.
        at: from when on the step is the agency's again.
    """
    connection.execute(_RESTORE, {"of_task": task, "suspended_at": suspended_at, "at": at})

"""Locks dossiers for handlers of events: how far they are, read for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from services.intake.dossiers.domain import Progress, State
from services.intake.dossiers.store import dossiers
from shared.messaging.errors import NotYet
from shared.persistence.sql import WithList
from shared.persistence.unit_of_work import UnitOfWork

_C = dossiers.c
_COLUMNS = select(*(_C[name] for name in Progress.__slots__)).with_for_update()
_ONE = _COLUMNS.where(_C.code == bindparam("of_code"))
# sorted, so that two transactions do not wait for each other
_MANY = WithList(lambda among: _COLUMNS.where(among(_C.code, "codes")).order_by(_C.code))


def lock_ahead(work: UnitOfWork, codes: Sequence[str]) -> None:
    """Locks the dossiers of a batch of events in one statement; the first :func:`lock_for_event` of each finds it read.

    Args:
        work: the transaction.
        codes: of dossiers; those that are not known are left out.
    """
    rows = work.connection.execute(_MANY.on(work.connection), {"codes": list(codes)})
    work.attached(_locked_ahead).update({row[0]: _progress(row) for row in rows})


def lock_for_event(work: UnitOfWork, code: str) -> Progress:
    """How far a dossier is, with the dossier locked, for event handlers.

    Raises:
        NotYet: the dossier is not here yet, for instance because a backup was restored. The event is tried again later.
    """
    ahead = work.attached(_locked_ahead).pop(code, None)  # once: the handler may change what was read
    if ahead is not None:
        return ahead
    row = work.connection.execute(_ONE, {"of_code": code}).first()
    if row is None:
        raise NotYet(f"dossier {code} is not known here")
    return _progress(row)


def _locked_ahead(_work: UnitOfWork) -> dict[str, Progress]:
    return {}


def _progress(row: Any) -> Progress:
    return Progress(row[0], State(row[1]), *row[2:])

"""Which dossiers are to be erased, which are held, and what was erased: codes and times alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, String, Table, delete, exists, func, select, update

from services.intake.applications.domain import Status
from services.intake.applications.store import applications
from services.intake.co_signing.store import consents
from services.intake.corrections.store import corrections
from services.intake.data_exports.store import erase_dossier as erase_from_exports
from services.intake.database import metadata
from services.intake.documents.store import erase_contents
from services.intake.dossiers.domain import State
from services.intake.dossiers.store import dossiers
from services.intake.filing.domain.parties import NOBODY
from services.intake.foreign_access.store import foreign_accesses
from services.intake.online_supplements.store import supplements
from services.intake.payments.refunds.store import refunds
from services.intake.payments.store import payments
from services.intake.payments.waivers.store import ids_of as waiver_ids
from services.intake.payments.waivers.store import waivers
from services.intake.results.one_time_code import codes as one_time_codes
from services.intake.results.store import hand_overs, result_files
from services.intake.supplements.store import supplement_requests
from services.intake.uploads import store as uploads
from shared.persistence.personal_data import PersonalText, personal_columns, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

erasures = Table(
    "erasure",
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("erased_at", Moment, nullable=False),
    Index("ix_erasure_erased_at", "erased_at"),
)

legal_holds = Table(
    "legal_hold",  # a dossier whose data are needed for a complaint, a court or an inspection: it is not erased
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("reason", PersonalText("legal_hold.reason", row="dossier"), nullable=False),
    Column("held_at", Moment, nullable=False),
    Column("held_by", String(200), nullable=False),
)

FINAL = sorted(int(state) for state in State if state.final)
ENDED = sorted(map(str, (Status.REFUSED, Status.WITHDRAWN, Status.CLOSED)))
LISTS = ("papers", "supplement_papers", "originals")
"""Columns that hold a JSON list."""
_OF_A_DOSSIER = (supplement_requests, hand_overs, payments, refunds, waivers, foreign_accesses)
_D, _A = dossiers.c, applications.c


def ended_dossiers(connection: Connection, before: datetime, most: int) -> list[str]:
    """Codes of dossiers that ended before a moment, are not held, have no originals in custody, and are not yet erased."""
    ended = func.coalesce(_D.returned_at, _D.stopped_at, _D.withdrawn_at, type_=Moment())
    found = select(_D.code).where(_D.state.in_(FINAL), ended < before, _D.originals_kept == 0, _untouched(_D.code))
    return list(connection.execute(found.order_by(_D.code).limit(most)).scalars())


def ended_applications(connection: Connection, before: datetime, most: int) -> list[str]:
    """Codes of applications that ended before a moment without being received, are not held, and not yet erased."""
    ended = _A.status.in_(ENDED) & (_A.decided_at < before)
    found = select(_A.code).where(ended, _untouched(_A.code)).order_by(_A.code).limit(most)
    return list(connection.execute(found).scalars())


def claim(work: UnitOfWork, code: str) -> bool:
    """Records that a dossier is erased; False if it was before, or is held since it was looked for."""
    held = work.execute(select(legal_holds.c.dossier).where(legal_holds.c.dossier == code)).first()
    if held is not None:
        return False
    row = work.insert(erasures).values(dossier=code, erased_at=work.now).on_conflict_do_nothing()
    return work.execute(row.returning(erasures.c.dossier)).first() is not None


def erase(work: UnitOfWork, code: str) -> None:
    """Erases all personal data of a dossier and of the application that it came from."""
    row = work.execute(select(_D.record_id).where(_D.code == code)).scalar()
    if row is not None:
        work.execute(update(dossiers).where(_D.code == code).values(_blank(dossiers, row)))
    submission = work.execute(select(_A.submission).where(_A.code == code)).scalar()
    if submission is not None:
        blank = _blank(applications, submission, parties=orjson.dumps(NOBODY.as_dict()).decode(), papers="[]")
        work.execute(update(applications).where(_A.code == code).values(blank))
        uploads.discard(work, submission)
        work.execute(delete(consents).where(consents.c.draft == submission))
    for file in work.execute(select(result_files.c.file).where(result_files.c.dossier == code)).scalars().all():
        uploads.discard(work, file)
    work.execute(delete(result_files).where(result_files.c.dossier == code))
    for supplement in work.execute(select(supplements.c.id).where(supplements.c.code == code)).scalars().all():
        uploads.discard(work, supplement)
        work.execute(delete(supplements).where(supplements.c.id == supplement))
    for waiver in waiver_ids(work.connection, code):
        uploads.discard(work, waiver)
    for table in _OF_A_DOSSIER:
        work.execute(update(table).where(table.c.dossier == code).values(_blank(table, code)))
    work.execute(delete(corrections).where(corrections.c.dossier == code))
    work.execute(delete(one_time_codes).where(one_time_codes.c.dossier == code))
    erase_contents(work.connection, code)
    erase_from_exports(work, code)


def erased_at(connection: Connection, code: str) -> datetime | None:
    """When the personal data of a dossier were erased; None while they are there."""
    moment: datetime | None = connection.execute(
        select(erasures.c.erased_at).where(erasures.c.dossier == code)
    ).scalar()
    return moment


def hold(work: UnitOfWork, code: str, reason: str, by: str) -> None:
    """Keeps a dossier from being erased."""
    values = personal_values(legal_holds, {"dossier": code, "reason": reason, "held_at": work.now, "held_by": by})
    new = work.insert(legal_holds).values(values)
    work.execute(new.on_conflict_do_nothing())


def release(work: UnitOfWork, code: str) -> None:
    """Lets a dossier be erased when its time is over."""
    work.execute(delete(legal_holds).where(legal_holds.c.dossier == code))


def _untouched(code: Any) -> Any:
    erased = exists().where(erasures.c.dossier == code)
    held = exists().where(legal_holds.c.dossier == code)
    return ~erased & ~held


def _blank(table: Table, row: str, **instead: str) -> Mapping[str, Any]:
    """All personal columns of a table without their texts."""
    empty = {
        name: None if table.c[name].nullable else "[]" if name in LISTS else ""
        for name in personal_columns(table).texts
    }
    return personal_values(table, empty | instead, row)

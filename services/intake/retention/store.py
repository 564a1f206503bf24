"""Which dossiers are to be erased, which are held, and what was erased: codes and times alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    String,
    Table,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from services.intake.applications.domain import Status
from services.intake.applications.store import applications
from services.intake.co_signing.store import consents
from services.intake.conversations.store import erase as erase_conversation
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
from services.intake.retention.domain import LegalHold
from services.intake.supplements.store import supplement_requests
from services.intake.uploads.store import rows as uploads
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
    "legal_hold",  # dossiers whose data are needed for a complaint, a court or an inspection, and those that were
    metadata,
    Column("id", String(32), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("reason", PersonalText("legal_hold.reason", row="dossier"), nullable=False),
    Column("held_at", Moment, nullable=False),
    Column("held_by", String(200), nullable=False),
    Column("until", Moment),
    Column("ended_at", Moment),
    Column("ended_by", String(200), nullable=False),
    Index("ix_legal_hold_dossier", "dossier"),
    Index("ix_legal_hold_agency", "agency", "held_at"),
)

FINAL = sorted(int(state) for state in State if state.final)
ENDED = sorted(map(str, (Status.REFUSED, Status.WITHDRAWN, Status.CLOSED)))
LISTS = ("papers", "supplement_papers", "originals")
"""Columns that hold a JSON list."""
_OF_A_DOSSIER = (supplement_requests, hand_overs, payments, refunds, waivers, foreign_accesses, legal_holds)
_D, _A, _H = dossiers.c, applications.c, legal_holds.c


def ended_dossiers(connection: Connection, before: datetime, now: datetime, most: int) -> list[str]:
    """Codes of dossiers that ended before a moment, are not held, have no originals in custody, and are not yet erased."""
    ended = func.coalesce(_D.returned_at, _D.stopped_at, _D.withdrawn_at, type_=Moment())
    found = select(_D.code).where(_D.state.in_(FINAL), ended < before, _D.originals_kept == 0, _untouched(_D.code, now))
    return list(connection.execute(found.order_by(_D.code).limit(most)).scalars())


def ended_applications(connection: Connection, before: datetime, now: datetime, most: int) -> list[str]:
    """Codes of applications that ended before a moment without being received, are not held, and not yet erased."""
    ended = _A.status.in_(ENDED) & (_A.decided_at < before)
    found = select(_A.code).where(ended, _untouched(_A.code, now)).order_by(_A.code).limit(most)
    return list(connection.execute(found).scalars())


def claim(work: UnitOfWork, code: str) -> bool:
    """Records that a dossier is erased; False if it was before, or is held since it was looked for."""
    for table in (dossiers, applications):  # whoever puts it on hold at the same time waits, and finds it erased
        work.execute(select(table.c.code).where(table.c.code == code).with_for_update())
    if hold_of(work.connection, code, work.now) is not None:
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
    erase_conversation(work, code)
    erase_from_exports(work, code)


def erased_at(connection: Connection, code: str) -> datetime | None:
    """When the personal data of a dossier were erased; None while they are there."""
    moment: datetime | None = connection.execute(
        select(erasures.c.erased_at).where(erasures.c.dossier == code)
    ).scalar()
    return moment


def add_hold(connection: Connection, hold: LegalHold) -> None:
    """Keeps a dossier from being erased."""
    values = {name: getattr(hold, name) for name in LegalHold.__slots__}
    connection.execute(legal_holds.insert(), personal_values(legal_holds, values))


def end_hold(work: UnitOfWork, code: str, by: str) -> None:
    """Lets a dossier be erased when its time is over."""
    present = update(legal_holds).where(_H.dossier == code, _in_force(work.now))
    work.execute(present.values(ended_at=work.now, ended_by=by))


def hold_of(connection: Connection, code: str, now: datetime) -> LegalHold | None:
    """The hold of a dossier that is in force; None if it is not held."""
    row = connection.execute(select(legal_holds).where(_H.dossier == code, _in_force(now))).first()
    return None if row is None else LegalHold(*row)


def holds_of(connection: Connection, code: str) -> list[LegalHold]:
    """All holds of a dossier, the newest first."""
    rows = connection.execute(select(legal_holds).where(_H.dossier == code).order_by(_H.held_at.desc(), _H.id))
    return [LegalHold(*row) for row in rows]


def holds_at(connection: Connection, desks: Collection[str], now: datetime, ended: bool, most: int) -> list[LegalHold]:
    """The holds of some desks' dossiers, the newest first: those in force, or those that have ended."""
    which = not_(_in_force(now)) if ended else _in_force(now)
    found = select(legal_holds).where(_H.agency.in_(sorted(desks)), which)
    return [LegalHold(*row) for row in connection.execute(found.order_by(_H.held_at.desc(), _H.id).limit(most))]


def _in_force(now: datetime) -> ColumnElement[bool]:
    return and_(_H.ended_at.is_(None), or_(_H.until.is_(None), _H.until > now))


def _untouched(code: Any, now: datetime) -> Any:
    erased = exists().where(erasures.c.dossier == code)
    held = exists().where(_H.dossier == code, _in_force(now))
    return ~erased & ~held


def _blank(table: Table, row: str, **instead: str) -> Mapping[str, Any]:
    """All personal columns of a table without their texts."""
    empty = {
        name: None if table.c[name].nullable else "[]" if name in LISTS else ""
        for name in personal_columns(table).texts
    }
    return personal_values(table, empty | instead, row)

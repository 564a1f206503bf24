"""The tables of applications. Every change of one goes through :func:`lock` and :func:`change`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    or_,
    select,
    text,
    update,
)

from services.intake.applications.domain import Application, ApplicationPaper, Status, UnknownApplication
from services.intake.database import metadata
from services.intake.dossiers.domain import id_search_words, party_numbers, search_words
from services.intake.dossiers.store import StaleState
from shared.persistence.personal_data import BlindIndex, PersonalText, index_equals, index_matches, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork


def _personal(column: str) -> PersonalText:
    return PersonalText(f"application.{column}", row="submission")


_HAS_PARTIES = text("parties_index <> ''")

applications = Table(
    "application",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("submission", String(100), nullable=False, unique=True),
    Column("status", String(20), nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("procedure_version", Integer, nullable=False),
    Column("case_code", String(50), nullable=False),
    Column("chosen", Text, nullable=False),  # JSON: codes of the linked procedures
    Column("field", String(50), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("remote", Boolean, nullable=False),
    Column("receiving_agency", String(50), nullable=False),
    Column("regulation", String(50), nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("answer_from", Moment, nullable=False),
    Column("fee", BigInteger, nullable=False),  # VND; owed only once the application is accepted
    Column("papers", _personal("papers"), nullable=False),  # JSON; with the names of uploaded files
    Column("applicant_name", _personal("applicant_name"), nullable=False),
    Column("applicant_search", BlindIndex("application.applicant_name", search_words), nullable=False),
    Column("applicant_id_number", _personal("applicant_id_number"), nullable=False),
    Column("applicant_id_index", BlindIndex("application.applicant_id_number", id_search_words), nullable=False),
    Column("applicant_id_kind", String(20), nullable=False),
    Column("applicant_phone", _personal("applicant_phone"), nullable=False),
    Column("applicant_email", _personal("applicant_email"), nullable=False),
    Column("applicant_address", _personal("applicant_address"), nullable=False),
    Column("applicant_birth_date", _personal("applicant_birth_date"), nullable=False),
    Column("applicant_sex", _personal("applicant_sex"), nullable=False),
    Column("applicant_old_id_number", _personal("applicant_old_id_number"), nullable=False),
    Column("applicant_preferences", _personal("applicant_preferences")),  # JSON; NULL for the usual ones
    Column("parties", _personal("parties"), nullable=False),  # JSON: representative and co-applicants
    Column("parties_index", BlindIndex("application.parties", party_numbers), nullable=False),
    Column("submitter", String(64), nullable=False),  # a keyed hash; empty for a parcel
    Column("delivery", String(10), nullable=False),
    Column("delivery_address", _personal("delivery_address"), nullable=False),
    Column("note", _personal("note"), nullable=False),
    Column("supplement_requested_at", Moment),
    Column("supplement_until", Moment),
    Column("supplement_papers", _personal("supplement_papers"), nullable=False),  # JSON: names
    Column("supplement_reason", _personal("supplement_reason"), nullable=False),
    Column("supplement_by", String(200), nullable=False),
    Column("supplemented_at", Moment),
    Column("supplement_channel", String(10), nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String(200), nullable=False),
    Column("refusal_reason", _personal("refusal_reason"), nullable=False),
    Column("withdrawal_reason", _personal("withdrawal_reason"), nullable=False),
    Column("parcel_number", String(40), nullable=False),
    Column("parcel_sender", _personal("parcel_sender"), nullable=False),
    Column("return_parcel", String(40), nullable=False),
    Column("registered_by", String(200), nullable=False),  # the clerk who registered the parcel; empty online
    Column("secret_hash", String(100), nullable=False),
    Index("ix_application_waiting", "receiving_agency", "status", "answer_from", "code"),
    Index("ix_application_applicant", "applicant_id_index", "filed_at"),
    Index("ix_application_parties", "parties_index", sqlite_where=_HAS_PARTIES, postgresql_where=_HAS_PARTIES),
    Index("ix_application_supplement", "status", "supplement_until"),
)

submissions = Table(
    "application_submission",  # claimed at the start of a submission, so that a simultaneous one waits and then finds the first
    metadata,
    Column("submission", String(100), primary_key=True),
)


_INSERT = applications.insert()
_BY_CODE = select(applications).where(applications.c.code == bindparam("of_code"))
_LOCKED = _BY_CODE.with_for_update()
_BY_SUBMISSION = select(applications).where(applications.c.submission == bindparam("of_submission"))


def claim_submission(work: UnitOfWork, submission: str) -> bool:
    """Whether this transaction is the first of a submission; waits for a simultaneous one to end."""
    statement = work.insert(submissions).values(submission=submission).on_conflict_do_nothing()
    return work.execute(statement.returning(submissions.c.submission)).first() is not None


def add(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Stores an application, deferred to the commit: its code contains the placeholder of its number."""
    work.defer(_INSERT, personal_values(applications, values))


def _application(row: Any) -> Application:
    return Application(row[0], row[1], Status(row[2]), *row[3:])


def find(connection: Connection, code: str, lock: bool = False) -> Application | None:
    """An application by its code, optionally locked until the transaction ends; None when there is none."""
    row = connection.execute(_LOCKED if lock else _BY_CODE, {"of_code": code}).first()
    return None if row is None else _application(row)


def find_submission(connection: Connection, submission: str) -> Application | None:
    """The application of a submission; None when there is none."""
    row = connection.execute(_BY_SUBMISSION, {"of_submission": submission}).first()
    return None if row is None else _application(row)


def get(connection: Connection, code: str) -> Application:
    """An application by its code.

    Raises:
        UnknownApplication: there is none.
    """
    found = find(connection, code)
    if found is None:
        raise UnknownApplication(code)
    return found


def lock(connection: Connection, code: str) -> Application:
    """An application, locked until the transaction ends.

    Raises:
        UnknownApplication: there is none.
    """
    found = find(connection, code, lock=True)
    if found is None:
        raise UnknownApplication(code)
    return found


def change(connection: Connection, application: Application, status: Status, **values: Any) -> None:
    """Changes an application if it still has the status with which it was read.

    Args:
        connection: inside the transaction that has locked the application.
        application: as read.
        status: the new one, or the present one.
        **values: other columns.

    Raises:
        StaleState: its status is another one now; nothing was changed.
    """
    c = applications.c
    statement = update(applications).where(c.code == application.code, c.status == str(application.status))
    sealed = personal_values(applications, values, application.submission)
    if connection.execute(statement.values(status=str(status), **sealed)).rowcount != 1:
        raise StaleState(f"application {application.code} is no longer {application.status}")


def papers_of(application: Application) -> tuple[ApplicationPaper, ...]:
    """The papers of an application, with their uploads."""
    return tuple(ApplicationPaper.from_dict(paper) for paper in orjson.loads(application.papers))


def list_of(
    connection: Connection,
    desks: Collection[str],
    statuses: Collection[Status],
    after: str,
    most: int,
    channel: str = "",
) -> list[Application]:
    """Applications at some desks: the one that has waited longest first.

    Args:
        connection: any.
        desks: codes of the receiving desks.
        statuses: which statuses.
        after: code of the last one of the previous page; empty for the first page.
        most: maximum number of rows.
        channel: ``online`` or ``post``; empty for both.
    """
    c = applications.c
    found = select(applications).where(c.receiving_agency.in_(sorted(desks)), c.status.in_(sorted(statuses)))
    if channel:
        found = found.where(c.channel == channel)
    last = find(connection, after) if after else None
    if last is not None:
        later = (c.answer_from == last.answer_from) & (c.code > last.code)
        found = found.where((c.answer_from > last.answer_from) | later)
    found = found.order_by(c.answer_from, c.code).limit(most)
    return [_application(row) for row in connection.execute(found)]


def unsupplemented(connection: Connection, before: datetime, most: int) -> list[str]:
    """Codes of applications that wait for papers whose time, as last counted, ended before a moment."""
    c = applications.c
    found = select(c.code).where(c.status == str(Status.SUPPLEMENT_REQUESTED), c.supplement_until < before)
    return list(connection.execute(found.order_by(c.supplement_until, c.code).limit(most)).scalars())


def list_of_person(connection: Connection, id_number: str, most: int) -> list[Application]:
    """The applications in which somebody has a part, the newest first.

    Args:
        connection: any.
        id_number: of the person's identity document.
        most: maximum number of rows.
    """
    c = applications.c
    own = or_(
        index_equals(connection, c.applicant_id_index, id_number),
        and_(_HAS_PARTIES, index_matches(connection, c.parties_index, id_number)),
    )
    found = select(applications).where(own).order_by(c.filed_at.desc(), c.code.desc())
    return [_application(row) for row in connection.execute(found.limit(most))]

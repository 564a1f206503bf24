"""The tables of dossiers. Every change of an existing dossier goes through :func:`lock` and :func:`change`.

Handlers of events lock a dossier by :func:`services.intake.dossiers.progress.lock_for_event`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    SmallInteger,
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

from services.intake.database import metadata
from services.intake.dossiers.domain import (
    Dossier,
    Progress,
    State,
    UnknownDossier,
    id_search_words,
    party_numbers,
    search_words,
)
from shared.messaging.records import add_once
from shared.persistence.personal_data import BlindIndex, PersonalText, index_equals, index_matches, personal_values
from shared.persistence.sql import BigId, Moment
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.random_bytes import random_hex

RECORD_ID_BYTES = 12


def _personal(column: str) -> PersonalText:
    return PersonalText(f"dossier.{column}", row="record_id")


_HAS_PARTIES = text("parties_index <> ''")

dossiers = Table(
    "dossier",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("state", SmallInteger, nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("procedure_version", Integer, nullable=False),
    Column("case_code", String(50), nullable=False),
    Column("chosen", Text, nullable=False),  # JSON: codes of the linked procedures
    Column("field", String(50), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("remote", Boolean, nullable=False),
    Column("receiving_agency", String(50), nullable=False),
    Column("regulation", String(50), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("promised_at", Moment, nullable=False),
    Column("explanation", Text, nullable=False),  # JSON: how the promised time was counted
    Column("due_at", Moment, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("due_changed_at", Moment),  # time of the newest event applied to due_at; older events are ignored
    Column("clock_changed_at", Moment),  # the same for paused
    Column("place_agency", String(50), nullable=False),
    Column("place_step", Text, nullable=False),
    Column("place_due_at", Moment),
    Column("place_since", Moment),  # time of the newest step applied, by routing's clock
    Column("fee", BigInteger, nullable=False),  # VND
    Column("fee_items", Text, nullable=False),  # JSON
    Column("fee_paid_at", Moment),
    Column("resolved_at", Moment),
    Column("outcome", String(50)),
    Column("result_notified_at", Moment),  # first notice to the citizen (NĐ 118/2025, article 22.5)
    Column("result_notified_by", String(200)),  # the clerk who notified them when handing over; else NULL
    Column("returned_at", Moment),
    Column("supplemented_at", Moment),  # when the citizen last handed in requested papers
    Column("withdrawn_at", Moment),
    Column("withdrawal_reason", _personal("withdrawal_reason")),
    Column("stopped_at", Moment),
    Column("stop_cause", String(20)),
    Column("stop_reason", _personal("stop_reason")),
    Column("refusal_agency", String(50)),
    Column("refusal_document", _personal("refusal_document")),  # number of the written refusal (article 19.3)
    Column("refusal_reason", _personal("refusal_reason")),
    Column("papers", _personal("papers"), nullable=False),  # JSON; names of papers may be typed
    Column("applicant_name", _personal("applicant_name"), nullable=False),
    Column("applicant_search", BlindIndex("dossier.applicant_name", search_words), nullable=False),
    Column("applicant_id_number", _personal("applicant_id_number"), nullable=False),
    Column("applicant_id_index", BlindIndex("dossier.applicant_id_number", id_search_words), nullable=False),
    Column("applicant_id_kind", String(20), nullable=False),
    Column("applicant_phone", _personal("applicant_phone"), nullable=False),
    Column("applicant_email", _personal("applicant_email"), nullable=False),
    Column("applicant_address", _personal("applicant_address"), nullable=False),
    Column("applicant_birth_date", _personal("applicant_birth_date"), nullable=False),
    Column("applicant_sex", _personal("applicant_sex"), nullable=False),
    Column("applicant_old_id_number", _personal("applicant_old_id_number"), nullable=False),
    Column("applicant_preferences", _personal("applicant_preferences")),  # JSON; NULL for the usual ones
    Column("parties", _personal("parties"), nullable=False),  # JSON: representative and co-applicants; empty for nobody
    Column("parties_index", BlindIndex("dossier.parties", party_numbers), nullable=False),
    Column("originals_kept", SmallInteger, nullable=False),  # papers in the desk's custody that were not given back
    Column("receiver_name", _personal("receiver_name")),
    Column("return_note", _personal("return_note")),
    Column("received_by", String(200), nullable=False),
    Column("secret_hash", String(100), nullable=False),
    Column("record_id", String(24), nullable=False),  # random: personal data are sealed before the code is known
    Index("ix_dossier_worklist", "receiving_agency", "state", "received_at", "code"),
    Index("ix_dossier_applicant", "applicant_id_index", "received_at"),
    Index("ix_dossier_parties", "parties_index", sqlite_where=_HAS_PARTIES, postgresql_where=_HAS_PARTIES),
)

transitions = Table(
    "transition",  # every change of state after receipt (NĐ 118/2025, articles 21.3 and 27.2d)
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("dossier", String(60), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_transition_dossier", "dossier", "id"),
)

reappointments = Table(
    "reappointment",  # an apology and a new promised time (NĐ 118/2025, article 19.6)
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("extended_at", Moment, primary_key=True),
    Column("agency", String(50), nullable=False),
    Column("reason", Text, nullable=False),
    Column("was_due_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column(
        "number", String(100), nullable=False
    ),  # of the letter in its agency's register; empty if its sender has none
    Column("late", Boolean, nullable=False),  # the due time had passed, and stays; else it was moved to `due_at`
)

moved_deadlines = Table(
    "moved_deadline",  # a deadline whose last day was declared off (Civil Code 2015, article 148.5)
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("deadline", String(20), primary_key=True),  # result, supplement
    Column("was_at", Moment, primary_key=True),
    Column("moved_to", Moment, nullable=False),
    Column("moved_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Reappointment:
    """A row of `reappointment`."""

    dossier: str
    extended_at: datetime
    agency: str
    reason: str
    was_due_at: datetime
    due_at: datetime
    number: str
    late: bool


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A row of `moved_deadline`."""

    dossier: str
    deadline: str
    was_at: datetime
    moved_to: datetime
    moved_at: datetime


class StaleState(RuntimeError):
    """A dossier is no longer in the state in which it was read. Cannot happen while its lock is held."""


_INSERT = dossiers.insert()
_BY_CODE = select(dossiers).where(dossiers.c.code == bindparam("of_code"))
_LOCKED = _BY_CODE.with_for_update()
_CHANGE = update(dossiers).where(
    dossiers.c.code == bindparam("of_code"), dossiers.c.state == bindparam("of_state")
)  # sets the columns that it is given
_ADD_TRANSITION = transitions.insert()
_TRANSITIONS = (
    select(transitions.c.state, transitions.c.at)
    .where(transitions.c.dossier == bindparam("of_code"))
    .order_by(transitions.c.id)
)
_REAPPOINTMENTS = (
    select(reappointments)
    .where(reappointments.c.dossier == bindparam("of_code"))
    .order_by(reappointments.c.extended_at)
)
_MOVED_DEADLINES = (
    select(moved_deadlines)
    .where(moved_deadlines.c.dossier == bindparam("of_code"))
    .order_by(moved_deadlines.c.moved_at, moved_deadlines.c.was_at)
)


def add(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Stores a received dossier, deferred to the commit: its code contains the placeholder of its number."""
    work.defer(_INSERT, personal_values(dossiers, {**values, "record_id": random_hex(RECORD_ID_BYTES)}))


def add_history(work: UnitOfWork, code: str, states: Sequence[State], at: datetime) -> None:
    """Records the states that a dossier has passed in the transaction that stores it; its code contains the placeholder."""
    for state in states:
        work.defer(_ADD_TRANSITION, {"dossier": code, "state": int(state), "at": at})


def find(connection: Connection, code: str, lock: bool = False) -> Dossier | None:
    """A dossier by its code, optionally locked until the transaction ends; None when there is none."""
    row = connection.execute(_LOCKED if lock else _BY_CODE, {"of_code": code}).first()
    return None if row is None else Dossier(row[0], State(row[1]), *row[2:])


def list_of_person(connection: Connection, id_number: str, most: int) -> list[Dossier]:
    """The dossiers in which somebody has a part, the newest first.

    Args:
        connection: any.
        id_number: of the person's identity document.
        most: maximum number of rows.
    """
    c = dossiers.c
    own = or_(
        index_equals(connection, c.applicant_id_index, id_number),
        and_(_HAS_PARTIES, index_matches(connection, c.parties_index, id_number)),
    )
    found = select(dossiers).where(own).order_by(c.received_at.desc(), c.code.desc()).limit(most)
    return [Dossier(row[0], State(row[1]), *row[2:]) for row in connection.execute(found)]


def get(connection: Connection, code: str) -> Dossier:
    """A dossier by its code.

    Raises:
        UnknownDossier: there is none.
    """
    dossier = find(connection, code)
    if dossier is None:
        raise UnknownDossier(code)
    return dossier


def lock(connection: Connection, code: str) -> Dossier:
    """A dossier, locked until the transaction ends.

    Raises:
        UnknownDossier: there is none.
    """
    dossier = find(connection, code, lock=True)
    if dossier is None:
        raise UnknownDossier(code)
    return dossier


def change(
    work: UnitOfWork,
    dossier: Dossier | Progress,
    new_state: State | None = None,
    at: datetime | None = None,
    through: Sequence[State] = (),
    **values: Any,
) -> None:
    """Changes a dossier if it is still in the state in which it was read. States change nowhere else.

    The history of states is written at the commit.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        new_state: if the state changes; the caller has checked the table of transitions.
        at: business time of the change; required with `new_state`.
        through: states passed on the way at the same moment; the history keeps them.
        **values: other columns.

    Raises:
        StaleState: the state is another one now; nothing was changed.
    """
    if new_state is not None:
        values["state"] = int(new_state)
    row = personal_values(dossiers, values, dossier.record_id)
    row |= {"of_code": dossier.code, "of_state": int(dossier.state)}
    if work.connection.execute(_CHANGE, row).rowcount != 1:
        raise StaleState(f"dossier {dossier.code} is no longer in state {dossier.state.value}")
    if new_state is not None:
        for state in (*through, new_state):
            work.defer(_ADD_TRANSITION, {"dossier": dossier.code, "state": int(state), "at": at})


def history(connection: Connection, code: str) -> list[tuple[State, datetime]]:
    """The states that a dossier has passed since its receipt, with their times."""
    return [(State(state), at) for state, at in connection.execute(_TRANSITIONS, {"of_code": code})]


def add_reappointment(connection: Connection, values: Mapping[str, Any]) -> None:
    """Records a new promised time, once.

    Raises:
        shared.messaging.errors.Conflict: another one of that moment is known.
    """
    add_once(connection, reappointments, values)


def reappointments_of(connection: Connection, code: str) -> list[Reappointment]:
    """A dossier's re-appointments in order of time."""
    return [Reappointment(*row) for row in connection.execute(_REAPPOINTMENTS, {"of_code": code})]


def add_moved_deadline(connection: Connection, values: Mapping[str, Any]) -> None:
    """Records that a deadline ends later, once; routing may notice the same again after it was restored from a backup.

    Raises:
        shared.messaging.errors.Conflict: the deadline is known to have moved to another time.
    """
    add_once(connection, moved_deadlines, values, same=("moved_to",))


def moved_deadlines_of(connection: Connection, code: str) -> list[MovedDeadline]:
    """A dossier's moved deadlines in order of time."""
    return [MovedDeadline(*row) for row in connection.execute(_MOVED_DEADLINES, {"of_code": code})]

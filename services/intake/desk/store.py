"""What the counter asks of earlier dossiers: the same person's data, the same request still under way, originals not yet given back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from services.intake.dossiers.domain import IN_PROGRESS, State
from services.intake.dossiers.lists import of_person
from services.intake.dossiers.store import dossiers
from services.intake.filing.domain.preferences import DEFAULT_LANGUAGE, preferences_in

MOST = 20
UNDER_WAY = sorted(int(state) for state in IN_PROGRESS | {State.RESOLVED})


@dataclass(frozen=True, slots=True)
class EarlierFiling:
    """What a person gave at an earlier filing, or when one was declined: personal data.

    Attributes:
        code: of the dossier; empty where it was declined.
        preferences: how they wanted to be told, as the dossier's row has it.
        declined: id of the declined filing; else empty.
    """

    code: str
    received_at: datetime
    name: str
    phone: str
    email: str
    address: str
    birth_date: str
    sex: str
    old_id_number: str
    preferences: str | None = None
    declined: str = ""

    @property
    def language(self) -> str:
        """In which they wanted to be told; empty for the usual one."""
        told = preferences_in(self.preferences)
        return "" if told.language == DEFAULT_LANGUAGE else told.language

    @property
    def channels(self) -> str:
        """By which, with commas between them; empty for the usual order."""
        return ",".join(preferences_in(self.preferences).channels)

    @property
    def chat_user(self) -> str:
        """Their id in the chat service; may be empty."""
        return preferences_in(self.preferences).chat_user


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A dossier of the same person and procedure that has not ended."""

    code: str
    receiving_agency: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class InCustody:
    """A dossier of which the desk keeps originals."""

    code: str
    state: State
    received_at: datetime
    applicant_name: str
    originals_kept: int


def earlier_filing(connection: Connection, desks: Collection[str], numbers: Collection[str]) -> EarlierFiling | None:
    """The newest dossier that a person filed at some desks; None if there is none.

    Args:
        connection: any.
        desks: codes of the desks whose dossiers the reader may see anyway.
        numbers: of the person's identity documents.
    """
    table = dossiers.c
    columns = (
        table.code,
        table.received_at,
        table.applicant_name,
        table.applicant_phone,
        table.applicant_email,
        table.applicant_address,
        table.applicant_birth_date,
        table.applicant_sex,
        table.applicant_old_id_number,
        table.applicant_preferences,
    )
    own = and_(_of_any(connection, numbers), table.receiving_agency.in_(sorted(desks)))
    newest = select(*columns).where(own).order_by(table.received_at.desc(), table.code.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else EarlierFiling(*row)


def under_way(connection: Connection, numbers: Collection[str], procedure: str) -> Sequence[UnderWay]:
    """The dossiers of a person for a procedure that have not ended, at any desk, the newest first."""
    table = dossiers.c
    same = and_(_of_any(connection, numbers), table.procedure == procedure, table.state.in_(UNDER_WAY))
    found = select(table.code, table.receiving_agency, table.received_at).where(same)
    rows = connection.execute(found.order_by(table.received_at.desc(), table.code.desc()).limit(MOST))
    return [UnderWay(*row) for row in rows]


def _of_any(connection: Connection, numbers: Collection[str]) -> ColumnElement[bool]:
    return or_(false(), *(of_person(connection, number) for number in sorted(numbers)))


def in_custody(connection: Connection, desks: Collection[str], most: int) -> Sequence[InCustody]:
    """The dossiers of which some desks keep originals: first those that have ended or have a result, then by age."""
    table = dossiers.c
    kept = select(table.code, table.state, table.received_at, table.applicant_name, table.originals_kept)
    kept = kept.where(table.receiving_agency.in_(sorted(desks)), table.originals_kept > 0)
    over = or_(*(table.state == int(state) for state in (State.RESOLVED, State.RETURNED, State.STOPPED)))
    rows = connection.execute(kept.order_by(over.desc(), table.received_at, table.code).limit(most))
    return [InCustody(row[0], State(row[1]), *row[2:]) for row in rows]

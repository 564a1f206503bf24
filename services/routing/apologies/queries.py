"""What pages show of apologies: the letters that wait for a leader, one letter, and the register of an agency and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.routing.access import Access
from services.routing.apologies import store
from services.routing.apologies.causes import apology_rules
from services.routing.apologies.domain import ApologyKind, ApologyState, reason_in_words
from services.routing.apologies.store import AgencyChange, Apology
from services.routing.domain.rules import shown
from services.routing.dossier import jurisdiction
from services.routing.store import dossiers
from services.routing.store.dossiers import Dossier
from shared.runtime.reference_data import Reference

KINDS = {ApologyKind.EXTENSION: ("Trước hạn", "Before the due time"), ApologyKind.LATE: ("Quá hạn", "Late")}
COLUMNS = ("Số", "Ngày ký", "Mã hồ sơ", "Loại", "Hạn đã hẹn", "Lý do", "Hẹn lại", "Người ký")
"""The columns of the register."""


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of the letters that wait for a leader, the longest lateness first.

    Attributes:
        items: the drafts.
        next: the cursor of the next page; empty on the last.
        total: how many wait in all.
    """

    items: Sequence[Apology]
    next: str
    total: int


@dataclass(frozen=True, slots=True)
class ApologyView:
    """One letter.

    Attributes:
        apology: as stored.
        dossier: the citizen's.
        reason: as the letter gives it; empty while nobody has chosen the cause.
        changes: how the responsible agency has changed.
    """

    apology: Apology
    dossier: Dossier
    reason: str
    changes: Sequence[AgencyChange]


def waiting_page(connection: Connection, access: Access, cursor: str, limit: int) -> WaitingPage:
    """The letters that wait for the leaders of an actor's agencies; an unreadable cursor is the beginning."""
    found = store.drafts(connection, access.led, _after(cursor), limit + 1)
    items = found[:limit]
    following = f"{items[-1].missed_at.isoformat()}|{items[-1].id}" if len(found) > limit else ""
    return WaitingPage(items, following, store.count_drafts(connection, access.led))


def _after(cursor: str) -> tuple[datetime, str] | None:
    moment, _, id_ = cursor.partition("|")
    try:
        missed_at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return None if missed_at.tzinfo is None else (missed_at, id_)


def apology_view(connection: Connection, apology: Apology) -> ApologyView:
    """One letter with its dossier.

    Raises:
        LookupError: the dossier is gone.
    """
    dossier = dossiers.find(connection, apology.dossier)
    if dossier is None:
        raise LookupError(f"apology {apology.id} lost its dossier")
    return ApologyView(apology, dossier, reason_of(apology), store.changes_of(connection, apology.id))


def reason_of(apology: Apology) -> str:
    """The reason as a letter gives it; that of an announced delay is all in the leader's words."""
    return reason_in_words(apology_rules(), apology.letter) if apology.cause else apology.reason


def suggested_date(reference: Reference, dossier: Dossier, now: datetime) -> datetime:
    """A date to begin with: five working days of eight hours from now, by the calendar of the one-stop desk."""
    calendar = jurisdiction.calendar_of(reference, dossier.receiving_agency, now)
    return calendar.add_working_minutes(now, 5 * 8 * 60).at


def cells(apology: Apology) -> list[str]:
    """A signed letter as the texts of its line in the register."""
    if apology.signed_at is None or apology.new_due_at is None:
        raise ValueError(f"apology {apology.id} is not signed")
    return [
        apology.written_number,
        shown(apology.signed_at),
        apology.dossier,
        KINDS[ApologyKind(apology.kind)][0],
        shown(apology.missed_at),
        reason_of(apology),
        shown(apology.new_due_at),
        apology.signed_by or "",
    ]


def current_of(connection: Connection, code: str) -> Apology | None:
    """The letter that a dossier's page shows: the newest one that is not withdrawn."""
    found = [one for one in store.late_of(connection, code) if one.state != ApologyState.WITHDRAWN]
    return found[-1] if found else None

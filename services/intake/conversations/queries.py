"""What is read of conversations: one in order of time with what each entry is about, and how long something has waited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.intake.conversations import store
from services.intake.conversations.domain import Entry, Kind, Waiting

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with what belongs to it.

    Attributes:
        entry: itself.
        about: the entry to which it refers; None for none, or if the reader does not see it.
        waits_for: the agency that must answer or read it; empty when nobody must.
        asked_by: the agency that wrote what waits; empty for the citizen.
    """

    entry: Entry
    about: Entry | None
    waits_for: str
    asked_by: str

    @property
    def is_question(self) -> bool:
        """Whether an answer ends its waiting; else it needs only be read."""
        return self.entry.kind in (Kind.QUESTION, Kind.AGENCY_QUESTION)


def conversation(connection: Connection, dossier: str, for_citizen: bool = False) -> list[Shown]:
    """A dossier's conversation in order of time.

    Args:
        connection: any.
        dossier: its code.
        for_citizen: only what the citizen reads.
    """
    entries = store.entries_of(connection, dossier, for_citizen)
    waiting = {one.entry: one for one in store.waiting_of(connection, dossier)}
    by_id = {one.id: one for one in entries}
    return [_shown(entry, by_id.get(entry.refers_to or ""), waiting.get(entry.id)) for entry in entries]


def _shown(entry: Entry, about: Entry | None, waits: Waiting | None) -> Shown:
    return Shown(entry, about, waits.agency if waits else "", waits.asked_by if waits else "")


@dataclass(frozen=True, slots=True)
class Open:
    """A line of the list of what waits.

    Attributes:
        waiting: what waits.
        days: whole days since.
        hours: whole hours beyond these days.
    """

    waiting: Waiting
    days: int
    hours: int


def open_items(waiting: Sequence[Waiting], now: datetime) -> list[Open]:
    """What waits, with the time since."""
    return [_open(one, max(now - one.since, timedelta())) for one in waiting]


def _open(one: Waiting, since: timedelta) -> Open:
    return Open(one, since // DAY, since % DAY // timedelta(hours=1))

"""The rules of officials: who a rating is about, and how visits become known.

An official is the subject of their token. Their name stands in the register alone, which is only appended to: it is known who worked where
on any day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

RECEPTION, HANDLING, COUNTER = "reception", "handling", "counter"
"""What an official had to do with what is rated: received the dossier or handed its result over, did a step of it, served the visitor."""
ON_TIME, LATE, UNCOUNTED = "on_time", "late", "uncounted"
"""A completed step by its own time limit."""


class UnknownHomeAgency(ValueError):
    """There is no such agency on the day from which the entry counts."""


@dataclass(frozen=True, slots=True)
class OfficialEntry:
    """An entry of the register: how it is with an official at an agency from a day on.

    Attributes:
        subject: of their token.
        agency: code of the agency at which they work.
        valid_from: the first local day.
        name: full name; shown to their own leaders, and where their results are published.
        position: such as ``Chuyên viên``.
        home_agency: code of the agency that has sent them to a one-stop desk; None where they work for their own.
        counter: number of the counter at which they usually sit; None for none.
        active: false from the day on which they have left.
    """

    subject: str
    agency: str
    valid_from: date
    name: str
    position: str
    home_agency: str | None = None
    counter: int | None = None
    active: bool = True


def in_force(entries: Iterable[OfficialEntry], day: date) -> list[OfficialEntry]:
    """Of each official at each agency the entry that counts on a day, in order of their identifiers; nobody who has left.

    Args:
        entries: in the order in which they were made; of two for the same day the later one counts.
        day: local.
    """
    newest: dict[tuple[str, str], OfficialEntry] = {}
    for one in sorted(entries, key=lambda entry: entry.valid_from):
        if one.valid_from <= day:
            newest[one.agency, one.subject] = one
    return [one for _, one in sorted(newest.items()) if one.active]


@dataclass(frozen=True, slots=True)
class Part:
    """An official, and what they had to do with what is rated."""

    official: str
    part: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's turn at a counter, which may be rated once.

    Attributes:
        ticket_hash: keyed hash of the ticket's id; nothing else tells of the visitor.
        desk: code of the one-stop desk.
        counter: its number; None if it was not noted.
        number: of the ticket, as shown.
        official: who called or served.
        called_at, served_at: business time; None if it was not done, or is not known yet.
        rated_at: business time; None if nobody has rated.
    """

    ticket_hash: str
    desk: str
    counter: int | None
    number: str | None
    official: str
    called_at: datetime | None = None
    served_at: datetime | None = None
    rated_at: datetime | None = None

    @property
    def newest(self) -> datetime | None:
        """When the last of what is known happened."""
        return max((one for one in (self.called_at, self.served_at) if one is not None), default=None)

    def merged(self, other: Visit) -> Visit:
        """The same visit with what another event tells: of counter and official the newest counts, in whatever order events come."""
        last = self if other.newest is None or (self.newest and self.newest >= other.newest) else other
        return replace(
            last,
            called_at=_latest(self.called_at, other.called_at),
            served_at=_latest(self.served_at, other.served_at),
            rated_at=self.rated_at,
        )


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)

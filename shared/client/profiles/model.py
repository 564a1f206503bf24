"""A profile: who files how much where, what of it is late or still in hand at the end, and what the statistics must then say.

A profile is a folder with ``profile.json`` and, unless the built-in agencies are those of its time, the folder ``agencies``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import Any

from shared.data_files import read_json

DATA = Path(__file__).parent / "data"


class UnknownProfile(LookupError):
    """There is no profile of this name."""


@dataclass(frozen=True, slots=True)
class ProcedureOfTime:
    """A procedure as the desks of the time had it.

    Attributes:
        code: illustrative; no code of today's national list.
        name: in Vietnamese.
        working_days: its limit; 0 for an immediate result.
        field, field_name, agency_role: of its field: who decides.
    """

    code: str
    name: str
    working_days: int
    field: str
    field_name: str
    agency_role: str


@dataclass(frozen=True, slots=True)
class FieldShare:
    """A field of a group of desks.

    Attributes:
        field: its code.
        weight: its share among the group's dossiers, relative to the others'.
        procedures: each equally frequent.
    """

    field: str
    weight: float
    procedures: tuple[ProcedureOfTime, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Desks that are counted together.

    Attributes:
        name: of the group, such as ``district``.
        title: in Vietnamese.
        level: the desks are those of this level.
        received: dossiers received in the period.
        late: of these, done after the promised time.
        in_hand: of these, not done at the end and not overdue; None if the seed says nothing about it.
        fields: what is filed.
    """

    name: str
    title: str
    level: str
    received: int
    late: int
    in_hand: int | None
    fields: tuple[FieldShare, ...]

    @property
    def on_time(self) -> int | None:
        """Dossiers done by the promised time; None if the seed says nothing about it."""
        return None if self.in_hand is None else self.received - self.late - self.in_hand


@dataclass(frozen=True, slots=True)
class DeskOfficial:
    """An official of an agency who works at the desk; the attributes are those of the register of officials."""

    subject: str
    name: str
    position: str
    home_agency: str
    counter: int
    field: str


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings of the period.

    Attributes:
        given: all.
        dissatisfied: of these, with a score below 4.
        by_device: of these, at the counter; the others with the code that came by SMS.
        devices: how many stand at the counters.
    """

    given: int = 0
    dissatisfied: int = 0
    by_device: int = 0
    devices: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """What is simulated.

    Attributes:
        name: of its folder.
        title, title_en: in words.
        source: where the numbers come from, and what is invented.
        first_day, last_day: of the period.
        report: the kind of report whose period it is.
        moments: times of a day at which people act.
        groups: of desks.
        officials: who receives at the desk; empty for one clerk at each desk.
        ratings: none by default.
        largest_field: the field with most dossiers, where the seed names one.
        agencies_dir: the agencies of the time; empty for the built-in ones.
    """

    name: str
    title: str
    title_en: str
    source: str
    first_day: date
    last_day: date
    report: str
    moments: tuple[time, ...]
    groups: tuple[Group, ...]
    officials: tuple[DeskOfficial, ...]
    ratings: Ratings
    largest_field: str
    agencies_dir: str

    @property
    def procedures(self) -> list[ProcedureOfTime]:
        """All procedures of all groups."""
        return [one for group in self.groups for share in group.fields for one in share.procedures]

    def scaled(self, scale: float) -> Profile:
        """The same with fewer dossiers and ratings: each number rounded, and what is on time is the rest."""
        if scale == 1:
            return self
        given = round(self.ratings.given * scale)
        ratings = Ratings(
            given,
            round(self.ratings.dissatisfied * scale),
            min(given, round(self.ratings.by_device * scale)),
            self.ratings.devices,
        )
        return replace(self, groups=tuple(_scaled(group, scale) for group in self.groups), ratings=ratings)


def profile_names() -> list[str]:
    """The names of all profiles."""
    return sorted(path.parent.name for path in DATA.glob("*/profile.json"))


def load_profile(name: str) -> Profile:
    """The profile of a name.

    Raises:
        UnknownProfile: there is none.
        shared.data_files.DataError: its file is not JSON.
    """
    if name not in profile_names():
        raise UnknownProfile(f"there is no profile {name!r}; there are {', '.join(profile_names())}")
    folder = DATA / name
    data = read_json(folder / "profile.json")
    return Profile(
        name=name,
        title=data["title"],
        title_en=data["title_en"],
        source=data["source"],
        first_day=date.fromisoformat(data["first_day"]),
        last_day=date.fromisoformat(data["last_day"]),
        report=data["report"],
        moments=tuple(time.fromisoformat(text) for text in data["moments"]),
        groups=tuple(_group(group) for group in data["groups"]),
        officials=tuple(DeskOfficial(**one) for one in data.get("officials", ())),
        ratings=Ratings(**data.get("ratings", {})),
        largest_field=data.get("largest_field", ""),
        agencies_dir=str(folder / "agencies") if (folder / "agencies").is_dir() else "",
    )


def _group(data: Mapping[str, Any]) -> Group:
    return Group(**{**data, "fields": tuple(_field(field) for field in data["fields"])})


def _field(data: Mapping[str, Any]) -> FieldShare:
    of_field = {"field": data["field"], "field_name": data["name"], "agency_role": data["agency_role"]}
    procedures = tuple(ProcedureOfTime(**one, **of_field) for one in data["procedures"])
    return FieldShare(data["field"], data["weight"], procedures)


def _scaled(group: Group, scale: float) -> Group:
    return replace(
        group,
        received=round(group.received * scale),
        late=round(group.late * scale),
        in_hand=None if group.in_hand is None else round(group.in_hand * scale),
    )

"""Plans a profile: who files what at which moment, and how quickly officials act on it.

The plan says who is late or still in hand; it never says so to the platform. Officials complete steps at the planned moments, and the
services judge them by the promised time that they have computed.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from shared.calendar import WorkingCalendar
from shared.client.profiles.model import Group, ProcedureOfTime, Profile
from shared.client.profiles.places import desks_of
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference

LATE_MOMENTS = (1, 6)
"""How many moments after the promised time the late ones are done."""
LEEWAY = LATE_MOMENTS[1] + 1
PACE = (0.15, 0.9)
"""The part of the promised time that a dossier takes."""
AFTER_RESULT = 4
"""Moments before the end by which results are due that are rated: they are handed over later, and rated later still."""
FEWEST_MOMENTS, PEOPLE_OF_MOMENT = 16, 2
"""How many moments are played at least, and for how many dossiers each, where a small part of a profile is played."""
DEVICE, WEB = "device", "web"
SATISFIED, DISSATISFIED = (5, 5, 5, 4), (1, 2, 3)


class Fate(Enum):
    """How a dossier stands at the end."""

    ON_TIME = "on time"
    LATE = "late"
    IN_HAND = "in hand"
    OPEN = "as it comes"
    """Done by the promised time, if that is before the end."""


class ImpossiblePlan(ValueError):
    """The profile's period is too short for so many late or unfinished dossiers."""


@dataclass(frozen=True, slots=True)
class PlannedRating:
    """A rating after the result: by which channel, and the score."""

    channel: str
    score: int


@dataclass(frozen=True, slots=True)
class PlannedDossier:
    """One dossier.

    Attributes:
        number: among all of the plan.
        desk: code of the receiving desk.
        procedure: what is filed.
        arrival: which moment, as an index.
        fate: how it ends.
        pace: the part of the promised time that it takes, 0 to 1.
        delay: if it is late, by how many moments.
        official: subject of the receiving official; empty for the desk's clerk.
        counter: at which it is received and returned; 0 for none.
        rating: None if the citizen does not rate.
    """

    number: int
    desk: str
    procedure: ProcedureOfTime
    arrival: int
    fate: Fate
    pace: float
    delay: int
    official: str = ""
    counter: int = 0
    rating: PlannedRating | None = None

    def ends(self, due: int, last: int, steps: int) -> list[int | None]:
        """At which moment each step is done; None for one that is not done before the end.

        Args:
            due: the last moment by the promised time.
            last: the last moment of all.
            steps: how many.
        """
        if self.fate is Fate.LATE:
            end = due + self.delay
        else:
            usable = due if self.fate is not Fate.ON_TIME else min(due, last)
            end = self.arrival + round((usable - self.arrival) * self.pace)
        moments = [self.arrival + (end - self.arrival) * (step + 1) // steps for step in range(steps)]
        planned = [moment if moment <= last else None for moment in moments]
        return [*planned[:-1], None] if self.fate is Fate.IN_HAND else planned


@dataclass(frozen=True, slots=True)
class Plan:
    """The moments at which people act, `of_day` on a working day, and all dossiers, in the order of their arrival."""

    moments: tuple[datetime, ...]
    dossiers: tuple[PlannedDossier, ...]
    of_day: int

    @property
    def last(self) -> int:
        """The index of the last moment."""
        return len(self.moments) - 1

    def by(self, due: datetime) -> int:
        """The index of the last moment that is not after a time; for a time after the end about what it would be if all went on."""
        days = (due.date() - self.moments[-1].date()).days
        return self.last + days * self.of_day if days > 0 else bisect_right(self.moments, due) - 1


def plan_profile(profile: Profile, reference: Reference, seed: int) -> Plan:
    """Plans all of a profile. The same seed gives the same plan.

    Raises:
        ImpossiblePlan: the numbers do not fit the period.
    """
    planner = _Planner(profile, reference, seed)
    dossiers = [one for group in profile.groups for one in planner.group(group)]
    dossiers.sort(key=lambda one: (one.arrival, one.number))
    return Plan(planner.moments, planner.rated(dossiers), len(profile.moments))


@dataclass(slots=True)
class _Draft:
    number: int
    desk: str
    procedure: ProcedureOfTime
    arrival: int
    due: int
    fate: Fate


class _Planner:
    def __init__(self, profile: Profile, reference: Reference, seed: int) -> None:
        self.profile = profile
        self.reference = reference
        self.chance = random.Random(f"{profile.name} {seed}")
        self.moments, self._open_at = self._opening_moments()
        self._due_cache: dict[tuple[str, int, int], int] = {}
        self._count = 0

    def group(self, group: Group) -> list[PlannedDossier]:
        """Plans the dossiers of a group of desks."""
        desks = desks_of(group, self.profile, self.reference)
        if not desks:
            raise ImpossiblePlan(f"no desk of the level {group.level}")
        shares = [share.weight for share in group.fields]
        drafts = []
        for _ in range(group.received):
            desk = self.chance.choice(desks)
            procedure = self.chance.choice(self.chance.choices(group.fields, shares)[0].procedures)
            arrival = self.chance.choice(self._open_at[desk])
            drafts.append(self._draft(desk, procedure, arrival, Fate.OPEN if group.in_hand is None else Fate.ON_TIME))
        drafts.sort(key=lambda one: one.arrival)
        if group.in_hand is not None:
            self._leave_in_hand(group, drafts)
            self._make_late(group, drafts)
        return [self._dossier(one) for one in drafts]

    def rated(self, dossiers: Sequence[PlannedDossier]) -> tuple[PlannedDossier, ...]:
        """Adds the ratings, to dossiers whose result is handed over a while before the end."""
        wanted = self.profile.ratings
        if not wanted.given:
            return tuple(dossiers)
        latest = len(self.moments) - AFTER_RESULT
        able = [
            place
            for place, one in enumerate(dossiers)
            if one.fate is Fate.ON_TIME and self._due(one.desk, one.procedure, one.arrival) < latest
        ]
        if len(able) < wanted.given:
            raise ImpossiblePlan(f"{wanted.given} ratings of {len(able)} dossiers that end early enough")
        chosen = self.chance.sample(able, wanted.given)
        unhappy = set(self.chance.sample(chosen, wanted.dissatisfied))
        ratings: Mapping[int, PlannedRating] = {
            place: PlannedRating(
                DEVICE if position < wanted.by_device else WEB,
                self.chance.choice(DISSATISFIED if place in unhappy else SATISFIED),
            )
            for position, place in enumerate(chosen)
        }
        return tuple(replace(one, rating=ratings.get(place)) for place, one in enumerate(dossiers))

    def _opening_moments(self) -> tuple[tuple[datetime, ...], dict[str, list[int]]]:
        """The moments at which people act, and for each desk the indexes of those at which it is open."""
        desks = sorted(
            {desk for group in self.profile.groups for desk in desks_of(group, self.profile, self.reference)}
        )
        open_desks: dict[datetime, list[str]] = {}
        day = self.profile.first_day
        while day <= self.profile.last_day:
            calendars = {desk: self.reference.calendar(desk, day) for desk in desks}
            for moment in (datetime.combine(day, at, VIETNAM) for at in self.profile.moments):
                open_calendars = {found for found in set(calendars.values()) if is_open(found, moment)}
                if found := [desk for desk in desks if calendars[desk] in open_calendars]:
                    open_desks[moment] = found
            day += timedelta(days=1)
        moments = _thinned(list(open_desks), sum(group.received for group in self.profile.groups))
        open_at: dict[str, list[int]] = {desk: [] for desk in desks}
        for index, moment in enumerate(moments):
            for desk in open_desks[moment]:
                open_at[desk].append(index)
        return moments, open_at

    def _draft(self, desk: str, procedure: ProcedureOfTime, arrival: int, fate: Fate) -> _Draft:
        self._count += 1
        return _Draft(self._count, desk, procedure, arrival, self._due(desk, procedure, arrival), fate)

    def _due(self, desk: str, procedure: ProcedureOfTime, arrival: int) -> int:
        """About the last moment by the promised time: a planned one; what counts is the time on the receipt."""
        key = (desk, procedure.working_days, arrival)
        if key not in self._due_cache:
            at = self.moments[arrival]
            due = self.reference.calendar(desk, at.date()).add_working_days(at, procedure.working_days).at
            beyond = due > self.moments[-1]
            self._due_cache[key] = len(self.moments) if beyond else bisect_right(self.moments, due) - 1
        return self._due_cache[key]

    def _leave_in_hand(self, group: Group, drafts: list[_Draft]) -> None:
        """The last to arrive whose promised time is after the end; where they do not suffice, others come later, for what takes longest."""
        wanted, beyond = group.in_hand or 0, len(self.moments)
        able = [one for one in reversed(drafts) if one.due >= beyond]
        longest = max((one for share in group.fields for one in share.procedures), key=lambda one: one.working_days)
        others = iter([one for one in reversed(drafts) if one.due < beyond])
        while len(able) < wanted:
            draft = next(others, None)
            if draft is None:
                raise ImpossiblePlan(f"{group.name}: {wanted} of {group.received} are to be in hand")
            late = [at for at in self._open_at[draft.desk] if self._due(draft.desk, longest, at) >= beyond]
            if not late:
                raise ImpossiblePlan(f"{group.name}: nothing takes longer than until the end")
            draft.procedure, draft.arrival, draft.due = longest, self.chance.choice(late), beyond
            able.append(draft)
        for draft in able[:wanted]:
            draft.fate = Fate.IN_HAND

    def _make_late(self, group: Group, drafts: list[_Draft]) -> None:
        """Some that are due long enough before the end. An immediate result is not late."""
        last = len(self.moments) - 1
        able = [
            one for one in drafts if one.fate is Fate.ON_TIME and one.procedure.working_days and one.due + LEEWAY < last
        ]
        if len(able) < group.late:
            raise ImpossiblePlan(f"{group.name}: {group.late} late ones of {len(able)} that are due before the end")
        for draft in self.chance.sample(able, group.late):
            draft.fate = Fate.LATE

    def _dossier(self, draft: _Draft) -> PlannedDossier:
        officials = [one for one in self.profile.officials if one.field == draft.procedure.field]
        official = self.chance.choice(officials) if officials else None
        return PlannedDossier(
            draft.number,
            draft.desk,
            draft.procedure,
            draft.arrival,
            draft.fate,
            self.chance.uniform(*PACE),
            self.chance.randint(*LATE_MOMENTS),
            official.subject if official else "",
            official.counter if official else 0,
        )


def _thinned(moments: Sequence[datetime], dossiers: int) -> tuple[datetime, ...]:
    """Some of the moments, evenly spread, where few people come: each costs as much as if many came."""
    wanted = max(dossiers // PEOPLE_OF_MOMENT, FEWEST_MOMENTS)
    if wanted >= len(moments):
        return tuple(moments)
    return tuple(moments[place * (len(moments) - 1) // (wanted - 1)] for place in range(wanted))


def is_open(calendar: WorkingCalendar, moment: datetime) -> bool:
    """Whether an agency with this calendar is open, also if it only receives on this day."""
    minute = moment.hour * 60 + moment.minute
    return any(session.start <= minute < session.end for session in calendar.day(moment.date()).sessions)

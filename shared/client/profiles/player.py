"""Plays the plan of a profile: moves time from moment to moment and lets people act in between.

Time stands still while people act. It moves on when every event has been applied by every service and every message is sent, so that no
delay of this machine counts as anybody's delay. Within a moment there are rounds: what follows at once (an immediate result, a step
after another) happens in a further round of the same moment.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.agencies.roles import ONE_STOP_DESK
from shared.client.http import ApiError
from shared.client.profiles.acts import Staff, Worklists
from shared.client.profiles.catalogue import STEPS
from shared.client.profiles.model import Profile
from shared.client.profiles.plan import DEVICE, Plan, PlannedDossier
from shared.client.profiles.stopwatch import Stopwatch
from shared.client.rating_device import RatingDevice
from shared.client.sms_inbox import SmsInbox
from shared.client.tracked_dossier import token_in
from shared.runtime.reference_data import Reference
from shared.runtime.stepped_clock import SteppedClock

INVITATION = "rating_invitation"
ROLES = ("officer", "leader")
"""Who does the first and the second step."""
MOST_FAULTS = 20


@dataclass(slots=True)
class _Running:
    """A dossier that was filed, and what follows."""

    planned: PlannedDossier
    code: str
    ends: list[int | None]


@dataclass
class Round:
    """What people do at one moment, before anything follows from it."""

    file: list[PlannedDossier] = field(default_factory=list)
    steps: list[tuple[_Running, int]] = field(default_factory=list)
    returns: list[_Running] = field(default_factory=list)
    rate: list[_Running] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.file or self.steps or self.returns or self.rate)


class Player:
    """Plays one plan.

    Args:
        profile: scaled as planned.
        plan: of the profile.
        staff: who acts.
        clock: of the platform.
        reference: agencies and calendars.
        settled: waits until everything that has happened so far is applied; the argument is the moment that time was moved to, None
            if it was not moved.
        inbox: the citizens' messages.
        people: how many act at the same time.
    """

    def __init__(
        self,
        profile: Profile,
        plan: Plan,
        staff: Staff,
        clock: SteppedClock,
        reference: Reference,
        settled: Callable[[datetime | None], None],
        inbox: SmsInbox,
        people: int,
    ) -> None:
        self.profile, self.plan, self.staff, self.clock = profile, plan, staff, clock
        self.reference, self.settled, self.inbox = reference, settled, inbox
        self.watch = Stopwatch()
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self._pool = ThreadPoolExecutor(people, "people")
        self._lock = threading.Lock()
        self._agenda: dict[int, Round] = defaultdict(Round)
        self._worklists = Worklists()
        self._devices = [RatingDevice(staff.address, place + 1) for place in range(profile.ratings.devices)]
        self._pressed: dict[int, list[int]] = defaultdict(list)
        for one in plan.dossiers:
            self._agenda[one.arrival].file.append(one)

    def play(self, watched: Callable[[datetime, Counter[str]], None], end: datetime) -> None:
        """Plays all moments at which anybody acts, then moves time to the end.

        Args:
            watched: called after each moment with what was done so far.
            end: the last moment of the period.
        """
        try:
            self._open_desks()
            while self._agenda:
                index = min(self._agenda)
                self._move(self.plan.moments[index])
                self._moment(index)
                watched(self.plan.moments[index], self.done)
            self._move(end)
            self._settle()
        finally:
            self._pool.shutdown()
            self.staff.close()

    def _open_desks(self) -> None:
        """At first the register of officials; the clock stands before the first moment."""
        if self.profile.officials:
            self.staff.register(self._desk, self.profile.officials, self.profile.first_day.isoformat())

    @property
    def _desk(self) -> str:
        """The desk with officials and devices: a profile with these has no other."""
        return self.plan.dossiers[0].desk

    def _move(self, moment: datetime) -> None:
        self.clock.move(moment)
        with self.watch.measured("waiting for sweeps"):
            self.settled(moment)

    def _settle(self) -> None:
        with self.watch.measured("waiting for events and messages"):
            self.settled(None)

    def _moment(self, index: int) -> None:
        while round_ := self._agenda.pop(index, None):
            self._all("filing", self._file, round_.file, index)
            self._complete(round_.steps, index)
            self._all("handing back", self._hand_back, round_.returns, index)
            if round_.rate:
                with self.watch.measured("reading SMS"):
                    self.inbox.refresh()
            self._all("rating", self._rate, round_.rate, index)
            self._settle()
        self._deliver(index)

    def _all(self, what: str, act: Callable[[Any, int], None], whom: Sequence[Any], index: int) -> None:
        """Everybody acts at the same time."""
        if whom:
            with self.watch.measured(what):
                for found in self._pool.map(lambda one: self._try(act, one, index), whom):
                    self._note(found)

    def _try(self, act: Callable[[Any, int], None], one: Any, index: int) -> list[str]:
        try:
            act(one, index)
        except (ApiError, LookupError, ConnectionError) as error:
            return [f"{one}: {error}"]
        return []

    def _note(self, faults: Iterable[str]) -> None:
        self.faults += faults
        if len(self.faults) > MOST_FAULTS:
            raise RuntimeError("too much went wrong:\n" + "\n".join(self.faults))

    def _at(self, index: int) -> Round:
        with self._lock:
            return self._agenda[index]

    def _count(self, what: str, number: int) -> None:
        with self._lock:
            self.done[what] += number

    def _file(self, one: PlannedDossier, index: int) -> None:
        immediate = one.procedure.working_days == 0
        key = f"{self.profile.name}-{one.number}"
        receipt = self.staff.file(one.desk, one.official, one.procedure.code, one.number, immediate, key)
        due = self.plan.by(datetime.fromisoformat(receipt["promised_at"]))
        running = _Running(one, receipt["code"], one.ends(due, self.plan.last, len(STEPS)))
        self._count("filed", 1)
        if immediate:
            self._returned(running, index)
        else:
            self._plan_step(running, 0, index)

    def _plan_step(self, running: _Running, step: int, index: int) -> None:
        end = running.ends[step]
        if end is not None:
            self._at(max(end, index)).steps.append((running, step))

    def _complete(self, due: Sequence[tuple[_Running, int]], index: int) -> None:
        """The officials of each agency look at their worklist and complete what they have planned, all at the same time."""
        groups: dict[tuple[str, int], list[_Running]] = defaultdict(list)
        for running, step in due:
            groups[self._agency(running.planned), step].append(running)
        readers = {(agency, ROLES[0]) for agency, _ in groups}
        with self.watch.measured("worklists"):
            list(self._pool.map(lambda who: self._worklists.read(self.staff, who[1], who[0]), sorted(readers)))
        self._all("steps", self._complete_group, list(groups.items()), index)

    def _complete_group(self, group: tuple[tuple[str, int], list[_Running]], index: int) -> None:
        (agency, step), wanted = group
        ids = []
        for running in wanted:
            task = self._worklists.take(running.code, STEPS[step])
            if task is None:
                raise LookupError(f"{running.code} is not on the worklist of {agency}")
            ids.append(task)
        key = f"{self.profile.name}-{index}-{ids[0]}"
        self._note(self.staff.complete(ROLES[step], agency, ids, key))
        self._count("steps", len(ids))
        for running in wanted:
            if step + 1 < len(STEPS):
                self._plan_step(running, step + 1, index)
            else:
                self._at(min(index + 1, self.plan.last)).returns.append(running)

    def _agency(self, one: PlannedDossier) -> str:
        role = one.procedure.agency_role
        if role == ONE_STOP_DESK:
            return one.desk
        return self.reference.agencies.resolve(role, one.desk, self.profile.first_day).code

    def _hand_back(self, running: _Running, index: int) -> None:
        self.staff.hand_back(running.planned.desk, running.planned.official, running.code)
        self._returned(running, index)

    def _returned(self, running: _Running, index: int) -> None:
        self._count("returned", 1)
        rating = running.planned.rating
        if rating is None:
            return
        if rating.channel == DEVICE and self._devices:
            with self._lock:
                self._pressed[self._device_of(running.planned)].append(rating.score)
        else:
            self._at(min(index + 1, self.plan.last)).rate.append(running)

    def _device_of(self, one: PlannedDossier) -> int:
        """One of the devices at the counter of a dossier."""
        counters = len({official.counter for official in self.profile.officials})
        places = range(one.counter - 1, len(self._devices), counters)
        return places[one.number % len(places)]

    def _rate(self, running: _Running, index: int) -> None:
        rating = running.planned.rating
        if rating is None:
            return
        text = self.inbox.known_text(running.code, INVITATION)
        if text is None:
            raise LookupError(f"{running.code} got no invitation to rate")
        self.staff.rate(token_in(text), rating.score, f"rate-{running.code}")
        self._count("rated", 1)

    def _deliver(self, index: int) -> None:
        """The devices deliver what was pressed at this moment."""
        if not self._pressed:
            return
        self._all("rating", self._deliver_one, list(self._pressed.items()), index)
        self._pressed.clear()
        self._settle()

    def _deliver_one(self, pressed: tuple[int, list[int]], _index: int) -> None:
        place, scores = pressed
        device = self._devices[place]
        if not device.paired:
            counters = sorted(one.counter for one in self.profile.officials)
            device.pair(self.staff.token("clerk", self._desk), counters[place % len(counters)])
        kept = device.deliver(scores, self.clock.now())
        if kept < len(scores):
            raise LookupError(f"device {device.number}: {len(scores) - kept} of {len(scores)} ratings do not count")
        self._count("rated", kept)

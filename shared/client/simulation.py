"""Simulates a one-stop centre: dossiers of many procedures, filed in opening hours, completed in working hours, some of them late."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.agencies import Agency
from shared.calendar import WorkingCalendar
from shared.catalogue import Procedure
from shared.client.http import ApiError
from shared.client.people import People, TokenIssuer
from shared.client.sample_filing import lasts_for_days, sample_filing
from shared.client.sms_inbox import SmsInbox
from shared.client.tracked_dossier import OBLIGATION_VND, DossierDriver, TrackedDossier, open_task
from shared.runtime.clock import Clock
from shared.runtime.reference_data import Reference

FIELD_WEIGHTS = {"land": 40, "civil_status": 25, "justice": 20, "business": 10, "labour": 5}
"""Share of each field, roughly as in a year of a district."""
SCORES = (5, 5, 5, 5, 5, 5, 4, 4, 4, 3, 2, 1)
RETRY_SECONDS = 30.0
POLL_SECONDS = 0.15
MIN_STEP_MINUTES = 60
PATIENCE = timedelta(minutes=1)
"""How long people wait, on a real clock, for the end of a public posting."""


@dataclass(frozen=True)
class Plan:
    """What to simulate.

    Attributes:
        dossiers: how many are filed.
        days: over how many days of business time they arrive; 0 for all at once.
        late_share: the share of steps that take several times their limit, 0 to 1.
        rating_share: the share of citizens that rate, 0 to 1.
        seed: the same seed gives the same dossiers.
    """

    dossiers: int
    days: float = 0.0
    late_share: float = 0.03
    rating_share: float = 0.5
    seed: int = 1


@dataclass
class _SimulatedDossier:
    """One simulated dossier and what happens to it next."""

    desk: str
    filing: dict[str, Any]
    score: int | None
    key: str
    tracked: TrackedDossier | None = None
    planned: dict[str, datetime] = field(default_factory=dict)
    returned: bool = False


class Simulation:
    """Runs a plan with several threads of people.

    Args:
        address: where the platform is.
        tokens: makes a token for a role at an agency.
        clock: the platform's clock.
        reference: agencies and calendars.
        procedures: those that may be filed.
        plan: what to simulate.
        sms_inbox: the citizens' messages; without it no citizen rates.
    """

    def __init__(
        self,
        address: str,
        tokens: TokenIssuer,
        clock: Clock,
        reference: Reference,
        procedures: Sequence[Procedure],
        plan: Plan,
        sms_inbox: SmsInbox | None = None,
    ) -> None:
        self.address = address
        self.tokens = tokens
        self.clock = clock
        self.reference = reference
        self.plan = plan
        self.sms_inbox = sms_inbox
        self.random = random.Random(plan.seed)
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self.left_out: list[str] = []
        """Procedures that are not filed, because on a real clock they cannot end: their public posting lasts for days."""
        self.waiting: dict[str, datetime] = {}
        """Dossiers that are left in a public posting, by code, and until when it lasts."""
        self._order = itertools.count()
        self._lock = threading.Condition()
        self._agenda: list[tuple[datetime, int, _SimulatedDossier]] = []
        self._unfinished = plan.dossiers
        self._schedule_all(procedures)

    def run(self, people: int, stop: threading.Event) -> None:
        """Runs until every dossier is returned, and rated if its citizen rates, or waits in a public posting, or until it is stopped.

        Args:
            people: the number of threads.
            stop: set it to end early.
        """
        threads = [threading.Thread(target=self._work, args=(stop,), daemon=True) for _ in range(people)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(0.2)
            if stop.is_set():
                with self._lock:
                    self._lock.notify_all()

    def _schedule_all(self, procedures: Sequence[Procedure]) -> None:
        now = self.clock.now()
        procedures = self._that_can_end(procedures)
        desks = [
            a for a in self.reference.agencies.all(now.date()) if "one_stop_desk" in a.roles and a.level == "commune"
        ]
        by_field = {name: [p for p in procedures if p.field == name] for name in FIELD_WEIGHTS}
        fields = [name for name in FIELD_WEIGHTS if by_field[name]]
        for number in range(self.plan.dossiers):
            name = self.random.choices(fields, [FIELD_WEIGHTS[name] for name in fields])[0]
            desk = self.random.choice(desks)
            dossier = _SimulatedDossier(
                desk.code,
                sample_filing(self.random, self.random.choice(by_field[name]), number),
                self._score(),
                f"sim-{self.plan.seed}-{number}-{now:%s}",
            )
            self._schedule(self._arrival(desk, now), dossier)

    def _that_can_end(self, procedures: Sequence[Procedure]) -> Sequence[Procedure]:
        """Those that can end while somebody looks on; all of them if none can, or if time is virtual and passes quickly."""
        if self.clock.virtual:
            return procedures
        short = [procedure for procedure in procedures if not lasts_for_days(procedure)]
        if not any(procedure.field in FIELD_WEIGHTS for procedure in short):
            return procedures
        self.left_out = sorted({procedure.code for procedure in procedures} - {procedure.code for procedure in short})
        return short

    def _score(self) -> int | None:
        wants = self.random.random() < self.plan.rating_share and self.sms_inbox is not None
        return self.random.choice(SCORES) if wants else None

    def _arrival(self, desk: Agency, now: datetime) -> datetime:
        if not self.plan.days:
            return now
        return self._calendar(desk.code, now).next_opening(now + timedelta(days=self.random.uniform(0, self.plan.days)))

    def _calendar(self, agency: str, at: datetime) -> WorkingCalendar:
        return self.reference.calendar(agency, at.date())

    def _schedule(self, when: datetime, dossier: _SimulatedDossier) -> None:
        with self._lock:
            heapq.heappush(self._agenda, (when, next(self._order), dossier))
            self._lock.notify()

    def _work(self, stop: threading.Event) -> None:
        people = People(self.address, self.tokens, RETRY_SECONDS, self.sms_inbox)
        driver = DossierDriver(people, timeout=RETRY_SECONDS)
        try:
            while (dossier := self._next(stop)) is not None:
                try:
                    again = self._act_on(dossier, people, driver)
                except (ApiError, TimeoutError, ConnectionError, LookupError) as error:
                    self.faults.append(
                        f"{dossier.tracked.code if dossier.tracked else dossier.filing['procedure']}: {error}"
                    )
                    again = None
                if again is not None:
                    self._schedule(again, dossier)
                else:
                    self._finish()
        finally:
            people.close()

    def _next(self, stop: threading.Event) -> _SimulatedDossier | None:
        with self._lock:
            while not stop.is_set() and self._unfinished:
                wait = 0.5
                if self._agenda:
                    until_due = self._agenda[0][0] - self.clock.now()
                    if until_due <= timedelta(0):
                        return heapq.heappop(self._agenda)[2]
                    wait = min(wait, self.clock.real_seconds(until_due))
                self._lock.wait(wait)
            return None

    def _finish(self) -> None:
        with self._lock:
            self._unfinished -= 1
            self._lock.notify_all()

    def _act_on(self, dossier: _SimulatedDossier, people: People, driver: DossierDriver) -> datetime | None:
        """Does the next action for a dossier; returns the time of the one after it, None when the dossier is finished."""
        if dossier.tracked is None:
            dossier.tracked = driver.file(dossier.desk, dossier.filing, dossier.key)
            self.done["filed"] += 1
            return self._soon()
        if not dossier.returned:
            return self._advance(dossier, dossier.tracked, people, driver)
        if dossier.score is not None:
            driver.rate(dossier.tracked, dossier.score)
            self.done["rated"] += 1
        return None

    def _advance(
        self, dossier: _SimulatedDossier, tracked: TrackedDossier, people: People, driver: DossierDriver
    ) -> datetime | None:
        try:
            view = people.routing_view(tracked.desk, tracked.code)
        except ApiError as error:
            if error.status == 404:
                return self._soon()
            raise
        if view["state"] != "active":
            driver.hand_back(tracked)
            self.done["returned"] += 1
            dossier.returned = True
            return self._soon()
        task = open_task(view, missing_ok=True)
        if task is None:
            return self._soon()
        when = dossier.planned.setdefault(f"{task['id']}-{task['state']}", self._planned_end(task))
        if task["wait_until"]:
            until = datetime.fromisoformat(task["wait_until"])
            if not self.clock.virtual and until > self.clock.now() + PATIENCE:
                self.waiting[tracked.code] = until
                return None
            when = max(when, until)
        if when > self.clock.now():
            return when
        if task["state"] == "awaiting_payment":
            return self._pay(tracked, people)
        self._complete(task, people)
        return self._soon()

    def _planned_end(self, task: dict[str, Any]) -> datetime:
        """When the official or the payer acts: usually in time, sometimes much too late."""
        now = self.clock.now()
        share = (
            self.random.uniform(2, 6) if self.random.random() < self.plan.late_share else self.random.uniform(0.1, 0.9)
        )
        if not self.clock.virtual:
            return now
        calendar = self._calendar(task["agency"], now)
        given = calendar.working_minutes_between(now, datetime.fromisoformat(task["due_at"])) if task["due_at"] else 0
        return calendar.add_working_minutes(now, int(max(given, MIN_STEP_MINUTES) * share)).at

    def _pay(self, tracked: TrackedDossier, people: People) -> datetime:
        desk = people.client_for("clerk", tracked.desk)
        for entry in desk.get(f"/intake/api/dossiers/{tracked.code}")["obligations"]:
            if not entry["paid_at"]:
                people.pay(tracked.desk, tracked.code, entry["amount"], entry["id"], f"pay-{entry['id']}")
                self.done["obligations paid"] += 1
        return self._soon()

    def _complete(self, task: dict[str, Any], people: People) -> None:
        wants_tax = "obligation" in task["outcomes"] and self.random.random() < 0.7
        outcome = "obligation" if wants_tax else "completed" if "completed" in task["outcomes"] else task["outcomes"][0]
        people.complete(task, outcome, amount=OBLIGATION_VND if wants_tax else None, key=f"complete-{task['id']}")
        self.done["steps"] += 1

    def _soon(self) -> datetime:
        return self.clock.now() + timedelta(seconds=POLL_SECONDS * self.clock.rate)

"""A centre at work while its processes are killed: people who do not give up, and somebody who kills by plan."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.client.http import ApiError
from shared.client.tracked_dossier import LAND_TRANSFER, DossierDriver, TrackedDossier
from tests.faults.delivery_audit import Ledger, Story, leftovers
from tests.support.platform import Running
from tests.support.processes import wait_until

DESK = "H12.31.01"
COPY: dict[str, Any] = {
    "procedure": "2.000815",
    "applicant": {"name": "Trần Quốc Việt", "id_number": "095090004321", "phone": "0987 654 321"},
    "papers": ["original"],
}
PATIENCE = 150.0
SETTLE_SECONDS = 120.0


class Stream:
    """People who file dossiers and carry each to its end, until they are told to stop.

    Args:
        platform: where they do it.
        people: how many act at the same time.
        seed: decides which procedures are filed.
        land_share: the share of land transfers, 0 to 1; the rest are certified copies.
    """

    def __init__(self, platform: Running, people: int, seed: int, land_share: float = 0.15) -> None:
        self.platform = platform
        self.land_share = land_share
        self.stories: list[Story] = []
        self.faults: list[str] = []
        self._stopping = threading.Event()
        self._handed_back: queue.Queue[TrackedDossier | None] = queue.Queue()
        self._rater = threading.Thread(target=self._rate_all, daemon=True)
        self._threads = [
            threading.Thread(target=self._act, args=(number, random.Random(seed * 100 + number)), daemon=True)
            for number in range(people)
        ]

    def start(self) -> None:
        """Begins."""
        for thread in (*self._threads, self._rater):
            thread.start()

    def stop(self) -> None:
        """Takes in no new dossier; returns when all that were begun are rated.

        Raises:
            AssertionError: somebody met what he could not get over.
        """
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE * 2)
        self._handed_back.put(None)
        self._rater.join(PATIENCE * 2)
        assert not self.faults, self.faults
        assert not any(thread.is_alive() for thread in (*self._threads, self._rater)), "somebody still waits"

    def _act(self, number: int, chance: random.Random) -> None:
        people = self.platform.people(PATIENCE)
        journey = DossierDriver(people, timeout=PATIENCE)
        count = 0
        try:
            while not self._stopping.is_set():
                count += 1
                filing = LAND_TRANSFER if chance.random() < self.land_share else COPY
                self.stories.append(self._carry(journey, filing, f"{number}-{count}"))
        except (ApiError, OSError, TimeoutError, LookupError) as error:
            self.faults.append(f"{number}-{count}: {type(error).__name__}: {error}")
            self._stopping.set()
        finally:
            people.close()

    def _carry(self, journey: DossierDriver, filing: dict[str, Any], key: str) -> Story:
        traveller = journey.file(DESK, filing, f"file-{key}")
        fee = traveller.receipt["fee"]
        journey.people.pay(DESK, traveller.code, fee, key=f"fee-{key}")
        way = journey.work_through(traveller)
        journey.hand_back(traveller)
        self._handed_back.put(traveller)
        steps = tuple(step["step"] for step in way["steps"])
        return Story(traveller.code, steps, taxed=bool(traveller.obligations), fee_paid=True)

    def _rate_all(self) -> None:
        """Citizens rate when their SMS has come; nobody at the counter waits for that."""
        people = self.platform.people(PATIENCE)
        journey = DossierDriver(people, timeout=PATIENCE)
        try:
            while (traveller := self._handed_back.get()) is not None:
                journey.rate(traveller, 5)
        except (ApiError, OSError, TimeoutError, LookupError) as error:
            self.faults.append(f"rating: {type(error).__name__}: {error}")
            self._stopping.set()
        finally:
            people.close()


Cruelty = Callable[[Running, random.Random], None]


def kill(name: str) -> Cruelty:
    """Kills a process with all that it started."""
    return lambda platform, _chance: platform.kill(name)


def kill_all_or_one(name: str) -> Cruelty:
    """Kills either a process with all that it started, or one of these alone, such as a worker of gunicorn."""

    def act(platform: Running, chance: random.Random) -> None:
        if chance.random() < 0.5 or not platform.kill_one_below(name, chance):
            platform.kill(name)

    return act


def pause(name: str, seconds: float) -> Cruelty:
    """Stops a process for longer than its lease, as a hanging machine would, and lets it go on."""

    def act(platform: Running, _chance: random.Random) -> None:
        platform.pause(name)
        time.sleep(seconds)
        platform.proc(name).resume()

    return act


@dataclass(frozen=True)
class Plan:
    """What is done to a platform, in rounds: each begins when all its processes are at work, and strikes some of them at once.

    Attributes:
        seed: the same seed does the same.
        cruelties: what may happen at random: name → the cruelty.
        times: how often, at the least.
        fixed: what happens for certain, after so many of the random ones: number → (name, the cruelty).
        work: shortest and longest time that all may work before the next blow, seconds.
    """

    seed: int
    cruelties: Mapping[str, Cruelty]
    times: int
    fixed: Mapping[int, tuple[str, Cruelty]]
    work: tuple[float, float] = (0.3, 1.8)


def carry_out(plan: Plan, platform: Running, still_well: Callable[[], bool]) -> Counter[str]:
    """Does what a plan says; returns how often each thing was done.

    Args:
        plan: the plan.
        platform: to whom.
        still_well: when it says no, the rest is left out: the test has failed already.
    """
    chance = random.Random(plan.seed)
    done: Counter[str] = Counter()
    fixed = sorted(plan.fixed.items())
    while done.total() < plan.times + len(plan.fixed) and still_well():
        wait_until(platform.all_at_work, 120, what="all processes at work")
        time.sleep(chance.uniform(*plan.work))
        if fixed and done.total() >= fixed[0][0]:
            _, (name, act) = fixed.pop(0)
            act(platform, chance)
            done[name] += 1
        for name in chance.sample(list(plan.cruelties), chance.randint(2, 3)):
            plan.cruelties[name](platform, chance)
            done[name] += 1
            time.sleep(chance.uniform(0, 0.1))
    return done


def balanced(platform: Running, stories: Sequence[Story]) -> Ledger:
    """Waits until everything has settled, stops the platform's processes, and reads the ledger.

    Raises:
        AssertionError: something is missing, is there twice, or never settles; the message says what.
    """
    stores = platform.stores

    def settled() -> bool:
        return not any(leftovers(stores, platform.settings).values()) and not open_books().faults

    def open_books() -> Ledger:
        return Ledger(stores, platform.spool, stories)

    try:
        wait_until(settled, SETTLE_SECONDS, interval=0.5, what="empty outboxes and queues, and balanced books")
    except TimeoutError as late:
        waiting = {name: count for name, count in leftovers(stores, platform.settings).items() if count}
        raise AssertionError(f"left over: {waiting}; faults: {open_books().faults}") from late
    platform.end()  # what was in hand and never acknowledged would now show in the queues
    assert not any(leftovers(stores, platform.settings).values())
    books = open_books()
    assert not books.faults
    return books

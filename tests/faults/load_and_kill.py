"""Load on a platform while a plan kills and pauses its processes; callers retry until they succeed."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.operations.stats import verify_totals
from shared.client.http import ApiError
from shared.client.tracked_dossier import LAND_TRANSFER, DossierDriver, TrackedDossier
from tests.faults.delivery_audit import CompletedDossier, DeliveryAudit, EffectAudit, at_rest, pending_work
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


class LoadGenerator:
    """Files dossiers and completes each, in several threads, until it is stopped.

    Args:
        platform: the platform under load.
        people: the number of threads.
        seed: decides which procedures are filed.
        land_share: the share of land transfers, 0 to 1; the rest are certified copies.
    """

    def __init__(self, platform: Running, people: int, seed: int, land_share: float = 0.15) -> None:
        self.platform = platform
        self.land_share = land_share
        self.dossiers: list[CompletedDossier] = []
        self.errors: list[str] = []
        self._stopping = threading.Event()
        self._handed_back: queue.Queue[TrackedDossier | None] = queue.Queue()
        self._rater = threading.Thread(target=self._rate_all, daemon=True)
        self._threads = [
            threading.Thread(target=self._act, args=(number, random.Random(seed * 100 + number)), daemon=True)
            for number in range(people)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in (*self._threads, self._rater):
            thread.start()

    def stop(self) -> None:
        """Files no new dossier; returns when all dossiers are completed and rated.

        Raises:
            AssertionError: a thread failed or did not end.
        """
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE * 2)
        self._handed_back.put(None)
        self._rater.join(PATIENCE * 2)
        assert not self.errors, self.errors
        assert not any(thread.is_alive() for thread in (*self._threads, self._rater)), "a thread still waits"

    def _act(self, number: int, chance: random.Random) -> None:
        people = self.platform.people(PATIENCE)
        journey = DossierDriver(people, timeout=PATIENCE)
        count = 0
        try:
            while not self._stopping.is_set():
                count += 1
                filing = LAND_TRANSFER if chance.random() < self.land_share else COPY
                self.dossiers.append(self._complete(journey, filing, f"{number}-{count}"))
        except (ApiError, OSError, TimeoutError, LookupError) as error:
            self.errors.append(f"{number}-{count}: {type(error).__name__}: {error}")
            self._stopping.set()
        finally:
            people.close()

    def _complete(self, journey: DossierDriver, filing: dict[str, Any], key: str) -> CompletedDossier:
        tracked = journey.file(DESK, filing, f"file-{key}")
        fee = tracked.receipt["fee"]
        journey.people.pay(DESK, tracked.code, fee, key=f"fee-{key}")
        way = journey.work_through(tracked)
        journey.hand_back(tracked)
        self._handed_back.put(tracked)
        steps = tuple(step["step"] for step in way["steps"])
        return CompletedDossier(tracked.code, steps, taxed=bool(tracked.obligations), fee_paid=True)

    def _rate_all(self) -> None:
        """Rates each dossier when its SMS has arrived, in a thread of its own, so that filing does not wait for it."""
        people = self.platform.people(PATIENCE)
        journey = DossierDriver(people, timeout=PATIENCE)
        try:
            while (tracked := self._handed_back.get()) is not None:
                journey.rate(tracked, 5)
        except (ApiError, OSError, TimeoutError, LookupError) as error:
            self.errors.append(f"rating: {type(error).__name__}: {error}")
            self._stopping.set()
        finally:
            people.close()


Fault = Callable[[Running, random.Random], None]


def kill(name: str) -> Fault:
    """Kills a process with its children."""
    return lambda platform, _chance: platform.kill(name)


def kill_all_or_one(name: str) -> Fault:
    """Kills either a process with its children, or one child alone, such as a worker of gunicorn."""

    def act(platform: Running, chance: random.Random) -> None:
        if chance.random() < 0.5 or not platform.kill_one_below(name, chance):
            platform.kill(name)

    return act


def pause(name: str, seconds: float) -> Fault:
    """Pauses a process for longer than its lease, like a machine that hangs, and resumes it."""

    def act(platform: Running, _chance: random.Random) -> None:
        platform.pause(name)
        time.sleep(seconds)
        platform.proc(name).resume()

    return act


@dataclass(frozen=True)
class Plan:
    """The faults of a test, in rounds: each round waits until all processes work, then causes two or three faults at once.

    Attributes:
        seed: the same seed makes the same choices.
        random_faults: chosen at random: name → fault.
        times: the least number of random faults.
        fixed_faults: caused after so many random ones: number → (name, fault).
        work: shortest and longest time between rounds, in seconds.
    """

    seed: int
    random_faults: Mapping[str, Fault]
    times: int
    fixed_faults: Mapping[int, tuple[str, Fault]]
    work: tuple[float, float] = (0.3, 1.8)


def execute_plan(plan: Plan, platform: Running, keep_going: Callable[[], bool]) -> Counter[str]:
    """Causes the faults of a plan; returns how often each was caused.

    Args:
        plan: the plan.
        platform: the platform that the faults hit.
        keep_going: asked before each round; false ends the plan early, because the test has failed already.
    """
    chance = random.Random(plan.seed)
    done: Counter[str] = Counter()
    fixed_faults = sorted(plan.fixed_faults.items())
    while done.total() < plan.times + len(plan.fixed_faults) and keep_going():
        wait_until(platform.all_at_work, 120, what="all processes at work")
        time.sleep(chance.uniform(*plan.work))
        if fixed_faults and done.total() >= fixed_faults[0][0]:
            _, (name, act) = fixed_faults.pop(0)
            act(platform, chance)
            done[name] += 1
        for name in chance.sample(list(plan.random_faults), chance.randint(2, 3)):
            plan.random_faults[name](platform, chance)
            done[name] += 1
            time.sleep(chance.uniform(0, 0.1))
    return done


Audited = TypeVar("Audited", bound=EffectAudit)


def assert_balanced(platform: Running, dossiers: Sequence[CompletedDossier]) -> DeliveryAudit:
    """Waits until everything is processed, stops the platform's processes, and audits the effects.

    Raises:
        AssertionError: an effect is missing or there twice, or something still waits at the end; the message says what.
    """
    return assert_settled(platform, lambda: DeliveryAudit(platform.stores, platform.spool, dossiers), SETTLE_SECONDS)


def assert_settled(platform: Running, audit: Callable[[], Audited], seconds: float) -> Audited:
    """Waits until everything is processed, stops the platform's processes, and audits the effects.

    Args:
        platform: the platform.
        audit: reads the effects.
        seconds: the longest wait.

    Raises:
        AssertionError: an effect is missing or there twice, or something still waits at the end; the message says what.
    """
    stores = platform.stores

    def waiting() -> dict[str, int]:
        return {name: count for name, count in pending_work(stores, platform.settings).items() if count}

    def settled() -> bool:
        return not waiting() and not audit().differences and at_rest(stores, platform.settings)

    try:
        wait_until(settled, seconds, interval=0.5, what="empty outboxes and queues, and each effect once")
    except TimeoutError as late:
        raise AssertionError(f"left over: {waiting()}; faults: {audit().differences}") from late
    platform.end()  # now messages that were never acknowledged count as waiting
    assert not waiting()
    final = audit()
    assert not final.differences
    assert not verify_totals(stores["stats"]), "statistics count what their facts say"
    return final

"""A pool of providers, with fakes that take, refuse, throttle or break."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from services.notify.channels.domain import Channel
from services.notify.channels.pool.domain import BreakerPolicy, BreakerState
from services.notify.channels.pool.member import Member, MemberSettings
from services.notify.channels.pool.provider_pool import ProviderPool
from services.notify.channels.port import (
    Accepted,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    TemporarilyFailed,
    Throttled,
)
from tests.notify.channels.sms_samples import sms

POLICY = BreakerPolicy(failures=3, first_pause=5, shares=(0.25,), step_seconds=10)


class Time:
    """A clock that only a sleep moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Fake:
    """A provider that answers as it is told, and remembers what it was given."""

    def __init__(self, answer: Callable[[Outgoing], Outcome] = lambda _: Accepted("r")) -> None:
        self.answer = answer
        self.given: list[str] = []
        self.closed = False

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        for outgoing in batch:
            self.given.append(outgoing.id)
            yield outgoing, self.answer(outgoing)

    def close(self) -> None:
        self.closed = True


def pool_of(time_: Time, *members: tuple[str, Fake, int, float]) -> ProviderPool:
    made = [Member(MemberSettings(name, "fake", w, rate, POLICY), fake, time_()) for name, fake, w, rate in members]
    return ProviderPool(Channel.SMS, made, time_, time_.sleep)


def outcomes(pool: ProviderPool, time_: Time, count: int, first: int = 0) -> dict[str, Outcome]:
    results = list(pool.send([sms(first + number) for number in range(count)], time_() + 30))
    assert sorted(one.id for one, _ in results) == sorted(f"d{first + number}" for number in range(count))
    return {one.id: outcome for one, outcome in results}


def test_deliveries_are_shared_out_by_weight() -> None:
    time_, a, b = Time(), Fake(), Fake()
    found = outcomes(pool_of(time_, ("a", a, 3, 0), ("b", b, 1, 0)), time_, 100)
    assert (len(a.given), len(b.given)) == (75, 25)
    assert Counter(outcome.provider for outcome in found.values()) == {"a": 75, "b": 25}


def test_what_one_cannot_take_the_other_gets_at_once() -> None:
    time_, good = Time(), Fake()
    dead = Fake(lambda _: TemporarilyFailed("no link"))
    found = outcomes(pool_of(time_, ("dead", dead, 10, 0), ("good", good, 1, 0)), time_, 50)
    assert {type(outcome) for outcome in found.values()} == {Accepted}
    assert len(good.given) == 50
    assert time_() == 1000.0, "nothing waits for the dead one"


def test_what_may_have_been_taken_goes_to_no_other_provider() -> None:
    time_, good = Time(), Fake()
    cut = Fake(lambda _: InDoubt("the link ended"))
    found = outcomes(pool_of(time_, ("cut", cut, 1000, 0), ("good", good, 1, 0)), time_, 2)
    assert {type(outcome) for outcome in found.values()} == {InDoubt}
    assert good.given == []


def test_an_open_breaker_keeps_a_provider_out_until_a_trial_succeeds() -> None:
    time_, good = Time(), Fake()
    broken = Fake(lambda _: TemporarilyFailed("HTTP 500"))
    pool = pool_of(time_, ("broken", broken, 1, 0), ("good", good, 1, 0))
    outcomes(pool, time_, 10)
    tried = len(broken.given)
    assert pool.health()[0].state is BreakerState.OPEN
    outcomes(pool, time_, 10, 100)
    assert len(broken.given) == tried
    time_.sleep(5)
    outcomes(pool, time_, 10, 200)
    assert len(broken.given) == tried + 1, "one delivery on trial"
    time_.sleep(10)
    broken.answer = lambda _: Accepted("r")
    outcomes(pool, time_, 10, 300)
    assert len(broken.given) == tried + 2
    outcomes(pool, time_, 100, 400)
    assert 15 <= len(broken.given) - tried - 2 <= 25, "a quarter of its weight at first: 0.25 of 1.25"
    time_.sleep(10)
    outcomes(pool, time_, 100, 600)
    assert pool.health()[0].share == 1.0


def test_with_all_breakers_open_nothing_fails_and_nothing_is_asked() -> None:
    time_ = Time()
    broken = Fake(lambda _: TemporarilyFailed("HTTP 500"))
    pool = pool_of(time_, ("broken", broken, 1, 0))
    outcomes(pool, time_, 3)
    tried = len(broken.given)
    found = outcomes(pool, time_, 5, 10)
    assert len(broken.given) == tried
    assert set(found.values()) == {Throttled("no provider takes more at present", 5.0)}, "the pause of the breaker"


def test_a_rate_limit_paces_a_batch_and_puts_off_what_would_take_long() -> None:
    time_, a = Time(), Fake()
    found = outcomes(pool_of(time_, ("a", a, 1, 10)), time_, 200)
    kinds = Counter(type(outcome) for outcome in found.values())
    assert 50 <= kinds[Accepted] <= 62, "10 at once, and 10 a second for 5 seconds"
    assert kinds[Throttled] == 200 - kinds[Accepted]
    assert list(a.given) == [f"d{number}" for number in range(kinds[Accepted])], "in the order of urgency"


def test_what_is_above_one_providers_rate_goes_to_the_other() -> None:
    time_, a, b = Time(), Fake(), Fake()
    outcomes(pool_of(time_, ("a", a, 100, 5), ("b", b, 1, 0)), time_, 50)
    assert (len(a.given), len(b.given)) == (5, 45)


def test_a_throttled_provider_rests_as_long_as_it_says() -> None:
    time_, spare = Time(), Fake()
    answers = iter([Throttled("HTTP 429", 60)])
    slow = Fake(lambda _: next(answers, Accepted("r")))
    pool = pool_of(time_, ("slow", slow, 1, 0), ("spare", spare, 1, 0))
    found = outcomes(pool, time_, 1)
    assert (slow.given, spare.given) == (["d0"], ["d0"])
    assert isinstance(found["d0"], Accepted)
    assert pool.health()[0].waits_seconds == 60
    assert pool.health()[0].state is BreakerState.CLOSED
    outcomes(pool, time_, 10, 10)
    assert slow.given == ["d0"]
    time_.sleep(60)
    outcomes(pool, time_, 10, 30)
    assert len(slow.given) == 6


def test_a_refusal_for_good_says_nothing_against_the_provider() -> None:
    time_ = Time()
    strict = Fake(lambda _: PermanentlyFailed("unknown number"))
    other = Fake()
    pool = pool_of(time_, ("strict", strict, 1000, 0), ("other", other, 1, 0))
    found = outcomes(pool, time_, 20)
    assert {type(outcome) for outcome in found.values()} == {PermanentlyFailed}
    assert pool.health()[0].state is BreakerState.CLOSED


def test_a_defect_of_an_adapter_leaves_each_delivery_with_one_outcome() -> None:
    def broken(outgoing: Outgoing) -> Outcome:
        if outgoing.id == "d2":
            raise ValueError(outgoing.address)
        return Accepted("r")

    time_ = Time()
    found = outcomes(pool_of(time_, ("a", Fake(broken), 1, 0)), time_, 5)
    assert [type(found[f"d{n}"]) for n in range(5)] == [Accepted, Accepted, InDoubt, InDoubt, InDoubt]
    assert "09" not in str(found["d2"])


def test_a_slow_provider_holds_up_only_its_own_deliveries() -> None:
    released = threading.Event()

    def slowly(_: Outgoing) -> Outcome:
        released.wait(10)
        return Accepted("r")

    slow, quick = Fake(slowly), Fake()
    members = [Member(MemberSettings(name, "fake"), fake) for name, fake in (("slow", slow), ("quick", quick))]
    pool = ProviderPool(Channel.SMS, members)
    results = pool.send([sms(number) for number in range(10)], time.monotonic() + 30)
    first = [next(results)[1].provider for _ in range(5)]
    released.set()
    rest = [outcome.provider for _, outcome in results]
    assert (first, rest) == (["quick"] * 5, ["slow"] * 5)


def test_it_closes_all() -> None:
    time_, a, b = Time(), Fake(), Fake()
    pool = pool_of(time_, ("a", a, 1, 0), ("b", b, 1, 0))
    outcomes(pool, time_, 1)
    pool.close()
    assert (a.closed, b.closed) == (True, True)

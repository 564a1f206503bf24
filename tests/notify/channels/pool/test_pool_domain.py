"""The rules of a pool: circuit breaker, rate limit and turns."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.pool.domain import (
    Breaker,
    BreakerPolicy,
    BreakerState,
    TokenBucket,
    WeightedTurns,
)

POLICY = BreakerPolicy(failures=3, first_pause=5, longest_pause=15, shares=(0.1, 0.5), step_seconds=10)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(POLICY)
    for _ in range(POLICY.failures):
        breaker = breaker.failed(now)
    return breaker


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_few_failures_leave_it_closed(failures: int) -> None:
    breaker = Breaker(POLICY)
    for _ in range(failures):
        breaker = breaker.failed(0)
    assert (breaker.state, breaker.share) == (BreakerState.CLOSED, 1.0)
    assert breaker.succeeded(0).failures == 0


def test_it_opens_tries_and_returns_step_by_step() -> None:
    breaker = opened()
    assert (breaker.state, breaker.share, breaker.at(4.9).state) == (BreakerState.OPEN, 0.0, BreakerState.OPEN)
    trial = breaker.at(5)
    assert (trial.state, trial.on_trial) == (BreakerState.HALF_OPEN, True)
    first = trial.succeeded(6)
    assert (first.share, first.on_trial) == (0.1, False)
    assert [first.at(now).share for now in (15.9, 16, 25.9, 26)] == [0.1, 0.5, 0.5, 1.0]
    assert first.at(26) == Breaker(POLICY)


def test_a_failed_trial_doubles_the_pause_up_to_the_longest() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(4):
        pauses.append(breaker.changes_at - now)
        now = breaker.changes_at
        breaker = breaker.failed(now)
    assert pauses == [5, 10, 15, 15]


def test_a_failure_on_the_way_back_opens_it_again() -> None:
    back = opened().at(5).succeeded(5)
    assert back.failed(7).state is BreakerState.OPEN


def test_late_answers_do_not_close_an_open_breaker() -> None:
    assert opened().succeeded(1).state is BreakerState.OPEN


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), max_size=60))
def test_the_breaker_is_always_in_a_known_state(steps: list[tuple[bool, float]]) -> None:
    breaker, now = Breaker(POLICY), 0.0
    for success, pause in steps:
        now += pause
        before = breaker.at(now)
        breaker = breaker.succeeded(now) if success else breaker.failed(now)
        assert 0 <= breaker.share <= 1
        assert (breaker.share == 0) == (breaker.state is BreakerState.OPEN)
        if before.state is BreakerState.OPEN:
            assert breaker.state is BreakerState.OPEN, "only time opens the way to a trial"
        if breaker.state is BreakerState.OPEN:
            assert 0 <= breaker.changes_at - now <= POLICY.longest_pause + 1e-9
    assert breaker.at(now + 1000).state is not BreakerState.OPEN


@given(st.floats(0.5, 500), st.lists(st.tuples(st.floats(0, 3), st.integers(0, 1000)), min_size=1, max_size=50))
def test_no_more_than_the_rate_is_sent(rate: float, asks: list[tuple[float, int]]) -> None:
    bucket, now, sent = TokenBucket.full(rate, 0.0), 0.0, 0
    for pause, wanted in asks:
        now += pause
        given_ = min(wanted, bucket.available(now))
        bucket = bucket.take(given_, now)
        sent += given_
        assert sent <= max(rate, 1) + now * rate + 1e-6


@given(st.floats(0.5, 500))
def test_an_empty_bucket_tells_when_the_next_may_go(rate: float) -> None:
    bucket = TokenBucket.full(rate, 0.0)
    bucket = bucket.take(bucket.available(0.0), 0.0)
    wait = bucket.seconds_until_next(0.0)
    assert bucket.available(wait + 1e-6) >= 1
    assert 0 <= wait <= 1 / rate + 1e-9


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 20), min_size=1))
def test_turns_follow_the_weights_and_are_spread(weights: dict[str, int]) -> None:
    turns, total = WeightedTurns(), sum(weights.values())
    chosen = [turns.choose({name: float(weight) for name, weight in weights.items()}) for _ in range(total * 3)]
    for round_ in range(3):
        assert Counter(chosen[round_ * total : (round_ + 1) * total]) == weights


def test_turns_are_not_taken_in_blocks() -> None:
    turns = WeightedTurns()
    assert "".join(turns.choose({"A": 3, "B": 1}) for _ in range(8)) == "AABAAABA"

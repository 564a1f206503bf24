"""Any sequence of what may happen to dossiers leaves rows, clock and events that agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain import clock
from services.routing.domain.clock import Kind
from services.routing.domain.states import TaskState
from services.routing.sweeps import find_overdue
from tests.routing.world import DESK, THURSDAY, World, reference
from tests.support.events import event

CALENDAR = reference().calendar(DESK, THURSDAY.date())
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), st.integers(0, 2)),
        st.tuples(st.just("pay"), st.just(0)),
        st.tuples(st.just("sweep"), st.just(0)),
        st.tuples(st.just("pass"), st.integers(1, 4 * 24 * 60)),
    ),
    max_size=40,
)
numbers = count(1)


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One store for all examples; each has a dossier of its own."""
    directory = tmp_path_factory.mktemp("whole")
    world = World(f"sqlite:///{directory}/store.db", directory)
    world.publish()
    yield world
    world.store.close()


@given(happenings=HAPPENINGS)
@settings(max_examples=40, deadline=None)
def test_rows_clock_and_events_agree_whatever_happens(one_world: World, happenings: list[tuple[str, int]]) -> None:
    world = one_world
    code = f"000.00.14.H57-251120-{next(numbers):05}"
    world.go_to(THURSDAY)
    world.receive(code)
    for what, number in happenings:
        if world.dossier(code).state != "active":
            break
        _happen(world, code, what, number)
        _check(world, code)


def _happen(world: World, code: str, what: str, number: int) -> None:
    if what == "pass":
        world.pass_(timedelta(minutes=number))
    elif what == "sweep":
        find_overdue(world.context)
    else:
        _act(world, code, what, number)


def _act(world: World, code: str, what: str, number: int) -> None:
    task = world.open_task(code)
    if task.state == TaskState.AWAITING_PAYMENT:
        if what == "pay":
            paid_at = world.store.clock.now().isoformat()
            numbered = len(world.tasks(code))
            paid: dict[str, Any] = {
                "dossier": code,
                "obligation": task.obligation,
                "amount": task.amount,
                "paid_at": paid_at,
            }
            assert world.apply(event("fee.paid", numbered, **paid)).applied == 1
    elif what == "complete":
        outcomes = {
            "assessment": ("completed", "no_tax"),
            "tax": ("completed", "obligation"),
            "checking": ("rework", "completed"),
        }
        allowed = outcomes.get(task.step, ("completed",))
        outcome = allowed[number % len(allowed)]
        world.complete(task.step, outcome, 1000 if outcome == "obligation" else None, code)


def _check(world: World, code: str) -> None:
    dossier, tasks, intervals = world.dossier(code), world.tasks(code), world.intervals(code)
    said = world.said(code=code)
    now = world.store.clock.now()
    # one step is open until the dossier is resolved, and every step was assigned and completed once in the events
    standing = [task for task in tasks if task.state != TaskState.DONE]
    assert len(standing) == (1 if dossier.state == "active" else 0)
    assert said.count("step.assigned") == len(tasks)
    assert said.count("step.completed") == len(tasks) - len(standing)
    # the clock covers the life, and its kind is the open step's
    assert intervals[0].begins_at == dossier.received_at
    assert all(before.ends_at == after.begins_at and before.kind != after.kind for before, after in pairwise(intervals))
    assert intervals[-1].ends_at == dossier.resolved_at
    assert dossier.paused == (bool(standing) and not standing[0].counted) == (intervals[-1].kind == Kind.UNCOUNTED)
    pauses = sum(interval.kind == Kind.UNCOUNTED for interval in intervals)
    assert (said.count("dossier.paused"), said.count("dossier.resumed")) == (pauses, pauses - dossier.paused)
    # the due time is the promise and what was not counted
    ended = [interval for interval in intervals if interval.ends_at is not None]
    uncounted = clock.minutes(ended, Kind.UNCOUNTED, CALENDAR, now)
    assert dossier.due_at == clock.due(dossier.promised_at, uncounted, CALENDAR)
    # late is said at most once, and agrees with the result
    assert said.count("dossier.overdue") == (dossier.overdue_at is not None)
    assert said.count("dossier.resolved") == (dossier.state == "resolved")
    if dossier.state == "resolved":
        assert said[-1] == "dossier.resolved"
        assert dossier.on_time == (dossier.overdue_at is None)

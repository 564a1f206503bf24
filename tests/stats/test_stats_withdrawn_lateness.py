"""Lateness that a day off makes wrong is withdrawn, in whatever order the events arrive."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.stats.facts.store import dossiers, steps, warnings
from services.stats.handlers import HANDLERS
from shared.contracts import REGISTRY
from shared.messaging.event import Event
from tests.stats.stored_facts import moment
from tests.support.events import event
from tests.support.service import ServiceUnderTest

X, Y, DONE = (f"2025-12-{day}T{hour}:00+07:00" for day, hour in (("04", "17:30"), ("05", "17:30"), ("05", "09:00")))
IN_TIME = {"overdue_at": None, "due_at": Y, "ended_at": DONE, "on_time": True, "index_on_time": True}
"""What is stated of a dossier whose due time X was off, so that it was due at Y and done before."""


def withdrawn(dossier: str, sequence: int = 9, **data: Any) -> Event:
    stated: dict[str, Any] = dict.fromkeys(IN_TIME) | {"was_overdue_at": X, "due_at": Y} | data
    return event("dossier.overdue_withdrawn", sequence, dossier=dossier, **stated)


def overdue_at(dossier: str, sequence: int, moment_of: str) -> Event:
    return event("dossier.overdue", sequence, dossier=dossier, due_at=moment_of, overdue_at=moment_of)


def done(dossier: str, sequence: int = 8, **data: Any) -> Event:
    late_facts: dict[str, Any] = {"due_at": X, "resolved_at": DONE, "on_time": False, "index_on_time": False}
    return event("dossier.resolved", sequence, dossier=dossier, **(late_facts | data))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(
            lambda code: [overdue_at(code, 1, X), withdrawn(code, 2)],
            {"overdue_at": None, "late_at": None, "due_at": Y, "on_time": None},
            id="in progress",
        ),
        pytest.param(
            lambda code: [overdue_at(code, 1, X), withdrawn(code, 2), overdue_at(code, 3, Y)],
            {"overdue_at": Y, "late_at": Y, "due_at": Y, "on_time": None},
            id="overdue again",
        ),
        pytest.param(
            lambda code: [overdue_at(code, 1, X), withdrawn(code, 2, overdue_at=Y)],
            {"overdue_at": Y, "late_at": Y, "due_at": Y, "on_time": None},
            id="overdue from later on",
        ),
        pytest.param(
            lambda code: [overdue_at(code, 1, X), done(code, 2), withdrawn(code, 3, **IN_TIME)],
            {"overdue_at": None, "late_at": None, "due_at": Y, "on_time": True, "index_on_time": True, "early": False},
            id="ended in time after all",
        ),
        pytest.param(
            lambda code: [
                overdue_at(code, 1, X),
                withdrawn(code, 2),
                done(code, 3, due_at=Y, on_time=True, index_on_time=True),
            ],
            {"overdue_at": None, "late_at": None, "due_at": Y, "on_time": True, "index_on_time": True, "early": False},
            id="ended in time after the withdrawal",
        ),
        pytest.param(
            lambda code: [
                overdue_at(code, 1, X),
                event("dossier.stopped", 2, dossier=code, due_at=X, on_time=False, stopped_at=DONE),
                withdrawn(code, 3, **IN_TIME),
            ],
            {"overdue_at": None, "late_at": None, "stopped_on_time": True, "stopped_at": DONE},
            id="stopped in time after all",
        ),
        pytest.param(
            lambda code: [
                overdue_at(code, 1, X),
                done(code, 2, resolved_at="2025-12-08T09:00:00+07:00"),
                withdrawn(
                    code, 3, **(IN_TIME | {"overdue_at": Y, "ended_at": "2025-12-08T09:00:00+07:00", "on_time": False})
                ),
            ],
            {"overdue_at": Y, "late_at": Y, "due_at": Y, "on_time": False, "early": False},
            id="late from later on",
        ),
    ],
)
def test_withdrawn_lateness_is_the_same_in_every_order_and_however_often(
    both: ServiceUnderTest, events: Callable[[str], list[Event]], expected: dict[str, Any]
) -> None:
    orders = list(itertools.permutations(range(len(events("D")))))
    with both.store.uow() as work:
        for number, order in enumerate(orders):
            told = events(f"D-{number}")
            for place in (*order, *order, order[0]):
                HANDLERS[told[place].name](replace(told[place], data=REGISTRY.read(told[place])), work)
    rows = both.rows(dossiers)
    assert len(rows) == len(orders)
    wanted = {name: moment(value) if isinstance(value, str) else value for name, value in expected.items()}
    for row, order in zip(rows, orders, strict=True):
        assert {name: row[name] for name in wanted} == wanted, order


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 0, 1)])
def test_a_withdrawn_warning_of_a_step_does_not_count(both: ServiceUnderTest, order: tuple[int, ...]) -> None:
    due_at = "2025-11-21T10:00:00+07:00"
    told = event("step.overdue", 1, due_at=due_at), event("step.overdue_withdrawn", 2, due_at=due_at)
    with both.store.uow() as work:
        for place in order:
            HANDLERS[told[place].name](replace(told[place], data=REGISTRY.read(told[place])), work)
    (row,) = both.rows(warnings)
    assert (row["kind"], row["withdrawn"]) == ("step_overdue", True)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1, 0)])
def test_a_step_that_was_completed_in_time_after_all_counts_as_in_time(
    both: ServiceUnderTest, order: tuple[int, ...]
) -> None:
    completed = event("step.completed", 1, on_time=False)
    facts_of_it = {name: completed.data[name] for name in ("outcome", "counted", "assigned_at", "completed_at")}
    told = completed, event("step.overdue_withdrawn", 2, **facts_of_it)
    with both.store.uow() as work:
        for place in order:
            HANDLERS[told[place].name](replace(told[place], data=REGISTRY.read(told[place])), work)
    (row,) = both.rows(steps)
    assert (row["on_time"], row["completed_at"]) == (True, moment(str(completed.data["completed_at"])))

"""What officials did is counted once, for the right one and the right day, in whatever order it is told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.stats.measures.domain import Period
from services.stats.officials.domain import COUNTS, Act, merged
from services.stats.officials.store import official_acts, official_days, official_totals
from shared.messaging.event import Event
from shared.runtime.clock import VIETNAM
from tests.support.events import event
from tests.support.service import ServiceUnderTest

AT = "2025-11-20T23:30:00+07:00"
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
ACTS = st.builds(
    Act,
    st.just("step"),
    st.sampled_from(["an", "binh"]),
    st.integers(0, 3).map(lambda hours: datetime(2025, 11, 20, 8, tzinfo=VIETNAM) + timedelta(hours=hours)),
    st.sampled_from(["on_time", "late", "uncounted"]),
)


@given(st.lists(ACTS, min_size=1, max_size=4))
def test_any_order_and_repetition_of_accounts_end_alike(acts: list[Act]) -> None:
    found = set()
    for order in permutations(acts):
        known: Act | None = None
        for act in (*order, *order):
            known = merged(known, act)
        found.add(known)
    assert len(found) == 1


def _step(task: str, timeliness: str, number: int = 1, official: str = "an", at: str = AT) -> Event:
    told: dict[str, Any] = {"task": task, "official": official, "timeliness": timeliness, "completed_at": at}
    return event("official.completed_step", number, id=f"{task}-{timeliness}-{official}-{number}", **told)


def _served(ticket: str, act: str = "served", official: str = "an") -> Event:
    return event("official.served", 1, id=f"{act}-{ticket}", act=act, ticket=ticket, official=official, at=AT)


def _dossier(act: str, code: str) -> Event:
    told: dict[str, Any] = {"act": act, "official": "an", "dossier": code, "at": AT}
    return event("official.handled_dossier", 1, id=f"{act}-{code}", **told)


def _story() -> list[Event]:
    returned = event("official.step_returned", 1, task="k-1", official="an", returned_at=AT)
    return [
        *(_served("t-1"), _served("t-1", "called"), _served("t-2", "called"), _served("t-3", official="binh")),
        *(_dossier("received", "D-1"), _dossier("received", "D-2"), _dossier("returned", "D-1")),
        *(_step("k-1", "on_time"), _step("k-2", "late"), _step("k-3", "uncounted"), _step("k-4", "late")),
        *(_step("k-4", "on_time", 2), returned),  # a day was declared off
    ]


def test_each_act_counts_once_for_its_official_on_its_local_day(both: ServiceUnderTest) -> None:
    story = _story()
    expected = {"served": 1, "received": 2, "returned": 1, "steps": 4, "steps_on_time": 2, "steps_late": 1}
    for seed in range(3):
        random.Random(seed).shuffle(story)
        for number, told in enumerate(story):
            again = replace(told, id=f"{told.id}-{seed}-{number}")
            both.apply(told, again)
        with both.store.read() as connection:
            assert official_days(connection, "an", YEAR) == {date(2025, 11, 20): expected | {"steps_returned": 1}}
            assert official_days(connection, "binh", YEAR)[date(2025, 11, 20)]["served"] == 1
            assert official_days(connection, "an", Period(date(2025, 11, 21), date(2025, 11, 30))) == {}
    assert len(both.rows(official_acts)) == 10


def test_what_was_done_again_after_a_restored_backup_counts_where_it_was_done_last(both: ServiceUnderTest) -> None:
    later = "2025-11-21T08:00:00+07:00"
    both.apply(_step("k-1", "on_time"))
    both.apply(_step("k-1", "late", 2, official="binh", at=later))
    both.apply(_step("k-1", "on_time", 3))
    totals = {(row["official"], row["day"]): [row[name] for name in COUNTS] for row in both.rows(official_totals)}
    assert totals[("an", date(2025, 11, 20))] == [0] * 7
    assert totals[("binh", date(2025, 11, 21))] == [0, 0, 0, 1, 1, 0, 0]

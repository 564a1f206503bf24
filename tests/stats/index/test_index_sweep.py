from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.stats.index import store
from services.stats.index.changes import MOMENTS
from services.stats.index.domain import Count
from services.stats.index.periods import parse_period
from services.stats.index.queries import CountedPeriod, read_period
from services.stats.index.rules import index_of
from services.stats.index.sweeps import EVERY, count_periods
from shared.contracts import REGISTRY
from tests.stats.index.index_sample import COMMUNE, dossier
from tests.support.events import event
from tests.support.service import ServiceUnderTest

NOVEMBER, INDEX = parse_period("2025-11"), index_of("qd766-2022")


def read(stats: ServiceUnderTest) -> CountedPeriod:
    with stats.store.read() as connection:
        return read_period(connection, NOVEMBER, stats.context.clock.now())


def changes(stats: ServiceUnderTest) -> dict[str, int]:
    return {row["month"]: row["changes"] for row in stats.rows(store.changes)}


def test_an_ended_month_is_counted_once_and_kept(december_both: ServiceUnderTest) -> None:
    live = read(december_both)
    assert live.counts[COMMUNE]["2.1"] == Count(36, 40)
    assert (
        count_periods(december_both.context) == 7
    )  # three that run, three before them; of 2024 by december_both indices
    kept = read(december_both)
    assert kept.counts == live.counts
    december_both.hand.pass_(timedelta(hours=1))
    assert count_periods(december_both.context) == 3  # of those that run
    assert read(december_both).as_of == kept.as_of
    assert changes(december_both) == {}


def test_a_fact_that_comes_late_has_its_month_counted_again(december_both: ServiceUnderTest) -> None:
    count_periods(december_both.context)
    before = read(december_both)
    december_both.apply(*dossier("Z-1", COMMUNE, late=True))
    assert changes(december_both) == {"2025-11": 1}  # for the whole batch
    assert read(december_both).counts == before.counts
    december_both.hand.pass_(EVERY)
    count_periods(december_both.context)
    after = read(december_both)
    assert after.counts[COMMUNE]["2.1"] == Count(36, 41)
    assert after.as_of > before.as_of
    december_both.hand.pass_(EVERY)
    count_periods(december_both.context)
    assert read(december_both).as_of == after.as_of


def test_facts_of_the_month_that_runs_mark_nothing(both: ServiceUnderTest) -> None:
    both.apply(*dossier("Z-1", COMMUNE, day=3))
    assert changes(both) == {}


def test_a_late_fact_of_an_earlier_month_changes_the_months_after_it(december_both: ServiceUnderTest) -> None:
    count_periods(december_both.context)
    december_both.apply(
        event("dossier.received", 1, dossier="Z-2", receiving_agency=COMMUNE, received_at="2025-09-10T09:00:00+07:00")
    )
    december_both.hand.pass_(EVERY)
    count_periods(december_both.context)
    assert read(december_both).counts[COMMUNE]["2.1"].denominator == 41


def test_a_withdrawn_lateness_and_a_corrected_rating_mark_their_months(december_both: ServiceUnderTest) -> None:
    withdrawn: dict[str, Any] = {"was_overdue_at": "2025-11-20T17:00:00+07:00", "ended_at": None}
    december_both.apply(
        event("dossier.overdue_withdrawn", 9, dossier="A-00", on_time=None, index_on_time=None, **withdrawn)
    )
    assert changes(december_both) == {"2025-11": 1}
    december_both.apply(event("rating.corrected", 2, corrected_at="2025-12-12T10:00:00+07:00"))
    assert changes(december_both) == {"2025-11": 2}
    december_both.apply(event("rating.corrected", 1, rating="unknown", corrected_at="2025-12-12T10:00:00+07:00"))
    assert changes(december_both) == {"2025-11": 2}


def test_the_same_event_twice_marks_once(december_both: ServiceUnderTest) -> None:
    for _ in range(2):
        december_both.apply(event("dossier.received", 1, dossier="Z-3", received_at="2025-10-10T09:00:00+07:00"))
    assert changes(december_both) == {"2025-10": 1}


def test_the_count_of_an_older_moment_does_not_replace_a_newer_one(december_both: ServiceUnderTest) -> None:
    now = december_both.context.clock.now()

    def keep(at: datetime, number: int, good: int) -> bool:
        new, counts = store.Counted(at, number), {COMMUNE: {"2.1": Count(good, 9)}}
        return december_both.store.run(lambda work: store.keep_counts(work, "2025-11", INDEX.id, new, counts))

    assert keep(now, 3, 5)
    assert not keep(now - EVERY, 9, 1)
    assert not keep(now, 2, 2)
    assert read(december_both).counts == {COMMUNE: {"2.1": Count(5, 9)}}
    assert keep(now, 4, 6)
    assert read(december_both).counts == {COMMUNE: {"2.1": Count(6, 9)}}


@pytest.mark.parametrize("name", sorted(MOMENTS))
def test_the_moments_are_fields_of_their_events(name: str) -> None:
    assert MOMENTS[name] in REGISTRY.by_name[name].schema.fields

"""What was counted of the index follows from the facts: replaced by a rebuild, they are counted again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from services.operations import stats as operations
from services.stats.facts.store import dossiers
from services.stats.index.domain import Count
from services.stats.index.periods import parse_period
from services.stats.index.queries import read_period
from services.stats.index.store import changes
from services.stats.index.sweeps import EVERY, count_periods
from tests.stats.index.index_sample import COMMUNE
from tests.support.service import ServiceUnderTest


def rebuild(stats: ServiceUnderTest) -> int | None:
    """What ``motcua stats rebuild --switch --accept-differences`` does."""
    with operations.stats_rebuild(stats.context, lambda _: None) as work:
        work.build()
        return work.switch(accept_differences=True)


def test_after_a_switch_that_changed_something_all_periods_of_the_index_are_counted_again(
    december_both: ServiceUnderTest,
) -> None:
    def november() -> Any:
        with december_both.store.read() as connection:
            return read_period(connection, parse_period("2025-11"), december_both.context.clock.now())

    count_periods(december_both.context)
    right = november()
    assert right.counts[COMMUNE]["2.1"] == Count(36, 40)
    assert rebuild(december_both) == 0
    assert december_both.rows(changes) == [], "nothing was changed"

    december_both.store.run(lambda work: work.execute(update(dossiers).values(late_at=None, index_on_time=None)))
    assert rebuild(december_both)
    december_both.hand.pass_(EVERY)
    assert count_periods(december_both.context) == 7, (
        "three that run, three before them, and the year of the other index"
    )
    assert november().as_of > right.as_of
    assert november().counts == right.counts
    december_both.hand.pass_(EVERY + timedelta(minutes=1))
    assert count_periods(december_both.context) == 3

"""What time triggers: periods that run are counted every few minutes, ended ones once more, and again when facts of them come late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.stats.index import store
from services.stats.index.commands import count_period
from services.stats.index.domain import Index
from services.stats.index.periods import KINDS, IndexPeriod, parse_period, period_of
from services.stats.index.queries import last_day
from services.stats.index.rules import indices
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

EVERY = timedelta(minutes=5)
MOST = 12
"""Periods that are counted in one run; what is left is counted in the next."""
SHARE = 0.1
"""Of real time: a count reads all dossiers of a period, which with millions of them takes seconds."""


def count_periods(context: Context) -> int:
    """Counts what is not counted, or not as it is now; returns how many periods were counted."""
    now = context.clock.now()
    due = [one for one in _watched(context, now) if _is_due(context, *one, now)][:MOST]
    return sum(count_period(context, *one) for one in due)


def _watched(context: Context, now: datetime) -> Iterator[tuple[IndexPeriod, Index]]:
    """The running period and the one before, of each kind, and all that were counted before; each with the indices in force."""
    seen: dict[tuple[str, str], tuple[IndexPeriod, Index]] = {}
    for kind in KINDS:
        running = period_of(kind, now.date())
        for period in (running, running.before):
            for index in indices():
                if index.in_force(last_day(period, now)):
                    seen[period.key, index.id] = period, index
    known = {index.id: index for index in indices()}
    with context.store.read() as connection:
        for key, id_, _ in store.all_counted(connection):
            if id_ in known:
                seen.setdefault((key, id_), (parse_period(key), known[id_]))
    yield from seen.values()


def _is_due(context: Context, period: IndexPeriod, index: Index, now: datetime) -> bool:
    with context.store.read() as connection:
        kept = store.counted(connection, period.key, index.id)
        if kept is None:
            return True
        runs = kept.counted_at < min(period.days.end, now)
        return runs or kept.changes != store.changes_up_to(connection, period)


INDEX = Sweep("index", EVERY, count_periods, share=SHARE)

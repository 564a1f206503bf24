"""What time triggers: rankings of settled periods are drawn up, and counted again while late ratings and corrections come.

Every ranking of the last weeks is counted once on each local day; one with a correction of its ratings at once, however old it is. Both
only compare and are safe to repeat.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from services.rating.rankings import store
from services.rating.rankings.commands import draw_up
from services.rating.rankings.counting import issuers
from services.rating.rankings.domain import SubjectKind
from services.rating.rankings.methods import method_on
from services.rating.rankings.periods import KINDS, last_settled
from services.rating.scores.periods import ScorePeriod, before, parse_period
from shared.observability import metrics
from shared.persistence.engine import may_succeed_later
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

NAME = "rankings"
MOST_CORRECTED = 200

failures = metrics.counter(
    "motcua_ranking_failures", "Rankings that could not be counted; each is tried again in the next run.", "kind"
)


def count_rankings(context: Context) -> int:
    """Draws up what is settled, and counts again what may have changed; returns how many drafts were made or changed."""
    metrics.start_at_zero(failures, context.service, [kind.value for kind in SubjectKind])
    today = context.clock.now().astimezone(VIETNAM).date()
    changed = sum(_count_period(context, period, today) for period in watched_periods(today))
    with context.store.read() as connection:
        corrected = store.papers_to_check(connection, MOST_CORRECTED)
    for kind, agency, key in corrected:
        changed += _try(context, SubjectKind(kind), agency, parse_period(key))
    return changed


def watched_periods(today: date) -> Iterator[ScorePeriod]:
    """The settled periods that ended not too long ago; of each kind at least the newest."""
    method = method_on(today)
    for kind in KINDS:
        period = last_settled(kind, today, method.settle_days)
        while True:
            yield period
            period = before(period)
            if period.last + timedelta(days=method.watch_days) < today:
                break


def _count_period(context: Context, period: ScorePeriod, today: date) -> int:
    with context.store.read() as connection:
        if store.counted_on(connection, period.key) == today:
            return 0
        agencies = context.reference.agencies
        todo = [(kind, agency) for kind in SubjectKind for agency in issuers(connection, kind, period, agencies)]
    changed = sum(_try(context, kind, agency, period) for kind, agency in todo)
    context.store.run(partial(store.keep_counted, period=period.key, day=today))
    return changed


def _try(context: Context, kind: SubjectKind, agency: str, period: ScorePeriod) -> bool:
    try:
        return context.store.run(lambda work: draw_up(work, kind, agency, period))
    except Exception as error:  # one ranking must not stop the others
        if may_succeed_later(error):
            raise
        failures.labels(context.service, kind.value).inc()
        log.error("ranking %s %s of %s: %s: %s", kind, period.key, agency, type(error).__name__, error)  # noqa: TRY400
        return False


RANKINGS = Sweep(NAME, timedelta(minutes=10), count_rankings)

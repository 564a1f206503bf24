"""What time triggers: the assessments of a year are opened on its day, one for each official, once."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from services.rating.rankings.assessments import store
from services.rating.rankings.assessments.commands import open_assessment
from services.rating.rankings.assessments.rules import assessment_rules
from services.rating.rankings.counting import registered_agencies, registered_officials
from shared.observability import metrics
from shared.persistence.engine import may_succeed_later
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

NAME = "assessments"
MOST = 500
"""Assessments that one run opens at most; the next run continues."""

failures = metrics.counter(
    "motcua_assessment_failures", "Assessments that could not be opened; each is tried again in the next run."
)


def open_assessments(context: Context) -> int:
    """Opens the assessments of the newest year whose day has come; returns how many.

    An assessment is one row for each official, agency and year: several workers, a restart and a clock that is set back open none twice.
    """
    metrics.start_at_zero(failures, context.service)
    today = context.clock.now().astimezone(VIETNAM).date()
    rules = assessment_rules(today)
    year = rules.open_year(today)
    first, last = rules.span(year)
    todo = _to_open(context, year, first, last)
    return sum(_try(context, official, agency, home, year) for official, agency, home in todo[:MOST])


def _to_open(context: Context, year: int, first: date, last: date) -> list[tuple[str, str, str]]:
    """Official, agency and department of the assessments that are not opened yet."""
    found: list[tuple[str, str, str]] = []
    with context.store.read() as connection:
        for agency in registered_agencies(connection):
            known = store.known_officials(connection, agency, year)
            homes = registered_officials(connection, agency, first, last)
            found += [(one, agency, home or agency) for one, home in sorted(homes.items()) if one not in known]
    return found


def _try(context: Context, official: str, agency: str, home: str, year: int) -> bool:
    try:
        return context.store.run(lambda work: open_assessment(work, official, agency, home, year))
    except Exception as error:  # one assessment must not stop the others
        if may_succeed_later(error):
            raise
        failures.labels(context.service).inc()
        log.error("assessment of %s at %s: %s: %s", year, agency, type(error).__name__, error)  # noqa: TRY400
        return False


ASSESSMENTS = Sweep(NAME, timedelta(minutes=10), open_assessments)

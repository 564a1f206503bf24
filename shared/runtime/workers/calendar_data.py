"""Shows until when the public holidays are recorded, and warns operators before they end: beyond that time nothing can be promised."""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta

from shared.calendar import TIMEZONE
from shared.calendar.holidays import public_holidays
from shared.observability.metrics import MeasuredGauges, gauge
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

WARNED_BEFORE = timedelta(days=365)
"""How long before the end of the recorded holidays the warnings begin; time limits that reach further fail already."""

calendar_end = gauge(
    "motcua_calendar_end_timestamp_seconds", "When the recorded public holidays end; beyond it nothing is promised."
)
_gauges = MeasuredGauges()


def check_calendar_data(context: Context) -> int:
    """Shows when the recorded holidays end, and logs a warning in the last year before; returns 0, since it changes no row."""
    last_year = public_holidays().last_year
    ends_at = datetime.combine(date(last_year + 1, 1, 1), time(), TIMEZONE)
    _gauges.show({(calendar_end, (context.service,)): ends_at.timestamp()})
    if context.clock.now() >= ends_at - WARNED_BEFORE:
        log.warning("the recorded public holidays end with %d; install a release whose calendar goes on", last_year)
    return 0


CALENDAR_DATA = Sweep("calendar data", timedelta(days=1), check_calendar_data, withdraw=_gauges.withdraw)

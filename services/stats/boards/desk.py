"""The public board of one desk: on time and late, results, and visitors, of today and of the month. It shows no dossier and no person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from services.stats.measures.domain import Period, share
from services.stats.measures.kept import Kept
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.tickets import numbers_of, together, totals_by_group, waiting_now
from shared.runtime.context import Context

EXTENSION = "motcua-stats-desk-boards"
FRESH = timedelta(seconds=8)
"""Real time for which a board is cached: in between, any number of screens asks the database nothing."""


@dataclass(frozen=True, slots=True)
class DossierNumbers:
    """Dossiers of a period.

    Attributes:
        received, resolved, on_time, resolved_late, returned: of the period, see :data:`services.stats.measures.queries.MEASURES`.
        on_time_share, late_share: percent of those resolved; None if there was none.
        overdue: in progress and past their due time now.
    """

    received: int
    resolved: int
    on_time: int
    resolved_late: int
    returned: int
    on_time_share: float | None
    late_share: float | None
    overdue: int


@dataclass(frozen=True, slots=True)
class DeskBoard:
    """What the board of a desk shows.

    Attributes:
        version: changes when the numbers or the day do.
        as_of: business time.
        today, month: its dossiers.
        visitors: of today: counts, and times in seconds.
        waiting: visitors who wait now.
    """

    version: str
    as_of: datetime
    today: DossierNumbers
    month: DossierNumbers
    visitors: Mapping[str, int | None]
    waiting: int


def kept_boards(context: Context) -> Kept[str, DeskBoard]:
    """The boards of the desks that exist, by their code."""
    return Kept(context, FRESH, _read)


def _read(connection: Connection, desk: str, now: datetime) -> DeskBoard:
    day = now.date()
    today, month = (
        _dossiers(count_measures(connection, Scope(Period(first, day), now, {"agency": desk})))
        for first in (day, day.replace(day=1))
    )
    visitors = numbers_of(together(totals_by_group(connection, Period(day, day), {desk}).values()))
    waiting = waiting_now(connection, desk, day)
    shown = repr((day, today, month, sorted(visitors.items()), waiting))
    return DeskBoard(sha256(shown.encode()).hexdigest()[:20], now, today, month, visitors, waiting)


def _dossiers(counts: Mapping[str, int]) -> DossierNumbers:
    return DossierNumbers(
        received=counts["received"],
        resolved=counts["resolved"],
        on_time=counts["on_time"],
        resolved_late=counts["resolved_late"],
        returned=counts["returned"],
        on_time_share=share(counts["on_time"], counts["resolved"]),
        late_share=share(counts["resolved_late"], counts["resolved"]),
        overdue=counts["in_progress_overdue"],
    )

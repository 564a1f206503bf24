"""Why a dossier is due when it is, in the calendar's sentences."""

from __future__ import annotations

from collections.abc import Sequence

from services.routing.domain import clock
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.measures import Terms
from services.routing.domain.rules import required
from services.routing.store.dossiers import Dossier
from shared.calendar import Note, WorkingCalendar


def explanation(
    dossier: Dossier, intervals: Sequence[Interval], calendar: WorkingCalendar, terms: Terms
) -> tuple[Note, ...]:
    """The sentences that lead to the present due time by the law.

    Args:
        dossier: as just read.
        intervals: its clock, in order.
        calendar: of the receiving agency.
        terms: by which its time is counted.

    Returns:
        An empty tuple where the first promise holds, which the receipt explains, or where a re-appointment replaced it.
    """
    ended = [interval for interval in intervals if interval.ends_at is not None]
    base, since = dossier.promised_at, dossier.received_at
    notes: tuple[Note, ...] = ()
    supplements = [interval.ends_at for interval in ended if interval.kind == Kind.SUPPLEMENT and interval.ends_at]
    if supplements and required(terms.regulation, "supplement_restarts_deadline") is not None:
        since = supplements[-1]
        restarted = calendar.promise(since, terms.limit, terms.regulation, terms.remote_extra_days)
        base, notes = restarted.at, restarted.explanation
    uncounted = clock.minutes((one for one in ended if one.begins_at >= since), Kind.UNCOUNTED, calendar, since)
    if uncounted:
        added = calendar.add_working_minutes(base, uncounted)
        base, notes = added.at, (*notes, *added.explanation)
    return notes if base == dossier.due_at else ()

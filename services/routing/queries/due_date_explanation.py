"""Why a dossier is due when it is, in the calendar's sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.routing.domain import clock
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.measures import Terms
from services.routing.domain.rules import required
from services.routing.store.dossiers import Dossier
from shared.calendar import TIMEZONE, Note, WorkingCalendar
from shared.calendar.explanation import rolled


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
    since = dossier.received_at
    base, notes = _promise(dossier, calendar)
    supplements = [interval.ends_at for interval in ended if interval.kind == Kind.SUPPLEMENT and interval.ends_at]
    if supplements and required(terms.regulation, "supplement_restarts_deadline") is not None:
        since = supplements[-1]
        restarted = calendar.promise(since, terms.limit, terms.regulation, terms.remote_extra_days)
        base, notes = _rolled(restarted.at, restarted.explanation, calendar)
    uncounted = clock.minutes((one for one in ended if one.begins_at >= since), Kind.UNCOUNTED, calendar, since)
    if uncounted:
        added = calendar.add_working_minutes(base, uncounted)
        base, notes = added.at, (*notes, *added.explanation)
    return notes if base == dossier.due_at else ()


def _promise(dossier: Dossier, calendar: WorkingCalendar) -> tuple[datetime, tuple[Note, ...]]:
    """The first promise, with a sentence if it was moved; what was told to the citizen is kept if the day is not off after all."""
    moved_to = calendar.rolled(dossier.promise_moved_to or dossier.promised_at)
    if calendar.rolled(dossier.promised_at) == dossier.promised_at == moved_to:
        return moved_to, ()
    return moved_to, (rolled(dossier.promised_at.astimezone(TIMEZONE).date(), moved_to.date()),)


def _rolled(due_at: datetime, notes: tuple[Note, ...], calendar: WorkingCalendar) -> tuple[datetime, tuple[Note, ...]]:
    """A due time and its sentences, with one more if its day was declared off since."""
    moved = calendar.rolled(due_at)
    if moved == due_at:
        return due_at, notes
    return moved, (*notes, rolled(due_at.astimezone(TIMEZONE).date(), moved.date()))

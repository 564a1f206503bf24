"""By when a hand-over must be acknowledged (NĐ 118/2025, articles 18.2 and 20.1a)."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.routing.domain.rules import required
from shared.calendar import TIMEZONE, WorkingCalendar
from shared.calendar.regulated_periods import period_end
from shared.regulations import Regulation


def acknowledge_by(
    regulation: Regulation,
    given_at: datetime,
    calendar: WorkingCalendar,
    *,
    other_level: bool,
    start_of_day_minutes: int = 0,
) -> datetime | None:
    """By when the receiving agency must acknowledge a hand-over; None where the regulation sets no time.

    An agency of another level has one working day (20.1a). Otherwise it is the same day, or the start of the next working day for a
    hand-over after 15:00 or outside working time (18.2).

    Args:
        regulation: under which the dossier was received.
        given_at: when it was handed over.
        calendar: of the receiving agency.
        other_level: whether the two agencies are of different levels.
        start_of_day_minutes: working minutes that "the start of the next working day" lasts (`data/handover.json`).
    """
    transfer = regulation.find("paper_transfer_other_level_working_days")
    if other_level and transfer is not None:
        return period_end(transfer, given_at, calendar)
    if required(regulation, "transfer_same_day") is None:
        return None
    local = given_at.astimezone(TIMEZONE).replace(second=0, microsecond=0)
    closing = calendar.add_working_days(local, 0).at
    late = regulation.find("late_receipt_after")
    if closing.date() == local.date() and (late is None or local.time() <= late.clock):
        return closing
    next_day = local.replace(hour=0, minute=0) + timedelta(days=1)
    return calendar.add_working_minutes(calendar.next_opening(next_day), start_of_day_minutes).at

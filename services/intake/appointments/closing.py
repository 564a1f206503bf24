"""Closing a desk to appointments for a day, or a part of one, and opening it again.

The law's time limits follow the calendar data alone: a day that a desk closes here stays a working day for them.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from services.intake.appointments import closing_store
from services.intake.appointments.closing_store import DeskClosing
from services.intake.appointments.domain import SHOWN_REASON
from services.intake.appointments.sweeps import HINT
from services.intake.filing.domain.applicant import InvalidField, plain_text
from services.intake.tickets.domain import local_day
from shared.calendar import TIMEZONE
from shared.persistence.unit_of_work import UnitOfWork

MAX_DAYS = 366
"""How far ahead a day can be closed."""


def read_closing(day: str, begins: str, ends: str, reason: str, now: datetime) -> tuple[datetime, datetime, str]:
    """The time and the reason of a closing, as typed.

    Args:
        day: ``2025-11-24``.
        begins, ends: ``13:30``; both empty for the whole day.
        reason: in words.
        now: business time.

    Returns:
        from when, until when, and why.

    Raises:
        InvalidField: one of them is not valid, or the time is over.
    """
    try:
        on = date.fromisoformat(day.strip())
    except ValueError:
        raise InvalidField("closed_on", "Chọn ngày.", "Choose a day.") from None
    today = local_day(now)
    if not today <= on <= today + timedelta(days=MAX_DAYS):
        raise InvalidField("closed_on", "Chọn ngày từ hôm nay, trong một năm.", "A day from today on, within a year.")
    midnight = datetime.combine(on, time(), TIMEZONE)
    start = midnight + _minutes("from_time", begins, 0)
    end = midnight + _minutes("until_time", ends, 24 * 60)
    if end <= start or end <= now:
        raise InvalidField(
            "until_time",
            "Giờ kết thúc phải sau giờ bắt đầu và sau lúc này.",
            "It must be after the begin and after now.",
        )
    why = plain_text(reason, "reason", SHOWN_REASON)
    if not why:
        raise InvalidField("reason", "Phải nêu lý do.", "The reason is missing.")
    return start, end, why


def close_desk(work: UnitOfWork, desk: str, start: datetime, end: datetime, reason: str, by: str) -> DeskClosing:
    """Closes a desk to appointments; those that it has then are moved by a sweep, which is told.

    Args:
        work: the transaction.
        desk: its code.
        start, end: from when until when.
        reason: why; officials read it.
        by: subject of the official.
    """
    closing = DeskClosing(str(uuid.uuid4()), desk, start, end, reason, work.now, by)
    closing_store.add_closing(work, closing)
    work.hint(HINT)
    return closing


def _minutes(field: str, typed: str, otherwise: int) -> timedelta:
    if not typed.strip():
        return timedelta(minutes=otherwise)
    try:
        found = time.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidField(field, "Giờ không hợp lệ.", "Not a time.") from None
    return timedelta(hours=found.hour, minutes=found.minute)

"""Working time with its explanation: sessions, holidays, swapped days, and due times counted as the law counts them.

    calendar = for_agency(agencies, "H12.31.01", on=received_at.date())
    due = calendar.promise(received_at, TimeLimit(working_days=13), regulations.on(received_at.date()))
    due.at            # the end of the last session of the thirteenth working day
    due.explanation   # why: the start, every day left out with its reason, every roll, the end

Where to look: the rules of counting in `working.py`, an agency's week in `rules.py`, public holidays and swapped
working days in `holidays.py` and `data/holidays/`.
"""

from shared.calendar.calendars import for_agency
from shared.calendar.model import (
    TIMEZONE,
    CalendarRangeError,
    DayInfo,
    Due,
    Note,
    Reason,
    Session,
    TimeLimit,
)
from shared.calendar.rules import CalendarRules
from shared.calendar.working import WorkingCalendar

__all__ = [
    "TIMEZONE",
    "CalendarRangeError",
    "CalendarRules",
    "DayInfo",
    "Due",
    "Note",
    "Reason",
    "Session",
    "TimeLimit",
    "WorkingCalendar",
    "for_agency",
]

"""Working time: sessions, holidays, swapped days, and due times as the law counts them, each with an explanation.

    calendar = agencies.calendar("H12.31.01", on=received_at.date())
    due = calendar.promise(received_at, TimeLimit(working_days=13), regulations.on(received_at.date()))
    due.at            # the end of the last session of the thirteenth working day
    due.explanation   # the start, every day left out with its reason, every roll, the end

Where to look: the promised date of a dossier in `promised_date.py`, the rules of counting in `periods.py`, an agency's
week in `rules.py`, public holidays and swapped working days in `holidays.py` and `data/holidays/`.
"""

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
from shared.calendar.timeline import default_rules
from shared.calendar.working_calendar import WorkingCalendar, calendar_for_rules

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
    "calendar_for_rules",
    "default_rules",
]

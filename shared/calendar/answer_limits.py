"""How soon a one-stop desk answers an application that was filed online or came by post, and how long it waits for papers.

Source: NĐ 118/2025, articles 17.2 and 19.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.calendar.regulated_periods import citizens_period_end
from shared.calendar.working_calendar import WorkingCalendar
from shared.regulations.model import Regulation


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """The limits of one application.

    Attributes:
        alert_at: when the receiving officer is alerted, if nothing has happened until then; None without such a limit.
        answer_by: until when the desk accepts, refuses or asks for a supplement; None without such a limit.
    """

    alert_at: datetime | None
    answer_by: datetime | None


def answer_limits(since: datetime, calendar: WorkingCalendar, regulation: Regulation) -> AnswerLimits:
    """The limits of an application.

    Args:
        since: when it was filed or supplemented, aware.
        calendar: the receiving desk's working time.
        regulation: in force when it was filed.
    """
    alert, answer = regulation.find("online_alert_hours"), regulation.find("online_acceptance_working_hours")
    return AnswerLimits(
        since + timedelta(hours=alert.count) if alert is not None else None,
        calendar.add_working_hours(since, answer.count).at if answer is not None else None,
    )


def supplement_end(requested_at: datetime, calendar: WorkingCalendar, regulation: Regulation) -> datetime | None:
    """Until when an applicant may send the papers that the desk asked for (19.5); None where the regulation has no such end.

    Args:
        requested_at: when they were asked for, aware.
        calendar: the receiving desk's working time.
        regulation: in force when it was filed.
    """
    number = regulation.find("application_supplement_wait_days")
    return None if number is None else citizens_period_end(number, requested_at, calendar)

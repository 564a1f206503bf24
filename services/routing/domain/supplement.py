"""When more papers may be asked for, and when a dossier that waits for them is closed (NĐ 118/2025, articles 11.2c, 16.3, 19.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.routing.domain.rules import required, shown
from shared.calendar import WorkingCalendar
from shared.calendar.deadlines import is_past
from shared.calendar.regulated_periods import citizens_period_end, period_end
from shared.regulations import Regulation, RuleViolation


class SupplementNotAllowed(RuleViolation):
    """More papers may not be asked for, or not in this way."""


@dataclass(frozen=True)
class Request:
    """An agency's request for more papers.

    Attributes:
        requests_before: how often any agency has asked for more papers in this dossier.
        received_at: when the asking agency received the dossier.
        requested_at: when it asks.
        desk: the one-stop desk that received the dossier.
        via: the agency through which the citizen is asked.
    """

    requests_before: int
    received_at: datetime
    requested_at: datetime
    desk: str
    via: str


def check_request(regulation: Regulation, request: Request, calendar: WorkingCalendar) -> None:
    """Checks that more papers may be asked for.

    Args:
        regulation: under which the dossier was received.
        request: who asks, when, and through whom.
        calendar: of the asking agency.

    Raises:
        SupplementNotAllowed: ``supplement_already_requested`` (11.2c, 16.3), ``supplement_request_too_late`` or
            ``supplement_past_the_desk`` (19.5).
    """
    _check_count(regulation, request)
    _check_time(regulation, request, calendar)
    _check_way(regulation, request)


def request_until(regulation: Regulation, received_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """Until when an agency may ask for more papers (19.5); None where the regulation sets no time.

    Args:
        regulation: under which the dossier was received.
        received_at: when the agency received it.
        calendar: of the agency.
    """
    number = regulation.find("supplement_return_working_days")
    return None if number is None else period_end(number, received_at, calendar)


def closes_at(regulation: Regulation, requested_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When the citizen's time for a supplement ends and the desk closes the dossier (19.5); None where the regulation has no such end.

    Args:
        regulation: under which the dossier was received.
        requested_at: when the citizen was asked.
        calendar: of the one-stop desk.
    """
    number = regulation.find("supplement_wait_days")
    return None if number is None else citizens_period_end(number, requested_at, calendar)


def _check_count(regulation: Regulation, request: Request) -> None:
    most = regulation.find("supplement_requests_max")
    if most is not None and request.requests_before >= most.count:
        raise SupplementNotAllowed(
            "supplement_already_requested",
            f"Hồ sơ đã được yêu cầu bổ sung {request.requests_before} lần, tối đa {most.count} lần",
            f"A supplement was requested {request.requests_before} time(s) already, at most {most.count} allowed",
            regulation,
            most,
        )


def _check_time(regulation: Regulation, request: Request, calendar: WorkingCalendar) -> None:
    until = request_until(regulation, request.received_at, calendar)
    if until is not None and is_past(until, request.requested_at):
        raise SupplementNotAllowed(
            "supplement_request_too_late",
            f"Chỉ được yêu cầu bổ sung đến {shown(until)}",
            f"A supplement could be requested until {shown(until)}",
            regulation,
            regulation.number("supplement_return_working_days"),
        )


def _check_way(regulation: Regulation, request: Request) -> None:
    number = required(regulation, "supplement_through_desk")
    if number is not None and request.via != request.desk:
        raise SupplementNotAllowed(
            "supplement_past_the_desk",
            "Yêu cầu bổ sung phải gửi qua Bộ phận Một cửa đã tiếp nhận hồ sơ",
            "A supplement is requested through the one-stop desk that received the dossier",
            regulation,
            number,
        )

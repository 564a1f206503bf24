"""An expected delay: an apology and one new appointment, announced early enough (NĐ 118/2025, article 19.6; form 04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.routing.domain.rules import day_before, in_working_time, local_day, shown
from shared.calendar import WorkingCalendar
from shared.calendar.deadlines import is_past
from shared.regulations import Regulation, RuleViolation


class ExtensionNotAllowed(RuleViolation):
    """A new time may not be promised, or not this one."""


@dataclass(frozen=True)
class Extension:
    """A new appointment that an agency wants to make.

    Attributes:
        made_before: how many new appointments this dossier has had.
        due_at: the due time that will not be kept.
        new_due_at: the new one.
        announced_at: when the apology goes to the citizen.
        reason: as the apology gives it.
    """

    made_before: int
    due_at: datetime
    new_due_at: datetime
    announced_at: datetime
    reason: str


def check_extension(regulation: Regulation, extension: Extension, calendar: WorkingCalendar) -> None:
    """Checks a new appointment.

    Args:
        regulation: under which the dossier was received.
        extension: what is wanted.
        calendar: of the one-stop desk, which gives the promise.

    Raises:
        ExtensionNotAllowed: ``extension_already_made``, ``extension_after_due``, ``extension_announced_too_late``,
            ``extension_without_reason``, ``extension_not_later`` or ``extension_outside_working_time``.
    """
    _check_count(regulation, extension)
    _check_notice(regulation, extension, calendar)
    _check_content(regulation, extension, calendar)


def announce_until(regulation: Regulation, due_at: datetime, calendar: WorkingCalendar) -> date | None:
    """The last day on which a delay may be announced (19.6); None where the regulation sets none.

    Args:
        regulation: under which the dossier was received.
        due_at: the due time that will not be kept.
        calendar: of the one-stop desk.
    """
    number = regulation.find("apology_notice_days_before")
    return None if number is None else day_before(number, due_at, calendar)


def _check_count(regulation: Regulation, extension: Extension) -> None:
    most = regulation.find("reappointments_max")
    if most is not None and extension.made_before >= most.count:
        raise ExtensionNotAllowed(
            "extension_already_made",
            f"Đã hẹn lại ngày trả kết quả {extension.made_before} lần, tối đa {most.count} lần",
            f"A new appointment was made {extension.made_before} time(s) already, at most {most.count} allowed",
            regulation,
            most,
        )


def _check_notice(regulation: Regulation, extension: Extension, calendar: WorkingCalendar) -> None:
    until = announce_until(regulation, extension.due_at, calendar)
    if until is not None and local_day(extension.announced_at) > until:
        raise ExtensionNotAllowed(
            "extension_announced_too_late",
            f"Phải xin lỗi và hẹn lại chậm nhất ngày {until:%d/%m/%Y}",
            f"The apology and the new appointment were to be announced by {until:%d/%m/%Y}",
            regulation,
            regulation.number("apology_notice_days_before"),
        )
    if is_past(extension.due_at, extension.announced_at):
        raise ExtensionNotAllowed(
            "extension_after_due",
            "Hồ sơ đã quá hạn nên không hẹn lại trước hạn được nữa; phải ký văn bản xin lỗi vì quá hạn",
            "The due time has passed, so the delay cannot be announced any more; the apology for the lateness is to be signed",
            regulation,
            regulation.find("late_apology_required"),
        )


def _check_content(regulation: Regulation, extension: Extension, calendar: WorkingCalendar) -> None:
    number = regulation.find("reappointments_max")
    if not extension.reason.strip():
        raise ExtensionNotAllowed(
            "extension_without_reason",
            "Văn bản xin lỗi phải nêu lý do",
            "The apology must give the reason",
            regulation,
            number,
            missing="reason",
        )
    if extension.new_due_at <= extension.due_at:
        raise ExtensionNotAllowed(
            "extension_not_later",
            f"Ngày hẹn mới phải sau {shown(extension.due_at)}",
            f"The new appointment must be after {shown(extension.due_at)}",
            regulation,
            number,
        )
    if not in_working_time(extension.new_due_at, calendar):
        raise ExtensionNotAllowed(
            "extension_outside_working_time",
            f"{shown(extension.new_due_at)} không nằm trong giờ làm việc",
            f"{shown(extension.new_due_at)} is outside working time",
            regulation,
            number,
        )

"""Which problem details the caller gets for errors about appointments."""

from __future__ import annotations

from services.intake.appointments.domain import (
    MovedTooOften,
    NoMobilePhone,
    NotChangeable,
    NotCheckInTime,
    PhoneBlocked,
    SlotFull,
    SlotNotOffered,
    State,
    TooManyAppointments,
    TooManyBookings,
    UnknownAppointment,
)
from services.intake.problem_parts import field_error, invalid
from shared.calendar import TIMEZONE
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem

_OVER = {
    State.BOOKED: ("Đã quá thời điểm được đổi hoặc hủy lịch hẹn này.", "It is too late to change this appointment."),
    State.ARRIVED: ("Ông/bà đã báo có mặt, lịch hẹn không đổi được nữa.", "You have checked in already."),
    State.MISSED: ("Giờ hẹn đã qua.", "The time of this appointment is over."),
    State.CANCELLED: ("Lịch hẹn này đã hủy.", "This appointment was cancelled."),
}


def _unknown(_error: UnknownAppointment) -> Problem:
    return Problem(
        404, "not-found", detail="Không có lịch hẹn nào với mã này.", detail_en="No appointment has this code."
    )


def _not_offered(_error: SlotNotOffered) -> Problem:
    return Problem(
        409,
        "slot-not-offered",
        "Khung giờ này không đặt được",
        "This time cannot be booked",
        detail="Mời ông/bà chọn khung giờ khác.",
        detail_en="Please choose another time.",
    )


def _full(_error: SlotFull) -> Problem:
    return Problem(
        409,
        "slot-full",
        "Khung giờ này vừa hết chỗ",
        "This time has just been taken",
        detail="Mời ông/bà chọn khung giờ khác.",
        detail_en="Please choose another time.",
    )


def _too_many(_error: TooManyAppointments) -> Problem:
    return invalid(
        field_error(
            "phone",
            "Số điện thoại này đã đặt đủ số lịch hẹn cho phép. Ông/bà đến theo lịch đã đặt, hoặc hủy lịch không dùng nữa.",
            "This number has as many appointments as one may have. Please keep or cancel one of them first.",
        )
    )


def _blocked(error: PhoneBlocked) -> Problem:
    until = error.until.astimezone(TIMEZONE)
    return invalid(
        field_error(
            "phone",
            f"Số điện thoại này đã nhiều lần đặt lịch mà không đến, nên đặt lại được từ {until:%H:%M} ngày {until:%d/%m/%Y}."
            " Ông/bà vẫn đến lấy số trực tiếp được.",
            f"Too many appointments of this number were missed; it can book again from {until:%H:%M} on {until:%d/%m/%Y}."
            " You can still come without an appointment.",
        )
    )


def _no_mobile(_error: NoMobilePhone) -> Problem:
    return invalid(
        field_error(
            "phone",
            "Nhập số điện thoại di động Việt Nam, ví dụ 0912 345 678.",
            "Enter a Vietnamese mobile number, such as 0912 345 678.",
        )
    )


def _too_many_bookings(error: TooManyBookings) -> Problem:
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Đã có quá nhiều lịch hẹn được đặt từ kết nối mạng này. Vui lòng thử lại sau {minutes} phút.",
        detail_en=f"Too many appointments were booked from this connection. Please try again in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def _not_changeable(error: NotChangeable) -> Problem:
    vi, en = _OVER[error.state]
    return Problem(
        409,
        "appointment-not-changeable",
        "Lịch hẹn không đổi được",
        "The appointment cannot be changed",
        detail=vi,
        detail_en=en,
        state=str(error.state),
    )


def _moved_too_often(_error: MovedTooOften) -> Problem:
    return Problem(
        409,
        "moved-too-often",
        "Lịch hẹn đã đổi nhiều lần",
        "The appointment was moved too often",
        detail="Lịch hẹn này không đổi thêm được; ông/bà vẫn hủy được.",
        detail_en="It cannot be moved again; you can still cancel it.",
    )


def _not_check_in_time(error: NotCheckInTime) -> Problem:
    opens, start = error.opens.astimezone(TIMEZONE), error.start.astimezone(TIMEZONE)
    return Problem(
        409,
        "not-check-in-time",
        "Chưa báo có mặt được",
        "You cannot check in now",
        detail=f"Lịch hẹn lúc {start:%H:%M} ngày {start:%d/%m/%Y}; báo có mặt được từ {opens:%H:%M} ngày đó.",
        detail_en=f"The appointment is at {start:%H:%M} on {start:%d/%m/%Y}; check in from {opens:%H:%M} that day.",
    )


APPOINTMENT_PROBLEMS: ProblemTable = {
    UnknownAppointment: _unknown,
    SlotNotOffered: _not_offered,
    SlotFull: _full,
    TooManyAppointments: _too_many,
    PhoneBlocked: _blocked,
    NoMobilePhone: _no_mobile,
    TooManyBookings: _too_many_bookings,
    NotChangeable: _not_changeable,
    MovedTooOften: _moved_too_often,
    NotCheckInTime: _not_check_in_time,
}

"""Which problem details the caller gets for errors about tickets and counters."""

from __future__ import annotations

from services.intake.problem_parts import field_error, invalid
from services.intake.tickets.errors import (
    AtAnotherCounter,
    CounterBusy,
    CounterClosed,
    CounterTaken,
    NotAtCounter,
    OtherDay,
    RequeueTooLate,
    SameGroup,
    UnknownTicket,
    WrongTicketState,
)
from services.intake.tickets.groups import UnknownCounter, UnknownGroup, UnknownPriority
from services.intake.tickets.words import COUNTER_STATES, STATES
from shared.web.domain_errors import ProblemTable
from shared.web.pages import written_date
from shared.web.problem import Problem


def _unknown_ticket(_error: UnknownTicket) -> Problem:
    return Problem(
        404,
        "not-found",
        detail="Bộ phận Một cửa này không có số thứ tự đó.",
        detail_en="This desk has no such ticket.",
    )


def _unknown_group(_error: UnknownGroup) -> Problem:
    return invalid(field_error("group", "Bộ phận Một cửa không có nhóm này.", "The desk has no such service group."))


def _unknown_counter(_error: UnknownCounter) -> Problem:
    return Problem(
        404, "not-found", detail="Bộ phận Một cửa không có quầy này.", detail_en="The desk has no such counter."
    )


def _unknown_priority(_error: UnknownPriority) -> Problem:
    return invalid(
        field_error("priority", "Không có đối tượng ưu tiên này.", "There is no such class of people with priority.")
    )


def _wrong_state(error: WrongTicketState) -> Problem:
    vi, en = STATES[error.state]
    return Problem(
        409,
        "wrong-ticket-state",
        "Số thứ tự không còn ở trạng thái cho phép việc này",
        "The ticket is in a state that does not allow it",
        detail=f"Số {error.number}: {vi.lower()}.",
        detail_en=f"{error.number} is {en.lower()}.",
        state=str(error.state),
    )


def _other_day(error: OtherDay) -> Problem:
    day = written_date(error.day)
    return Problem(
        409,
        "ticket-of-other-day",
        "Số thứ tự của ngày khác",
        "The ticket is of another day",
        detail=f"Số {error.number} là của ngày {day}. Số thứ tự chỉ có giá trị trong ngày; vui lòng lấy số mới.",
        detail_en=f"{error.number} is of {day}. A ticket is good for its day only; please take a new one.",
    )


def _requeue_too_late(error: RequeueTooLate) -> Problem:
    again = error.again
    return Problem(
        409,
        "requeue-too-late",
        "Không được chờ lại bằng số cũ",
        "The old number cannot wait again",
        detail="Số này đã được chờ lại một lần; vui lòng lấy số mới."
        if again
        else f"Chỉ được chờ lại trong {error.minutes} phút sau khi bị lỡ lượt; vui lòng lấy số mới.",
        detail_en="It has waited again once already; please take a new number."
        if again
        else f"Only within {error.minutes} minutes after the missed call; please take a new number.",
    )


def _same_group(_error: SameGroup) -> Problem:
    return invalid(
        field_error(
            "group", "Người này đang ở nhóm đó. Chọn nhóm khác.", "The visitor is in that group; choose another."
        )
    )


def _counter_closed(error: CounterClosed) -> Problem:
    vi, en = COUNTER_STATES[error.state]
    return Problem(
        409,
        "counter-not-open",
        "Quầy chưa mở",
        "The counter is not open",
        detail=f"Quầy {error.counter}: {vi.lower()}. Mở quầy trước khi gọi số.",
        detail_en=f"Counter {error.counter} is {en.lower()}. Open it before you call.",
    )


def _counter_taken(error: CounterTaken) -> Problem:
    return Problem(
        409,
        "counter-taken",
        "Cán bộ khác đang ngồi ở quầy này",
        "Another clerk sits at this counter",
        detail=f"Quầy {error.counter} do cán bộ khác mở. Ông/bà có thể nhận lại quầy nếu cán bộ đó đã rời đi.",
        detail_en=f"Counter {error.counter} was opened by another clerk. You may take it over if they have left.",
    )


def _at_another_counter(error: AtAnotherCounter) -> Problem:
    return Problem(
        409,
        "at-another-counter",
        "Ông/bà đang mở quầy khác",
        "You have another counter open",
        detail=f"Đóng quầy {error.counter} trước khi mở quầy khác.",
        detail_en=f"Close counter {error.counter} before you open another.",
        counter=error.counter,
    )


def _counter_busy(error: CounterBusy) -> Problem:
    return Problem(
        409,
        "counter-busy",
        "Quầy đang có người",
        "A visitor is at the counter",
        detail=f"Kết thúc lượt của số {error.number} trước.",
        detail_en=f"End the visit of {error.number} first.",
    )


def _not_at_counter(error: NotAtCounter) -> Problem:
    return Problem(
        409,
        "not-at-counter",
        "Số này không còn ở quầy",
        "The ticket is no longer at the counter",
        detail=f"Quầy {error.counter} đã chuyển sang lượt khác. Màn hình nay cho thấy tình hình hiện tại.",
        detail_en=f"Counter {error.counter} has gone on meanwhile. Look at it again.",
    )


TICKET_PROBLEMS: ProblemTable = {
    UnknownTicket: _unknown_ticket,
    UnknownGroup: _unknown_group,
    UnknownCounter: _unknown_counter,
    UnknownPriority: _unknown_priority,
    WrongTicketState: _wrong_state,
    OtherDay: _other_day,
    RequeueTooLate: _requeue_too_late,
    SameGroup: _same_group,
    CounterClosed: _counter_closed,
    CounterTaken: _counter_taken,
    AtAnotherCounter: _at_another_counter,
    CounterBusy: _counter_busy,
    NotAtCounter: _not_at_counter,
}
"""What each error becomes."""

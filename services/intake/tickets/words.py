"""The states of tickets and counters in words, Vietnamese and English."""

from __future__ import annotations

from services.intake.tickets.states import Channel, CounterState, State

Words = tuple[str, str]

STATES: dict[State, Words] = {
    State.ISSUED: ("Đang chờ", "Waiting"),
    State.CALLED: ("Đang được gọi", "Being called"),
    State.SERVING: ("Đang được phục vụ", "Being served"),
    State.SERVED: ("Đã phục vụ xong", "Served"),
    State.MISSED: ("Vắng mặt khi gọi", "Missed"),
    State.TRANSFERRED: ("Đã chuyển nhóm", "Transferred"),
    State.CANCELLED: ("Đã hủy", "Cancelled"),
}
COUNTER_STATES: dict[CounterState, Words] = {
    CounterState.OPEN: ("Đang mở", "Open"),
    CounterState.BREAK: ("Tạm nghỉ", "On a break"),
    CounterState.CLOSED: ("Đóng", "Closed"),
}
CHANNELS: dict[Channel, Words] = {
    Channel.KIOSK: ("Máy lấy số", "Kiosk"),
    Channel.RECEPTION: ("Quầy hướng dẫn", "Reception"),
    Channel.WEB: ("Đặt lịch hẹn", "Appointment"),
}

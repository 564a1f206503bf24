"""What people call channels, courtesies, kinds of flags and outcomes, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from services.rating.scores.flags.domain import Kind, Outcome

Labels = Mapping[str, tuple[str, str]]

CHANNEL_LABELS: Labels = {
    "web": ("Trang web", "Web"),
    "sms": ("Tin nhắn", "SMS"),
    "device": ("Thiết bị tại quầy", "Device at a counter"),
    "kiosk": ("Ki-ốt", "Kiosk"),
    "paper": ("Phiếu giấy", "Paper"),
}
COURTESY_LABELS: Labels = {
    "greeting": ("Xin chào", "Greeting"),
    "apology": ("Xin lỗi", "Apology"),
    "thanks": ("Xin cảm ơn", "Thanks"),
}
KIND_LABELS: Labels = {
    Kind.STREAK: ("Nhiều đánh giá giống nhau liên tiếp tại một quầy", "Many equal ratings in a row at one counter"),
    Kind.JUMP: ("Thay đổi đột ngột so với các tuần trước", "A sudden change against the weeks before"),
    Kind.OUTLIER: ("Khác hẳn các cán bộ khác của cơ quan", "Far from all others of the agency"),
}
OUTCOME_LABELS: Labels = {
    Outcome.EXCLUDED: ("Bất thường, không tính các đánh giá này", "Unusual: these ratings do not count"),
    Outcome.KEPT: ("Bất thường, vẫn tính", "Unusual, but they count"),
    Outcome.DISMISSED: ("Không có gì bất thường", "Nothing unusual"),
}

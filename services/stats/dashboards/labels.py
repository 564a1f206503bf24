"""What people call the numbers, periods and filters of dashboards, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from services.stats.dashboards.selection import CUSTOM, DAY, MONTH, QUARTER, WEEK, YEAR
from services.stats.measures.domain import Period

Pair = tuple[str, str]

FIGURES: Mapping[str, Pair] = {
    "received": ("Tiếp nhận", "Received"),
    "resolved": ("Đã giải quyết", "Resolved"),
    "on_time_share": ("Đúng hạn (%)", "On time (%)"),
    "on_time": ("Đúng hạn", "On time"),
    "resolved_late": ("Giải quyết quá hạn", "Resolved late"),
    "late_share": ("Quá hạn (%)", "Late (%)"),
    "returned": ("Đã trả kết quả", "Handed over"),
    "in_progress": ("Đang giải quyết", "In hand"),
    "in_progress_overdue": ("Đang quá hạn", "Overdue in hand"),
    "rated": ("Lượt đánh giá", "Ratings"),
    "satisfied_share": ("Hài lòng (%)", "Satisfied (%)"),
}
"""Numbers and shares in the order in which tables show them; those that are no share are measures."""
SHARES = frozenset({"on_time_share", "late_share", "satisfied_share"})
PERIOD_NAMES: Mapping[str, Pair] = {
    DAY: ("Ngày", "Day"),
    WEEK: ("Tuần", "Week"),
    MONTH: ("Tháng", "Month"),
    QUARTER: ("Quý", "Quarter"),
    YEAR: ("Năm", "Year"),
}
THIS: Mapping[str, Pair] = {
    DAY: ("Hôm nay", "Today"),
    WEEK: ("Tuần này", "This week"),
    MONTH: ("Tháng này", "This month"),
    QUARTER: ("Quý này", "This quarter"),
    YEAR: ("Năm nay", "This year"),
}
BY: Mapping[str, Pair] = {
    "agency": ("Cơ quan tiếp nhận", "Receiving agency"),
    "level": ("Cấp tiếp nhận", "Level of the receiving agency"),
    "handling_agency": ("Cơ quan giải quyết", "Handling agency"),
    "field": ("Lĩnh vực", "Field"),
    "procedure": ("Thủ tục", "Procedure"),
    "channel": ("Hình thức nộp", "Channel"),
    "day": ("Ngày", "Day"),
    "month": ("Tháng", "Month"),
}
SERVICE_GROUPS: Mapping[str, str] = {
    "land": "Đất đai",
    "civil_status": "Hộ tịch, chứng thực",
    "general": "Các lĩnh vực khác",
    "results": "Nhận kết quả",
}
"""The service groups that desks have unless they chose their own; stats learns their codes only, so others are shown by their code."""
LEVEL_NAMES: Mapping[str, Pair] = {
    "central": ("Trung ương", "Central"),
    "province": ("Tỉnh", "Province"),
    "district": ("Huyện", "District"),
    "commune": ("Xã", "Commune"),
}
CHANNEL_NAMES: Mapping[str, Pair] = {
    "counter": ("Trực tiếp", "At the counter"),
    "online": ("Trực tuyến", "Online"),
    "post": ("Bưu chính công ích", "Public post"),
}
RATING_CHANNELS: Mapping[str, Pair] = {
    "web": ("Trang web", "Web page"),
    "sms": ("Tin nhắn", "SMS"),
    "device": ("Máy tại quầy", "Device at the counter"),
    "kiosk": ("Ki-ốt", "Kiosk"),
    "paper": ("Phiếu giấy", "Paper"),
}
UNKNOWN: Pair = ("Chưa xác định", "Not known yet")


def period_title(kind: str, period: Period, whole: Period | None = None) -> Pair:
    """The name of a period: ``Quý 4/2025``, ``Tuần 47 (17/11 – 23/11/2025)``, ``01/11/2025 – 20/11/2025``.

    Args:
        kind: of the selection.
        period: its days, as far as they are counted.
        whole: all its days, if it goes on.
    """
    first, last = period.first, (whole or period).last
    days = f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"
    if kind == DAY:
        return f"Ngày {first:%d/%m/%Y}", f"{first:%d/%m/%Y}"
    if kind == WEEK:
        number = first.isocalendar().week
        return f"Tuần {number} ({days})", f"Week {number} ({days})"
    if kind == MONTH:
        return f"Tháng {first.month}/{first.year}", f"{first:%m/%Y}"
    if kind == QUARTER:
        number = (first.month + 2) // 3
        return f"Quý {number}/{first.year}", f"Quarter {number}/{first.year}"
    if kind == YEAR:
        return f"Năm {first.year}", f"Year {first.year}"
    assert kind == CUSTOM, kind
    return days, days

"""Labels of states, outcomes, kinds of entries, results and ends, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

Labels = Mapping[str, tuple[str, str]]

STATES: Labels = {
    "open": ("Đang làm", "Under way"),
    "awaiting_payment": ("Chờ nộp tiền", "Awaiting payment"),
    "awaiting_sub": ("Chờ hồ sơ liên thông", "Awaiting a linked dossier"),
    "awaiting_supplement": ("Chờ bổ sung", "Awaiting papers"),
    "done": ("Đã xong", "Done"),
    "cancelled": ("Không thực hiện", "Not needed"),
    "active": ("Đang xử lý", "Being processed"),
    "supplement": ("Chờ người dân bổ sung", "Awaiting the citizen's papers"),
    "resolved": ("Đã xử lý xong", "Resolved"),
    "returned": ("Đã trả kết quả", "Result handed over"),
    "withdrawn": ("Người dân rút hồ sơ", "Withdrawn by the citizen"),
    "stopped": ("Dừng giải quyết", "Stopped"),
}
OUTCOMES: Labels = {
    "completed": ("Hoàn thành", "Completed"),
    "returned": ("Trả lại bước trước", "Returned to the step before"),
    "refused": ("Từ chối giải quyết", "Refused"),
    "rework": ("Làm lại", "To be done again"),
    "no_tax": ("Không phát sinh thuế", "No tax"),
    "obligation": ("Có nghĩa vụ tài chính", "With a financial obligation"),
    "approved": ("Đồng ý", "Approved"),
    "rejected": ("Không đồng ý", "Rejected"),
    "survey": ("Cần đo đạc", "A survey is needed"),
    "no_survey": ("Không cần đo đạc", "No survey is needed"),
}
KINDS: Labels = {
    "given": ("Giao", "Given"),
    "received": ("Nhận", "Received"),
    "refused": ("Từ chối nhận", "Refused"),
    "resent": ("Chuyển lại", "Sent again"),
    "lapsed": ("Quá hạn nhận", "Not received in time"),
    "rescheduled": ("Điều chỉnh thời hạn", "Due time moved"),
}
INTERVALS: Labels = {
    "counted": ("Tính vào thời hạn", "Counted"),
    "uncounted": ("Không tính vào thời hạn", "Not counted"),
    "supplement": ("Chờ người dân bổ sung", "Awaiting the citizen's papers"),
}
RESULTS: Labels = {
    "early": ("Trước hạn", "Early"),
    "on_time": ("Đúng hạn", "On time"),
    "late": ("Quá hạn", "Late"),
    "none": ("–", "–"),
}
STOPS: Labels = {
    "withdrawn": ("người dân rút hồ sơ", "withdrawn by the citizen"),
    "no_supplement": ("không bổ sung trong thời hạn", "no papers came in time"),
    "stopped": ("cơ quan dừng giải quyết", "stopped by the agency"),
}

"""Vietnamese labels of states, outcomes, kinds of entries, results and ends."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "open": "Đang làm",
    "awaiting_payment": "Chờ nộp tiền",
    "awaiting_sub": "Chờ hồ sơ liên thông",
    "awaiting_supplement": "Chờ bổ sung",
    "done": "Đã xong",
    "cancelled": "Không thực hiện",
    "active": "Đang giải quyết",
    "supplement": "Chờ người dân bổ sung",
    "resolved": "Đã có kết quả",
    "returned": "Đã trả kết quả",
    "withdrawn": "Người dân rút hồ sơ",
    "stopped": "Dừng giải quyết",
}
OUTCOMES: Mapping[str, str] = {
    "completed": "Hoàn thành",
    "returned": "Trả lại bước trước",
    "refused": "Từ chối giải quyết",
    "rework": "Làm lại",
    "no_tax": "Không phát sinh thuế",
    "obligation": "Có nghĩa vụ tài chính",
    "approved": "Đồng ý",
    "rejected": "Không đồng ý",
    "survey": "Cần đo đạc",
    "no_survey": "Không cần đo đạc",
}
KINDS: Mapping[str, str] = {
    "given": "Giao",
    "received": "Nhận",
    "refused": "Từ chối nhận",
    "resent": "Chuyển lại",
    "lapsed": "Quá hạn nhận",
    "counted": "Tính thời gian",
    "uncounted": "Không tính",
}
RESULTS: Mapping[str, str] = {"early": "Trước hạn", "on_time": "Đúng hạn", "late": "Quá hạn", "none": "–"}
STOPS: Mapping[str, str] = {
    "withdrawn": "người dân rút hồ sơ",
    "no_supplement": "không bổ sung trong thời hạn",
    "stopped": "cơ quan dừng giải quyết",
}

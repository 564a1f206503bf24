"""What people call the purposes of inbound SMS, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.inbound.rules import Purpose
from services.notify.templates.labels import LABELS

PURPOSE_LABELS: Mapping[str, tuple[str, str]] = {
    Purpose.LOOK_UP: ("Tra cứu hồ sơ", "Looks a dossier up"),
    Purpose.RATE: ("Đánh giá", "Rates"),
    Purpose.COMPLAIN: ("Phản ánh, kiến nghị", "Complains or suggests"),
    Purpose.STOP: ("Từ chối nhận tin", "Stops SMS"),
    Purpose.START: ("Nhận lại tin", "Starts SMS again"),
    Purpose.HELP: ("Xin hướng dẫn", "Asks for help"),
    Purpose.UNKNOWN: ("Không hiểu", "Not understood"),
}
IGNORED_LABELS: Mapping[str, tuple[str, str]] = {
    "wrong ignored": ("Sai mã quá nhiều lần", "Too many wrong codes"),
    "help ignored": ("Đã hướng dẫn trong ngày", "Helped within the day"),
    "limit ignored": ("Quá nhiều tin của một số", "Too many SMS of one number"),
    "late ignored": ("Tin đến quá muộn", "It came too late"),
    "machine ignored": ("Không phải số di động của người dân", "Not a citizen's mobile number"),
}
"""Why a message was not answered."""


def purpose_label(purpose: str) -> tuple[str, str]:
    """What a message was understood as, in Vietnamese and English."""
    return PURPOSE_LABELS[purpose]


_PASSED_ON = ("Đã chuyển phản ánh để tiếp nhận", "Passed on as feedback")


def reply_label(reply: str) -> tuple[str, str]:
    """What was answered, or why nothing was, in Vietnamese and English."""
    if reply in IGNORED_LABELS:
        return IGNORED_LABELS[reply]
    if reply == "complaint_passed_on":
        return _PASSED_ON
    vi, en = LABELS[f"sms_reply.{reply}"]
    short_vi, short_en = vi.partition(": ")[2], en.partition(": ")[2]
    return short_vi[:1].upper() + short_vi[1:], short_en[:1].upper() + short_en[1:]

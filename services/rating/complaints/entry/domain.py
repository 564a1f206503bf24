"""What staff enter: a call at the hotline, a paper from the suggestion box. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.rating.complaints.domain import ComplaintError, Fault
from shared.phones import NotAPhone, parse_phone
from shared.text import UnprintableText, clean_code, clean_line, clean_text

MAX_NOTE = 2000
MAX_NUMBER = 40
OLDEST = timedelta(days=60)
"""How long ago a call may have been, or a paper have come, when somebody enters it."""


class Outcome(StrEnum):
    """What became of a call: complaint is lodged, answered on the telephone, redirected to who is competent, or none of it."""

    COMPLAINT = "complaint"
    ANSWERED = "answered"
    REDIRECTED = "redirected"
    OTHER = "other"


OUTCOMES = {
    Outcome.COMPLAINT: ("Thành phản ánh, kiến nghị", "Became feedback"),
    Outcome.ANSWERED: ("Đã trả lời qua điện thoại", "Answered on the telephone"),
    Outcome.REDIRECTED: ("Đã hướng dẫn nơi khác", "Told where else to turn"),
    Outcome.OTHER: ("Khác (gọi nhầm, ngắt máy…)", "Something else (wrong number, cut off …)"),
}


class PaperKnown(ComplaintError):
    """A paper of this number was entered before.

    Args:
        code: of the complaint that it became.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Call:
    """A call at the hotline.

    Attributes:
        id: UUID made by the form; also of the complaint that it became.
        agency: whose hotline it is.
        clerk: subject of who took it.
        began_at: when it began.
        minutes: how long it was.
        outcome: what became of it.
        phone: of the caller; may be empty.
        note: what it was about; empty where a complaint says it.
    """

    id: str
    agency: str
    clerk: str
    began_at: datetime
    minutes: int
    outcome: Outcome
    phone: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper from the suggestion box.

    Attributes:
        agency: whose box it is.
        number: that the clerk has written on it; once in a year.
        received_on: when the box was opened.
        entered_by: subject of the clerk.
    """

    agency: str
    number: str
    received_on: date
    entered_by: str


def checked_call(call: Call, now: datetime, most_minutes: int) -> tuple[Call, list[Fault]]:
    """A call in its stored form, and what is wrong with it.

    Args:
        call: as typed.
        now: business time.
        most_minutes: the longest call.
    """
    faults: list[Fault] = []
    if not now - OLDEST <= call.began_at <= now:
        vi = f"Cuộc gọi phải trong {OLDEST.days} ngày qua."
        faults.append(Fault("began_at", vi, f"The call must have been within the last {OLDEST.days} days."))
    if not 0 <= call.minutes <= most_minutes:
        faults.append(Fault("minutes", f"Từ 0 đến {most_minutes} phút.", f"From 0 to {most_minutes} minutes."))
    phone, note = _phone(call.phone, faults), _note(call.note, faults)
    if not note and call.outcome is not Outcome.COMPLAINT:
        faults.append(Fault("note", "Ghi tóm tắt nội dung cuộc gọi.", "Write what the call was about."))
    stored = Call(call.id, call.agency, call.clerk, call.began_at, call.minutes, call.outcome, phone, note)
    return stored, faults


def checked_number(typed: str) -> tuple[str, list[Fault]]:
    """The number of a paper in its stored form, and what is wrong with it."""
    number = clean_code(typed).upper()
    if not number or len(number) > MAX_NUMBER:
        return "", [Fault("number", "Nhập số đã ghi trên phiếu.", "Enter the number on the paper.")]
    return number, []


def _phone(typed: str, faults: list[Fault]) -> str:
    if not typed.strip():
        return ""
    try:
        return parse_phone(clean_line(typed)).number
    except (NotAPhone, UnprintableText):
        faults.append(Fault("phone", "Số điện thoại không đúng.", "This is no telephone number."))
        return ""


def _note(typed: str, faults: list[Fault]) -> str:
    try:
        note = clean_text(typed).strip()
    except UnprintableText:
        faults.append(Fault("note", "Có ký tự không hợp lệ.", "It has signs that cannot be shown."))
        return ""
    if len(note) > MAX_NOTE:
        faults.append(Fault("note", f"Dài quá {MAX_NOTE} ký tự.", f"Longer than {MAX_NOTE} characters."))
    return note

"""What a new complaint must have: checked and put into its stored form before anything is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from services.rating.complaints.domain import (
    MAX_ABOUT,
    MAX_ADDRESS,
    MAX_EMAIL,
    MAX_NAME,
    Complainant,
    Fault,
    NewComplaint,
    Unacceptable,
)
from services.rating.complaints.rules import ComplaintRules
from shared.phones.parser import NotAPhone, parse_phone
from shared.text import UnprintableText, clean_code, clean_line, clean_text

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}")
_DOSSIER = re.compile(r"[A-Z0-9][A-Z0-9.\-]{3,59}")
OLDEST = timedelta(days=60)
"""How long ago a letter or a call may have come when somebody enters it."""


def checked(new: NewComplaint, rules: ComplaintRules, now: datetime) -> NewComplaint:
    """A complaint in its stored form.

    Args:
        new: as it came.
        rules: in force today.
        now: business time.

    Raises:
        Unacceptable: with every fault.
    """
    faults: list[Fault] = []
    text = clean_body(new.text, rules.text_characters, faults)
    by = _complainant(new.by, faults)
    about = _line("about", new.about, MAX_ABOUT, faults)
    dossier = clean_code(new.dossier).upper()
    if dossier and not _DOSSIER.fullmatch(dossier):
        faults.append(Fault("dossier", "Mã hồ sơ không đúng.", "This is no dossier code."))
    if rules.topic(new.topic) is None:
        faults.append(Fault("topic", "Chọn một nội dung trong danh sách.", "Choose a topic of the list."))
    if new.language not in ("vi", "en"):
        faults.append(Fault("language", "Chọn tiếng Việt hoặc tiếng Anh.", "Choose Vietnamese or English."))
    received_at = new.received_at or now
    if not now - OLDEST <= received_at <= now:
        vi = f"Thời điểm nhận phải trong {OLDEST.days} ngày qua."
        faults.append(Fault("received_at", vi, f"It must have come within the last {OLDEST.days} days."))
    if not rules.kind(new.kind).anonymous:
        faults += _named(by, rules, new)
    if faults:
        raise Unacceptable(*faults)
    return replace(new, text=text, by=by, about=about, dossier=dossier, received_at=received_at)


def clean_body(text: str, most: int, faults: list[Fault], field: str = "text") -> str:
    """A text of several lines; what is wrong with it is added to the faults.

    Args:
        text: as typed.
        most: characters.
        faults: gets one more if it is empty, too long or not printable.
        field: its name.
    """
    try:
        clean = clean_text(text).strip()
    except UnprintableText:
        faults.append(Fault(field, "Có ký tự không hợp lệ.", "It has signs that cannot be shown."))
        return ""
    if not clean:
        faults.append(Fault(field, "Chưa nhập nội dung.", "Please write something."))
    elif len(clean) > most:
        faults.append(Fault(field, f"Dài quá {most} ký tự.", f"Longer than {most} characters."))
    return clean


def _complainant(by: Complainant, faults: list[Fault]) -> Complainant:
    name = _line("name", by.name, MAX_NAME, faults)
    address = _line("address", by.address, MAX_ADDRESS, faults)
    email = _line("email", by.email, MAX_EMAIL, faults)
    if email and not _EMAIL.fullmatch(email):
        faults.append(Fault("email", "Địa chỉ thư điện tử không đúng.", "This is no e-mail address."))
    phone = ""
    if by.phone.strip():
        try:
            phone = parse_phone(by.phone).number
        except NotAPhone:
            faults.append(Fault("phone", "Số điện thoại không đúng.", "This is no telephone number."))
    return Complainant(name, address, phone, email)


def _named(by: Complainant, rules: ComplaintRules, new: NewComplaint) -> list[Fault]:
    """What is missing of a complainant who must be named."""
    rule = rules.kind(new.kind)
    because = (f" ({rule.article})", f" ({rule.article})")
    missing = []
    if not by.name:
        missing.append(Fault("name", f"Cần họ và tên{because[0]}.", f"Your name is needed{because[1]}."))
    if not by.address:
        missing.append(Fault("address", f"Cần địa chỉ{because[0]}.", f"Your address is needed{because[1]}."))
    if not by.phone and not by.email:
        vi = f"Cần số điện thoại hoặc thư điện tử{because[0]}."
        missing.append(Fault("phone", vi, f"A telephone number or e-mail address is needed{because[1]}."))
    return missing


def _line(field: str, text: str, most: int, faults: list[Fault]) -> str:
    try:
        clean = clean_line(text).strip()
    except UnprintableText:
        faults.append(Fault(field, "Có ký tự không hợp lệ.", "It has signs that cannot be shown."))
        return ""
    if len(clean) > most:
        faults.append(Fault(field, f"Dài quá {most} ký tự.", f"Longer than {most} characters."))
    return clean

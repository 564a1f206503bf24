"""Faults of fields, as problems of pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.rating.complaints.domain import Fault
from shared.web.problem import FieldError, Problem

LABELS: Mapping[str, tuple[str, str]] = {
    "kind": ("Loại nội dung", "What it is"),
    "topic": ("Về việc", "About"),
    "agency": ("Cơ quan", "Agency"),
    "text": ("Nội dung", "What you want to say"),
    "dossier": ("Mã hồ sơ", "Dossier code"),
    "about": ("Cán bộ liên quan", "Official concerned"),
    "file": ("Tệp đính kèm", "Files"),
    "name": ("Họ và tên", "Name"),
    "address": ("Địa chỉ", "Address"),
    "phone": ("Số điện thoại", "Telephone number"),
    "email": ("Thư điện tử", "E-mail"),
    "words": ("Ý kiến", "Your words"),
    "content": ("Hài lòng hay không", "Content or not"),
    "code": ("Mã phản ánh", "Code"),
    "secret": ("Mã tra cứu", "Secret"),
    "received_at": ("Ngày nhận", "Received on"),
    "number": ("Số phiếu", "Number of the paper"),
    "began_at": ("Gọi lúc", "Time of the call"),
    "minutes": ("Số phút", "Minutes"),
    "note": ("Tóm tắt", "Summary"),
    "became": ("Kết quả cuộc gọi", "What became of it"),
}
"""Field → what people call it."""


def field_errors(faults: Iterable[Fault]) -> list[FieldError]:
    """Faults as a problem names them."""
    return [{"field": one.field, "message": one.vi, "message_en": one.en} for one in faults]


def invalid(faults: Iterable[Fault]) -> Problem:
    """422: what is wrong field by field."""
    return Problem(422, "invalid", errors=field_errors(faults))

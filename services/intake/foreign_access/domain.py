"""Why somebody opens a dossier that is not theirs to work on (Luật 91/2025/QH15: personal data are processed for a stated purpose)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import unquote

from services.intake.filing.domain.applicant import InvalidField, plain_text

VALID = timedelta(minutes=30)
"""How long a reason given on the page holds, for one person and one dossier."""
MAX_TEXT = 300
MIN_TEXT = 10
"""Characters: enough to say who asked, or which letter."""

REASONS = MappingProxyType(
    {
        "applicant_asks": ("Người nộp hỏi về hồ sơ", "The applicant asks about it"),
        "elsewhere": ("Hỗ trợ người dân nộp hồ sơ ở nơi khác", "Helping somebody who filed elsewhere"),
        "complaint": ("Giải quyết khiếu nại, phản ánh, kiến nghị", "A complaint or petition"),
        "inspection": ("Kiểm tra, giám sát việc giải quyết", "Inspection, supervision"),
        "request": ("Theo yêu cầu của cơ quan có thẩm quyền", "At the request of a competent authority"),
        "other": ("Lý do khác", "Another reason"),
    }
)
"""Reason → Vietnamese and English label."""


@dataclass(frozen=True, slots=True)
class AccessReason:
    """A reason.

    Attributes:
        reason: one of :data:`REASONS`.
        text: what exactly.
    """

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ForeignAccess:
    """A row of `foreign_access`; the fields are the columns, in their order.

    Attributes:
        id: a UUID.
        at: business time.
        subject: who opened it.
        roles: theirs, with a space between.
        agency: for which they acted.
        dossier: its code.
        desk: that received it.
        reason: one of :data:`REASONS`.
        text: what exactly; it may name people.
    """

    id: str
    at: datetime
    subject: str
    roles: str
    agency: str
    dossier: str
    desk: str
    reason: str
    text: str


def checked_reason(reason: str, text: str) -> AccessReason:
    """A reason as typed.

    Raises:
        InvalidField: it is not of the list, or the text says too little or too much.
    """
    if faults := faults_of(reason, text):
        raise faults[0]
    return AccessReason(reason, plain_text(text, "text", MAX_TEXT))


def faults_of(reason: str, text: str) -> list[InvalidField]:
    """All that is wrong with a reason as typed."""
    faults = []
    if reason not in REASONS:
        faults.append(InvalidField("reason", "Chọn một lý do.", "Choose a reason."))
    try:
        if len(plain_text(text, "text", MAX_TEXT)) < MIN_TEXT:
            vi, en = f"Nêu cụ thể, từ {MIN_TEXT} ký tự.", f"Say what exactly, in {MIN_TEXT} characters or more."
            faults.append(InvalidField("text", vi, en))
    except InvalidField as fault:
        faults.append(fault)
    return faults


def split_header(header: str) -> tuple[str, str]:
    """Reason and text of the header ``X-Access-Reason: complaint; Đơn%20số%2012``: headers are ASCII, so the text is percent-encoded."""
    reason, _, text = header.partition(";")
    return reason.strip(), unquote(text.strip())

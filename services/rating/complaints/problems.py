"""Domain errors of complaints → problem details; part of rating's one table."""

from __future__ import annotations

from services.rating.complaints.access import LeaderNeeded, NotYours
from services.rating.complaints.domain import (
    ChangedSince,
    ConflictOfInterest,
    NotAllowedNow,
    OtherComplaint,
    TooLate,
    TooManyTimes,
    Unacceptable,
    UnknownComplaint,
)
from services.rating.complaints.handling import OwnDraft
from services.rating.complaints.labels import ACTS, FINDINGS, STATES
from services.rating.complaints.publishing import MayNamePersons
from shared.web.domain_errors import ProblemTable
from shared.web.problem import FieldError, Problem


def _unacceptable(error: Unacceptable) -> Problem:
    faults: list[FieldError] = [{"field": one.field, "message": one.vi, "message_en": one.en} for one in error.faults]
    return Problem(422, "invalid", errors=faults)


def _not_allowed_now(error: NotAllowedNow) -> Problem:
    state, act = STATES[error.state], ACTS[error.act]
    return Problem(
        409,
        "complaint-state",
        "Trạng thái của phản ánh, kiến nghị không cho phép việc này",
        "The complaint's state does not allow this",
        detail=f"Trạng thái: {state[0]}. Việc: {act[0]}.",
        detail_en=f"State: {state[1]}. Act: {act[1]}.",
        state=error.state.value,
        act=error.act.value,
    )


def _may_name_persons(error: MayNamePersons) -> Problem:
    found: list[FieldError] = []
    for one in error.findings:
        vi, en = FINDINGS[one.found]
        found.append({"field": "confirmed", "message": f"Có thể còn: {vi}.", "message_en": f"There may be: {en}."})
    return Problem(422, "may-name-persons", "Có thể còn thông tin cá nhân", "There may be personal data", errors=found)


COMPLAINT_PROBLEMS: ProblemTable = {
    UnknownComplaint: lambda _: Problem(
        404,
        "unknown-complaint",
        "Không có phản ánh, kiến nghị này, hoặc mã tra cứu không đúng",
        "There is no such complaint, or the secret is another",
    ),
    NotYours: lambda _: Problem(403, "wrong-agency"),
    LeaderNeeded: lambda _: Problem(403, "forbidden", roles=["leader"]),
    Unacceptable: _unacceptable,
    NotAllowedNow: _not_allowed_now,
    ChangedSince: lambda _: Problem(
        409,
        "changed-since",
        "Phản ánh, kiến nghị đã thay đổi sau khi ông/bà mở trang",
        "The complaint was changed after you opened the page",
        detail="Vui lòng đọc lại rồi thực hiện.",
        detail_en="Please read it again, and then act.",
    ),
    ConflictOfInterest: lambda _: Problem(
        409,
        "conflict-of-interest",
        "Xung đột lợi ích",
        "Conflict of interest",
        detail="Người bị phản ánh, cấp dưới của lãnh đạo bị phản ánh và người đã xử lý hồ sơ liên quan không được tham gia.",
        detail_en="Whom it is about, whom that leader directs, and who worked on the dossier may not take part.",
    ),
    OwnDraft: lambda _: Problem(
        409,
        "own-draft",
        "Người dự thảo không được tự duyệt",
        "Who drafted the answer may not approve it",
        detail="Một lãnh đạo khác, hoặc lãnh đạo cấp trên, duyệt văn bản này.",
        detail_en="Another leader, or one above, approves it.",
    ),
    OtherComplaint: lambda _: Problem(
        409,
        "other-complaint",
        "Một phản ánh, kiến nghị khác đã được gửi bằng mẫu này",
        "Another complaint was lodged by this form",
    ),
    TooManyTimes: lambda _: Problem(
        409,
        "too-many-times",
        "Đã đủ số lần được phép",
        "This was done as often as the rules allow",
    ),
    TooLate: lambda _: Problem(
        410,
        "too-late-to-reopen",
        "Đã hết thời hạn yêu cầu xem xét lại",
        "The time to ask for another look is over",
    ),
    MayNamePersons: _may_name_persons,
}
"""What each error of the complaints' commands and access checks becomes."""

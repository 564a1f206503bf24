"""Errors of rankings and assessments as problem details; part of the one table of rating."""

from __future__ import annotations

from datetime import datetime

from services.rating.access import WrongAgency
from services.rating.rankings.assessments.domain import (
    AssessmentChanged,
    CommentPeriodOver,
    CommentPeriodRuns,
    NotInThisState,
    OwnAssessment,
    TextMissing,
    UnknownAssessment,
)
from services.rating.rankings.assessments.labels import STATES
from services.rating.rankings.domain import AlreadyIssued, ChangedSinceRead, UnknownPaper
from shared.runtime.clock import VIETNAM
from shared.web.domain_errors import ProblemTable
from shared.web.problem import FieldError, Problem


def _not_in_this_state(error: NotInThisState) -> Problem:
    vi, en, _ = STATES[error.state]
    return Problem(
        409,
        "assessment-state",
        "Phiếu đánh giá không còn ở bước này",
        "The assessment is not at this step any more",
        detail=f"Tình trạng hiện nay: {vi}.",
        detail_en=f"It is now: {en}.",
        state=error.state,
    )


def _text_missing(error: TextMissing) -> Problem:
    fault: FieldError = {"field": error.field, "message": "Không được để trống.", "message_en": "Must not be empty."}
    return Problem(422, "invalid", errors=[fault])


def _runs(error: CommentPeriodRuns) -> Problem:
    return Problem(
        409,
        "comment-period",
        "Cán bộ còn thời hạn cho ý kiến",
        "The official may still comment",
        detail=f"Có thể ký sau {_written(error.until)}, hoặc khi cán bộ đã có ý kiến.",
        detail_en=f"It can be signed after {_written(error.until)}, or once the official has commented.",
    )


def _over(error: CommentPeriodOver) -> Problem:
    return Problem(
        409,
        "comment-period",
        "Đã hết thời hạn cho ý kiến",
        "The time for comments is over",
        detail=f"Thời hạn đến {_written(error.until)}.",
        detail_en=f"It ended at {_written(error.until)}.",
    )


def _written(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


PROBLEMS: ProblemTable = {
    WrongAgency: lambda _: Problem(403, "wrong-agency"),
    # rankings
    UnknownPaper: lambda _: Problem(404, "not-found"),
    AlreadyIssued: lambda _: Problem(
        409, "ranking-issued", "Bảng xếp hạng đã được ban hành", "The ranking has been issued"
    ),
    ChangedSinceRead: lambda _: Problem(
        409,
        "changed-since",
        "Số liệu đã thay đổi sau khi ông/bà mở trang",
        "The figures have changed since you opened the page",
        detail="Vui lòng đọc lại rồi ban hành.",
        detail_en="Please read them again, and then issue.",
    ),
    # assessments
    UnknownAssessment: lambda _: Problem(404, "not-found"),
    NotInThisState: _not_in_this_state,
    AssessmentChanged: lambda _: Problem(
        409,
        "changed-since",
        "Phiếu đã được sửa sau khi ông/bà mở trang",
        "The assessment was changed after you opened the page",
        detail="Vui lòng đọc lại.",
        detail_en="Please read it again.",
    ),
    CommentPeriodRuns: _runs,
    CommentPeriodOver: _over,
    TextMissing: _text_missing,
    OwnAssessment: lambda _: Problem(
        403, "own-assessment", "Không tự đánh giá mình", "Nobody assesses themselves; a leader above does"
    ),
}

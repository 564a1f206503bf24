"""Errors of reports as problem details; part of the one table of stats."""

from __future__ import annotations

from services.stats.access import NotOwnReport, NotReportLeader
from services.stats.reports.domain import (
    ChangedSinceRead,
    NothingChanged,
    NotInThisState,
    PaperMissing,
    PeriodRuns,
    ReplacedAlready,
    UnknownReport,
)
from services.stats.reports.periods import PeriodOutOfRange
from services.stats.reports.rules import UnknownKind
from services.stats.reports.wording import STATES
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _not_in_this_state(error: NotInThisState) -> Problem:
    vi, en, _ = STATES[error.state]
    return Problem(
        409,
        "report-state",
        "Báo cáo không còn ở bước này",
        "The report is not at this step any more",
        detail=f"Tình trạng hiện nay: {vi.lower()}.",
        detail_en=f"It is now: {en.lower()}.",
        state=error.state,
    )


REPORT_PROBLEMS: ProblemTable = {
    NotOwnReport: lambda _: Problem(403, "wrong-agency"),
    NotReportLeader: lambda _: Problem(403, "wrong-agency"),
    UnknownReport: lambda _: Problem(404, "not-found"),
    UnknownKind: lambda _: Problem(
        422,
        "invalid",
        errors=[
            {"field": "kind", "message": "Không có loại kỳ này.", "message_en": "There is no such kind of period."}
        ],
    ),
    PeriodOutOfRange: lambda _: Problem(
        422,
        "invalid",
        errors=[{"field": "day", "message": "Năm không hợp lệ.", "message_en": "The year is out of range."}],
    ),
    NotInThisState: _not_in_this_state,
    ChangedSinceRead: lambda _: Problem(
        409,
        "changed-since",
        "Báo cáo đã thay đổi sau khi ông/bà mở trang",
        "The report has changed since you opened the page",
        detail="Vui lòng đọc lại.",
        detail_en="Please read it again.",
    ),
    PeriodRuns: lambda _: Problem(
        409,
        "period-runs",
        "Kỳ báo cáo chưa kết thúc khi tổng hợp số liệu",
        "The period was not over when the numbers were counted",
        detail="Vui lòng cập nhật số liệu sau khi kỳ kết thúc rồi trình.",
        detail_en="Please count again once the period is over, and then submit.",
    ),
    NothingChanged: lambda _: Problem(
        409,
        "nothing-changed",
        "Số liệu không thay đổi",
        "The numbers have not changed",
        detail="Báo cáo đã phát hành vẫn đúng với số liệu hiện nay.",
        detail_en="The published report still agrees with the numbers of now.",
    ),
    ReplacedAlready: lambda _: Problem(
        409,
        "report-replaced",
        "Đã có bản mới hơn của báo cáo này",
        "There is a newer version of this report",
    ),
    PaperMissing: lambda _: Problem(
        409,
        "paper-missing",
        "Văn bản đã ký đang được tạo",
        "The signed paper is being made",
        detail="Vui lòng thử lại sau một phút.",
        detail_en="Please try again in a minute.",
    ),
}

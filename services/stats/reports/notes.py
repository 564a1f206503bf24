"""What a report says of its own gaps: what is missing in it, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.stats.reports.domain import Value

NOTES: Mapping[str, tuple[str, str]] = {
    "period_runs": (
        "Kỳ báo cáo chưa kết thúc khi tổng hợp số liệu.",
        "The period was not over when the numbers were counted.",
    ),
    "no_dossiers": ("Trong kỳ không phát sinh hồ sơ.", "There were no dossiers in this period."),
    "no_before": ("Không có số liệu của kỳ trước.", "There are no numbers of the period before."),
    "no_last_year": (
        "Không có số liệu cùng kỳ năm trước.",
        "There are no numbers of the same period of last year.",
    ),
    "few_ratings": (
        "Số lượt đánh giá chưa đủ để nêu tỷ lệ hài lòng và điểm trung bình.",
        "There are too few ratings to state the share of satisfied people and the mean score.",
    ),
    "no_tickets": ("Không có số liệu lấy số, thời gian chờ.", "There are no numbers of visitors and waiting times."),
    "no_complaints": ("Trong kỳ không có phản ánh, kiến nghị.", "There were no complaints in this period."),
}
"""What is missing in a report, and why a place is empty."""


def missing(numbers: Mapping[str, Mapping[str, Value]], runs: bool, sample: int) -> list[str]:
    """Which of :data:`NOTES` a report has.

    Args:
        numbers: line → column → value.
        runs: whether the period was not over when the numbers were counted.
        sample: the least number of ratings of which a share is written.
    """

    def nothing(column: str, names: Collection[str]) -> bool:
        return not any(numbers[name][column] for name in names)

    dossiers = ("received", "resolved", "in_progress", "returned", "stopped")
    checks = {
        "period_runs": runs,
        "no_dossiers": nothing("now", dossiers),
        "no_before": nothing("before", dossiers),
        "no_last_year": nothing("last_year", dossiers),
        "few_ratings": (numbers["ratings"]["now"] or 0) < sample,
        "no_tickets": nothing("now", ("tickets",)),
        "no_complaints": nothing("now", ("complaints_lodged", "complaints_answered", "complaints_overdue")),
    }
    return [name for name, holds in checks.items() if holds]

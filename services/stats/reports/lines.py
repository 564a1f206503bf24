"""The numbers of a report: what people call each, in which unit it is written, and which numbers of the read interface it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from services.stats.measures.domain import share
from services.stats.measures.summary import Summary
from services.stats.reports.domain import Value

Tickets = Mapping[str, int | None]
COUNT, SHARE, SCORE, MONEY, MINUTES = "count", "share", "score", "money", "minutes"
"""Units: dossiers or people; percent with one decimal; mean score with two; đồng; minutes."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the read interface has counted for one period.

    Attributes:
        summary: all numbers of dossiers, money, ratings, complaints and applications.
        tickets: visitors of the desks, times in seconds.
        rating_sample: the least number of ratings of which a share is written.
    """

    summary: Summary
    tickets: Tickets
    rating_sample: int


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a report.

    Attributes:
        name: in data; it never changes its meaning.
        vi, en: what people call it.
        unit: how it is written.
        value: which number it is.
        part: whether it is a part of the line above, and is written a little to the right.
    """

    name: str
    vi: str
    en: str
    unit: str
    value: Callable[[Source], Value]
    part: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    vi: str
    en: str
    lines: tuple[Line, ...]


def _measure(name: str) -> Callable[[Source], Value]:
    return lambda source: source.summary.counts[name]


def _of(part: str, whole: str) -> Callable[[Source], Value]:
    return lambda source: share(source.summary.counts[part], source.summary.counts[whole])


def _enough(source: Source, value: Value) -> Value:
    """A share or a mean of ratings; None if they are too few, so that nobody can tell who rated how (NĐ 118/2025, Điều 29.3)."""
    return value if source.summary.ratings.given >= source.rating_sample else None


def _minutes(name: str) -> Callable[[Source], Value]:
    def value(source: Source) -> Value:
        seconds = source.tickets[name]
        return None if seconds is None else round(seconds / 60, 1)

    return value


SECTIONS = (
    Section(
        "Tiếp nhận",
        "Received",
        (
            Line("received", "Hồ sơ tiếp nhận trong kỳ", "Dossiers received", COUNT, _measure("received")),
            Line(
                "received_online",
                "Trong đó: nộp trực tuyến",
                "Of these: filed online",
                COUNT,
                lambda source: source.summary.by_channel.get("online", 0),
                part=True,
            ),
            Line(
                "online_share",
                "Tỷ lệ nộp trực tuyến",
                "Share filed online",
                SHARE,
                lambda source: share(source.summary.by_channel.get("online", 0), source.summary.counts["received"]),
                part=True,
            ),
            Line(
                "filed",
                "Hồ sơ nộp trực tuyến, qua bưu chính chờ tiếp nhận",
                "Applications filed online or by post",
                COUNT,
                lambda source: source.summary.applications.filed,
            ),
        ),
    ),
    Section(
        "Giải quyết",
        "Resolved",
        (
            Line("resolved", "Hồ sơ đã giải quyết", "Dossiers resolved", COUNT, _measure("resolved")),
            Line("early", "Trước hạn", "Early", COUNT, _measure("early"), part=True),
            Line(
                "on_time",
                "Đúng hạn (gồm cả trước hạn)",
                "On time (early ones among them)",
                COUNT,
                _measure("on_time"),
                part=True,
            ),
            Line("resolved_late", "Quá hạn", "Late", COUNT, _measure("resolved_late"), part=True),
            Line(
                "on_time_share",
                "Tỷ lệ đúng hạn theo quy định",
                "Share on time by law",
                SHARE,
                _of("on_time", "resolved"),
            ),
            Line(
                "index_on_time",
                "Đúng hạn theo Bộ chỉ số 766",
                "On time by the index",
                COUNT,
                _measure("index_on_time"),
            ),
            Line(
                "index_on_time_share",
                "Tỷ lệ đúng hạn theo Bộ chỉ số 766",
                "Share on time by the index",
                SHARE,
                _of("index_on_time", "resolved"),
            ),
            Line("in_progress", "Đang giải quyết cuối kỳ", "In hand at the end", COUNT, _measure("in_progress")),
            Line(
                "in_progress_overdue",
                "Trong đó: quá hạn",
                "Of these: overdue",
                COUNT,
                _measure("in_progress_overdue"),
                part=True,
            ),
            Line(
                "awaiting_supplement",
                "Trong đó: chờ bổ sung",
                "Of these: waiting for a supplement",
                COUNT,
                _measure("awaiting_supplement"),
                part=True,
            ),
        ),
    ),
    Section(
        "Bổ sung, từ chối, rút, xin lỗi",
        "Supplements, refusals, withdrawals, apologies",
        (
            Line(
                "supplement_requested",
                "Yêu cầu bổ sung hồ sơ",
                "Supplements requested",
                COUNT,
                _measure("supplement_requested"),
            ),
            Line(
                "guided",
                "Hướng dẫn hoàn thiện tại quầy",
                "Told at the counter what to complete",
                COUNT,
                lambda source: source.summary.declined.guided,
            ),
            Line(
                "refused",
                "Từ chối tiếp nhận",
                "Refused",
                COUNT,
                lambda source: source.summary.declined.refused + source.summary.applications.refused,
            ),
            Line(
                "withdrawn",
                "Rút trước khi tiếp nhận",
                "Withdrawn before receipt",
                COUNT,
                lambda source: source.summary.applications.withdrawn,
            ),
            Line("stopped", "Dừng giải quyết", "Stopped", COUNT, _measure("stopped")),
            Line("extended", "Xin lỗi, hẹn lại trước hạn", "Extended with an apology", COUNT, _measure("extended")),
            Line(
                "apologies_signed",
                "Văn bản xin lỗi vì quá hạn đã ký",
                "Apologies signed for lateness",
                COUNT,
                lambda source: source.summary.apologies.signed,
            ),
            Line(
                "apologies_missing",
                "Văn bản xin lỗi còn thiếu cuối kỳ",
                "Apologies owed at the end",
                COUNT,
                lambda source: source.summary.apologies.missing,
            ),
            Line("corrected", "Đính chính kết quả", "Results corrected", COUNT, _measure("corrected")),
        ),
    ),
    Section(
        "Trả kết quả",
        "Results",
        (
            Line("returned", "Kết quả đã trả", "Results handed over", COUNT, _measure("returned")),
            Line(
                "returned_at_counter", "Tại quầy", "At the counter", COUNT, _measure("returned_at_counter"), part=True
            ),
            Line(
                "returned_electronically",
                "Trực tuyến",
                "Electronically",
                COUNT,
                _measure("returned_electronically"),
                part=True,
            ),
            Line(
                "returned_by_post",
                "Qua bưu chính công ích",
                "By public post",
                COUNT,
                _measure("returned_by_post"),
                part=True,
            ),
        ),
    ),
    Section(
        "Phí, lệ phí, nghĩa vụ tài chính",
        "Fees",
        (
            Line("fees_paid", "Đã thu", "Paid", MONEY, lambda source: source.summary.fees_paid),
            Line("fees_refunded", "Đã hoàn trả", "Refunded", MONEY, lambda source: source.summary.fees_refunded),
            Line("fees_waived", "Đã miễn, giảm", "Waived", MONEY, lambda source: source.summary.fees_waived),
        ),
    ),
    Section(
        "Đánh giá, phản ánh, kiến nghị",
        "Ratings and complaints",
        (
            Line("ratings", "Lượt đánh giá", "Ratings", COUNT, lambda source: source.summary.ratings.given),
            Line(
                "satisfied_share",
                "Tỷ lệ hài lòng",
                "Share satisfied",
                SHARE,
                lambda source: _enough(source, source.summary.ratings.satisfied_share),
            ),
            Line(
                "average_score",
                "Điểm trung bình",
                "Mean score",
                SCORE,
                lambda source: _enough(source, source.summary.ratings.average_score),
            ),
            Line(
                "complaints_lodged",
                "Phản ánh, kiến nghị tiếp nhận",
                "Complaints lodged",
                COUNT,
                lambda source: source.summary.complaints.lodged,
            ),
            Line(
                "complaints_answered",
                "Đã trả lời",
                "Answered",
                COUNT,
                lambda source: source.summary.complaints.answered,
                part=True,
            ),
            Line(
                "complaints_on_time",
                "Trả lời đúng hạn",
                "Answered on time",
                COUNT,
                lambda source: source.summary.complaints.answered_on_time,
                part=True,
            ),
            Line(
                "complaints_overdue",
                "Quá hạn trả lời",
                "Missed a time limit",
                COUNT,
                lambda source: source.summary.complaints.overdue,
                part=True,
            ),
        ),
    ),
    Section(
        "Lượt khách tại quầy",
        "Visitors at counters",
        (
            Line("tickets", "Lượt lấy số", "Numbers taken", COUNT, lambda source: source.tickets["issued"]),
            Line("tickets_served", "Đã phục vụ", "Served", COUNT, lambda source: source.tickets["served"], part=True),
            Line(
                "wait_median",
                "Thời gian chờ, trung vị (phút)",
                "Waiting time, median (min)",
                MINUTES,
                _minutes("wait_median"),
            ),
            Line(
                "wait_p90",
                "Thời gian chờ, 90% số khách (phút)",
                "Waiting time, 90th percentile (min)",
                MINUTES,
                _minutes("wait_p90"),
            ),
            Line(
                "service_median",
                "Thời gian phục vụ, trung vị (phút)",
                "Service time, median (min)",
                MINUTES,
                _minutes("service_median"),
            ),
        ),
    ),
)
LINES = {line.name: line for section in SECTIONS for line in section.lines}

DOSSIER_COLUMNS: Mapping[str, tuple[str, str]] = {
    "received": ("Tiếp nhận", "Received"),
    "resolved": ("Đã giải quyết", "Resolved"),
    "early": ("Trước hạn", "Early"),
    "on_time": ("Đúng hạn", "On time"),
    "index_on_time": ("Đúng hạn (766)", "On time (766)"),
    "resolved_late": ("Quá hạn", "Late"),
    "in_progress": ("Đang giải quyết", "In hand"),
    "in_progress_overdue": ("Đang giải quyết, quá hạn", "In hand, overdue"),
}
"""The measures of the tables by agency, field and channel. Those of ratings are not among them: a cell may be too small."""

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

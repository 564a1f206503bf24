"""The measures of dossiers, each defined once: what a dossier adds to the totals and which dossiers are behind a number follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.stats.facts.dossier_clock import OPEN_END, pauses
from shared.runtime.clock import VIETNAM


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of dossiers to which something happened in a period.

    Attributes:
        vi: its name in Vietnamese.
        en: its name in English.
        moment: the column of the time at which it happened.
        equal: column → the value that it must have besides.
        known: columns that must not be empty.
    """

    vi: str
    en: str
    moment: str
    equal: Mapping[str, Any] = field(default_factory=dict)
    known: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """The columns on which it depends."""
        return frozenset({self.moment, *self.equal, *self.known})


@dataclass(frozen=True, slots=True)
class Stock:
    """A number of dossiers that are in some state at the end of a day.

    Attributes:
        vi: its name in Vietnamese.
        en: its name in English.
        since: columns of times that must all have come.
        until: columns of times of which none must have come.
        clock: the column that says when the state was interrupted by counted time, if it may come and go; see `dossier_clock.py`.
    """

    vi: str
    en: str
    since: tuple[str, ...]
    until: tuple[str, ...]
    clock: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """The columns on which it depends."""
        return frozenset({"received_at", *self.since, *self.until, *([self.clock] if self.clock else [])})

    def flows(self, row: Mapping[str, Any]) -> Iterator[tuple[datetime, int]]:
        """When a dossier enters and leaves the state; nothing if it never is in it at the end of a day."""
        entered = [row[name] for name in self.since]
        if None in entered or (self.clock is not None and row[self.clock] is None):
            return
        first, last = max(entered), min([at for name in self.until if (at := row[name]) is not None], default=OPEN_END)
        for since, until in ((first, last),) if self.clock is None else pauses(row[self.clock]):
            begin, end = max(since, first), min(until, last)
            if end >= OPEN_END:
                yield begin, 1
            elif begin.astimezone(VIETNAM).date() < end.astimezone(VIETNAM).date():
                yield begin, 1
                yield end, -1


MEASURES: dict[str, Measure | Stock] = {
    "received": Measure("Tiếp nhận", "Received", "received_at"),
    # of these: filed online; by public post; on a Saturday (seed 002: Saturday sessions)
    "received_online": Measure("Tiếp nhận trực tuyến", "Received online", "received_at", {"channel": "online"}),
    "received_by_post": Measure(
        "Tiếp nhận qua bưu chính công ích", "Received by post", "received_at", {"channel": "post"}
    ),
    "received_on_saturday": Measure(
        "Tiếp nhận ngày thứ Bảy", "Received on a Saturday", "received_at", {"on_saturday": True}
    ),
    # due in the period by the due time in force, whatever has become of it
    "due": Measure("Đến hạn trong kỳ", "Due in the period", "due_at", known=("received_at",)),
    # the result reached the one-stop desk; resolved = on_time + resolved_late
    "resolved": Measure("Đã giải quyết", "Resolved", "resolved_at"),
    # by the due time in force: extensions and waits that do not count are included; decided by routing
    "on_time": Measure("Đúng hạn", "On time", "resolved_at", {"on_time": True}),
    # the same by the index (QĐ 766/QĐ-TTg): by the first promised time, without the time of completed supplements
    "index_on_time": Measure(
        "Đúng hạn theo Bộ chỉ số 766", "On time by the index", "resolved_at", {"index_on_time": True}
    ),
    # of those on time: on a day before the due day
    "early": Measure("Trước hạn", "Early", "resolved_at", {"early": True}),
    # after the due time
    "resolved_late": Measure("Giải quyết quá hạn", "Resolved late", "resolved_at", {"on_time": False}),
    # of those resolved: the result is a refusal (NĐ 118/2025, article 19.3)
    "refused": Measure("Từ chối giải quyết", "Refused", "resolved_at", {"outcome": "refused"}),
    # ended without a result: withdrawn, closed for lack of a supplement, or stopped
    "stopped": Measure("Dừng giải quyết", "Stopped", "stopped_at"),
    # of these: after the due time
    "stopped_late": Measure("Dừng giải quyết quá hạn", "Stopped late", "stopped_at", {"stopped_on_time": False}),
    # of those stopped: the citizen withdrew them; the papers asked for never came (NĐ 118/2025, articles 21 and 19.5)
    "withdrawn": Measure("Rút hồ sơ", "Withdrawn", "stopped_at", {"stop_cause": "withdrawn"}),
    "closed_without_supplement": Measure(
        "Đóng do không bổ sung", "Closed without a supplement", "stopped_at", {"stop_cause": "no_supplement"}
    ),
    # with an apology announced before the due time; the last time counts
    "extended": Measure("Xin lỗi, hẹn lại", "Extended", "extended_at"),
    # the first apology for a lateness was signed
    "apologised": Measure("Xin lỗi vì quá hạn", "Apologised for lateness", "apologised_at", known=("received_at",)),
    # the citizen was asked for more papers for the first time
    "supplement_requested": Measure("Yêu cầu bổ sung", "Asked for a supplement", "supplement_requested_at"),
    # became late: passed its due time unresolved, or ended after it before that was recorded; once for each dossier
    "late": Measure("Trễ hạn", "Late", "late_at"),
    # of these: found unresolved after their due time
    "overdue": Measure("Quá hạn trong kỳ", "Went overdue", "late_at", known=("overdue_at",)),
    # received by the end of the day, and then neither resolved nor returned nor stopped
    "in_progress": Stock("Đang giải quyết", "In progress", ("received_at",), ("ended_at",)),
    # of these: past their due time
    "in_progress_overdue": Stock(
        "Đang giải quyết, quá hạn", "In progress, overdue", ("received_at", "overdue_at"), ("ended_at",)
    ),
    # of those in progress: waiting for papers from the citizen
    "awaiting_supplement": Stock(
        "Đang chờ bổ sung",
        "Waiting for a supplement",
        ("received_at", "supplement_requested_at"),
        ("ended_at", "supplemented_at"),
    ),
    # of those in progress: their time is not counted
    "paused": Stock("Tạm dừng tính thời gian", "Paused", ("received_at",), ("ended_at",), clock="clock"),
    # an agency corrected its own error for the first time
    "corrected": Measure("Đính chính", "Corrected", "corrected_at", known=("received_at",)),
    # the citizen got the result
    "returned": Measure("Đã trả kết quả", "Returned", "returned_at"),
    # of these: at the counter; as a file that the citizen took; by public post. returned is the sum of the three
    "returned_at_counter": Measure(
        "Trả tại quầy", "Returned at the counter", "returned_at", {"return_method": "counter"}
    ),
    "returned_electronically": Measure(
        "Trả trực tuyến", "Returned electronically", "returned_at", {"return_method": "electronic"}
    ),
    "returned_by_post": Measure(
        "Trả qua bưu chính công ích", "Returned by post", "returned_at", {"return_method": "post"}
    ),
    # of those returned: handed over on the day of receipt
    "same_day": Measure(
        "Trả kết quả ngay trong ngày", "Returned on the day of receipt", "returned_at", {"same_day": True}
    ),
    # of those returned: with a file of the result published, whichever way it was handed over
    "returned_with_file": Measure(
        "Có kết quả điện tử", "Returned with an electronic result", "returned_at", known=("published_at",)
    ),
    # the file of an electronic result was published for the first time
    "published": Measure("Phát hành kết quả điện tử", "Electronic result published", "published_at"),
    # rated
    "rated": Measure("Được đánh giá", "Rated", "rated_at", known=("received_at", "score")),
    # of these: with score 4 (hài lòng) or 5 (rất hài lòng)
    "satisfied": Measure("Hài lòng", "Satisfied", "rated_at", {"satisfied": True}, known=("received_at",)),
    # paid a fee or an obligation for the first time
    "paid": Measure("Có nộp phí, lệ phí, nghĩa vụ", "Paid", "paid_at", known=("received_at",)),
}
"""Name of the measure → the measure."""

STOCKS = tuple(name for name, measure in MEASURES.items() if isinstance(measure, Stock))
"""The measures of a moment: the end of a day."""

"""The sentences that explain a due time, Vietnamese first. Wording only: `periods.py` and `promised_date.py` count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise

from shared.calendar.model import DayInfo, Note, Reason
from shared.regulations.model import Number, Regulation

_MAX_RUNS = 6
_COUNTED = frozenset({"open", "swapped_open", "weekend_session"})
# The Civil Codes by their first day in force, with the articles on the begin and on the end of a period.
_CIVIL_CODES = (
    (date(2017, 1, 1), "Bộ luật Dân sự 2015", "Civil Code 2015", 147, 148),
    (date(2006, 1, 1), "Bộ luật Dân sự 2005", "Civil Code 2005", 152, 153),
)


def received(moment: datetime) -> Note:
    """Say when the dossier was received."""
    return Note(moment.date(), "received", f"Tiếp nhận lúc {_vi(moment)}", f"Received at {_en(moment)}")


def started(moment: datetime) -> Note:
    """Say from when time is counted."""
    return Note(moment.date(), "start", f"Tính từ {_vi(moment)}", f"Counted from {_en(moment)}")


def late_receipt(day: date, opening: datetime, late: Number, regulation: Regulation) -> Note:
    """Say that an immediate result of a receipt after the hour of the regulation is due from `opening` on, with the article."""
    hour = f"{late.clock:%H:%M}"
    return Note(
        day,
        "late_receipt",
        f"Tiếp nhận sau {hour}: giải quyết vào ngày làm việc tiếp theo, từ {_vi(opening)}"
        f" ({regulation.title_vi}, Điều {late.article})",
        f"Received after {hour}: resolved on the next working day, from {_en(opening)}"
        f" ({regulation.title_en}, article {late.article})",
    )


def closed_receipt(day: date, opening: datetime) -> Note:
    """Say that an immediate result of a receipt outside working hours is due from `opening` on, the next working day."""
    return Note(
        day,
        "closed_receipt",
        f"Tiếp nhận ngoài giờ làm việc: giải quyết vào ngày làm việc tiếp theo, từ {_vi(opening)}",
        f"Received outside working hours: resolved on the next working day, from {_en(opening)}",
    )


def next_opening(opening: datetime) -> Note:
    """Say that the hours begin to run at `opening`, since the start lies between sessions."""
    return Note(
        opening.date(),
        "next_opening",
        f"Ngoài giờ làm việc: tính từ {_vi(opening)}",
        f"Outside working hours: counted from {_en(opening)}",
    )


def first_day(day: date) -> Note:
    """Say that the first day of a period in days is not counted."""
    vi, en = _civil_code(day, ends=False)
    text = f"{day:%d/%m/%Y}"
    return Note(day, "first_day", f"Ngày đầu {text} không tính ({vi})", f"The first day, {text}, is not counted ({en})")


def limit(day: date, vi: str, en: str) -> Note:
    """Name the time allowed."""
    return Note(day, "limit", f"Thời hạn: {vi}", f"Time allowed: {en}")


def at_once(day: date, vi: str, en: str) -> Note:
    """Name the time allowed in hours, which run at once."""
    vi_code, en_code = _civil_code(day, ends=False)
    return Note(
        day,
        "limit",
        f"Thời hạn: {vi}, tính ngay từ lúc bắt đầu ({vi_code})",
        f"Time allowed: {en}, running at once ({en_code})",
    )


def remote(day: date, vi: str, en: str) -> Note:
    """Name the time added for a hard-to-reach area."""
    return Note(day, "remote", f"Cộng thêm {vi} cho vùng khó khăn", f"{en} added for a hard-to-reach area")


def rolled(last: date, end: date) -> Note:
    """Say that the last day was no working day, so that the period ends with the next one."""
    vi, en = _civil_code(last, ends=True)
    return Note(
        last,
        "rolled",
        f"Ngày cuối {last:%d/%m/%Y} không phải ngày làm việc:"
        f" kéo đến hết ngày làm việc tiếp theo, {end:%d/%m/%Y} ({vi})",
        f"The last day, {last:%d/%m/%Y}, is not a working day:"
        f" extended to the end of the next one, {end:%d/%m/%Y} ({en})",
    )


def due(moment: datetime) -> Note:
    """Say when the time is up."""
    return Note(moment.date(), "due", f"Hết hạn lúc {_vi(moment)}", f"Due at {_en(moment)}")


def special_days(days: Iterable[DayInfo]) -> tuple[Note, ...]:
    """Name every day among `days` that is closed or open out of the ordinary: one note for each reason, in order of time.

    All weekends together are one note; so are the days of one holiday.
    """
    by_reason: dict[Reason, list[date]] = {}
    for info in days:
        if info.reason is not None:
            by_reason.setdefault(info.reason, []).append(info.date)
    return tuple(_special(reason, dates) for reason, dates in by_reason.items())


def _special(reason: Reason, dates: list[date]) -> Note:
    vi_dates, en_dates = _dates(dates)
    if reason.code in _COUNTED:
        return Note(dates[0], reason.code, f"Có tính {vi_dates}: {reason.vi}", f"Counted {en_dates}: {reason.en}")
    return Note(dates[0], reason.code, f"Không tính {vi_dates}: {reason.vi}", f"Not counted {en_dates}: {reason.en}")


def _dates(dates: list[date]) -> tuple[str, str]:
    runs = [[dates[0], dates[0]]]
    for before, after in pairwise(dates):
        if after - before == timedelta(days=1):
            runs[-1][1] = after
        else:
            runs.append([after, after])
    if len(runs) > _MAX_RUNS:
        first, last = f"{dates[0]:%d/%m/%Y}", f"{dates[-1]:%d/%m/%Y}"
        return f"{len(dates)} ngày từ {first} đến {last}", f"{len(dates)} days from {first} to {last}"
    text = ", ".join(_run(first, last) for first, last in runs)
    return text, text


def _run(first: date, last: date) -> str:
    if first == last:
        return f"{first:%d/%m/%Y}"
    return f"{first:%d/%m}–{last:%d/%m/%Y}" if first.year == last.year else f"{first:%d/%m/%Y}–{last:%d/%m/%Y}"


def _civil_code(day: date, *, ends: bool) -> tuple[str, str]:
    _, vi, en, begin_article, end_article = next(code for code in _CIVIL_CODES if code[0] <= day)
    article = end_article if ends else begin_article
    return f"{vi}, Điều {article}", f"{en}, article {article}"


def _vi(moment: datetime) -> str:
    return f"{moment:%H:%M} ngày {moment:%d/%m/%Y}"


def _en(moment: datetime) -> str:
    return f"{moment:%H:%M} on {moment:%d/%m/%Y}"

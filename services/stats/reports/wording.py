"""How reports are named and their numbers written: in Vietnamese for papers, and in either language for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.reports.domain import Action, Difference, ReportState, Value
from services.stats.reports.line import COUNT, MINUTES, MONEY, SCORE, SHARE
from services.stats.reports.lines import DOSSIER_COLUMNS, LINES
from services.stats.reports.notes import NOTES
from services.stats.reports.periods import ReportPeriod

TITLE = ("Báo cáo tình hình, kết quả giải quyết thủ tục hành chính", "Report on administrative procedures")
STATES: Mapping[str, tuple[str, str, str]] = {
    ReportState.DRAFT: ("Dự thảo", "Draft", "plain"),
    ReportState.SUBMITTED: ("Đã trình", "Submitted", "waiting"),
    ReportState.SIGNED: ("Đã ký duyệt", "Signed off", "busy"),
    ReportState.PUBLISHED: ("Đã phát hành", "Published", "good"),
}
"""State → Vietnamese, English, kind of badge."""
ACTIONS: Mapping[str, tuple[str, str]] = {
    "draw_up": ("Lập báo cáo", "Drawn up"),
    Action.RECOUNT: ("Cập nhật số liệu", "Count again"),
    Action.SUBMIT: ("Trình ký", "Submit"),
    Action.SEND_BACK: ("Trả lại", "Send back"),
    Action.SIGN: ("Ký duyệt", "Sign off"),
    Action.PUBLISH: ("Phát hành", "Publish"),
    Action.CORRECT: ("Lập bản đính chính", "Make a correction"),
}
COLUMN_NAMES: Mapping[str, tuple[str, str]] = {
    "now": ("Kỳ này", "This period"),
    "before": ("Kỳ trước", "Period before"),
    "last_year": ("Cùng kỳ năm trước", "Same period of last year"),
}
TABLE_NAMES: Mapping[str, tuple[str, str]] = {
    "numbers": ("Số liệu chung", "Numbers"),
    "level": ("Theo cấp tiếp nhận", "By level of the receiving agency"),
    "agency": ("Theo cơ quan tiếp nhận", "By receiving agency"),
    "field": ("Theo lĩnh vực", "By field"),
    "channel": ("Theo cách nộp", "By way of filing"),
}
ROW_HEADS: Mapping[str, tuple[str, str]] = {
    "level": ("Cấp", "Level"),
    "agency": ("Cơ quan", "Agency"),
    "field": ("Lĩnh vực", "Field"),
    "channel": ("Cách nộp", "Way of filing"),
}
CHANNEL_NAMES: Mapping[str, tuple[str, str]] = {
    "counter": ("Tại quầy", "At the counter"),
    "online": ("Trực tuyến", "Online"),
    "post": ("Qua bưu chính", "By post"),
}
LEVEL_NAMES: Mapping[str, tuple[str, str]] = {
    "central": ("Trung ương", "Central"),
    "province": ("Cấp tỉnh", "Province"),
    "district": ("Cấp huyện", "District"),
    "commune": ("Cấp xã", "Commune"),
}
NOTHING = "–"
_CODED_ROWS = {"level": LEVEL_NAMES, "channel": CHANNEL_NAMES}
"""Tables whose rows have a name in each language."""
_PLACES = {SHARE: 1, SCORE: 2, MINUTES: 1}


def title_of(period: ReportPeriod) -> tuple[str, str]:
    """What a report is called: its subject and its period."""
    vi, en = period.label
    return f"{TITLE[0]} {vi}", f"{TITLE[1]}, {en}"


def days_of(period: ReportPeriod) -> tuple[str, str]:
    """The days of a period."""
    first, last = f"{period.first:%d/%m/%Y}", f"{period.last:%d/%m/%Y}"
    return f"từ ngày {first} đến ngày {last}", f"{first} to {last}"


def written(value: Value, unit: str, language: str = "vi") -> str:
    """A number in its unit, as papers and pages write it; a dash for None."""
    if value is None:
        return NOTHING
    plain = f"{value:,}" if unit in (COUNT, MONEY) else f"{value:,.{_PLACES[unit]}f}"
    if language == "vi":
        plain = plain.translate(str.maketrans(",.", ".,"))
    return plain + {MONEY: "\u00a0₫", SHARE: "%"}.get(unit, "")


def written_change(now: Value, earlier: Value, unit: str, language: str = "vi") -> str:
    """By how much a number has risen (+) or fallen (−); a dash where one of the two is missing."""
    if now is None or earlier is None:
        return NOTHING
    change = round(now - earlier, _PLACES.get(unit, 0)) if unit in _PLACES else now - earlier
    sign = "+" if change > 0 else "\u2212" if change < 0 else ""
    text = written(abs(change), unit, language)
    if unit == SHARE:
        text = text.removesuffix("%") + (" điểm %" if language == "vi" else " points")
    return sign + text


def row_name(table: str, row: Mapping[str, Any]) -> tuple[str, str]:
    """What a row of a table of dossiers is called: Vietnamese and English, alike where it has a name of its own."""
    if table in _CODED_ROWS:
        return _CODED_ROWS[table].get(row["code"], (row["code"], row["code"]))
    return row["name"], row["name"]


def difference_names(one: Difference, *contents: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[str, str]]:
    """What a changed number is: its row and its column, each in Vietnamese and English.

    Args:
        one: the change.
        contents: the two contents, for the names of their rows.
    """
    if one.table == "numbers":
        line, (vi, en) = LINES.get(one.row), COLUMN_NAMES[one.column]
        return (line.vi, line.en) if line else (one.row, one.row), (vi.lower(), en.lower())
    rows = (row for content in contents for row in content[one.table] if row["code"] == one.row)
    vi, en = DOSSIER_COLUMNS.get(one.column, (one.column, one.column))
    return row_name(one.table, next(rows)), (vi.lower(), en.lower())


def difference_unit(one: Difference) -> str:
    """In which unit a changed number is written."""
    line = LINES.get(one.row) if one.table == "numbers" else None
    return line.unit if line else COUNT


def note_texts(content: Mapping[str, Any], language: int) -> list[str]:
    """What is missing in a report.

    Args:
        content: of the report.
        language: 0 for Vietnamese, 1 for English.
    """
    return [NOTES[name][language] for name in content["missing"] if name in NOTES]

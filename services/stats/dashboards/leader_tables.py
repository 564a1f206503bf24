"""Tables of a leader's page beside those by agency: at a glance, all measures, ratings, complaints, and visitors of the counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.stats.dashboards.figures import Counts, Dashboard, Row, figure
from services.stats.dashboards.grids import Grid, Line, ListAddress, figure_title
from services.stats.dashboards.labels import RATING_CHANNELS, SERVICE_GROUPS
from services.stats.exports import Cell
from services.stats.measures.queries import LISTED, MEASURES
from services.stats.measures.tickets import TicketTotals, numbers_of
from shared.web.language import text
from shared.web.pages import agency_name

GLANCE = (
    *("received", "resolved", "on_time_share", "resolved_late", "late_share", "returned"),
    *("in_progress", "in_progress_overdue", "rated", "satisfied_share"),
)
WAITS = ("wait_median", "wait_p90", "service_median", "service_p90")


def glance_grid(found: Dashboard, least_ratings: int) -> Grid:
    """The first numbers of today, of the period and of the period before."""
    counts = (found.today, found.summary.counts, found.before)
    lines = [_line(figure_title(name), *(figure(name, of, least_ratings) for of in counts)) for name in GLANCE]
    heads = (
        text("Hôm nay", "Today"),
        text("Kỳ này", "This period"),
        text("Kỳ trước, cùng số ngày", "As many days before"),
    )
    return Grid("glance", text("Tổng quan", "At a glance"), _number(), heads, lines)


def measures_grid(counts: Counts, link: ListAddress) -> Grid:
    """Every measure of dossiers, with the list behind it."""
    whole = Row("", (), counts)
    shown = [name for name in MEASURES if name in LISTED]
    lines = [
        Line(
            text(MEASURES[name].vi, MEASURES[name].en), "", [counts[name]], [link(name, whole) if counts[name] else ""]
        )
        for name in shown
    ]
    return Grid("measures", text("Tất cả chỉ số về hồ sơ", "All numbers of dossiers"), _number(), [_dossiers()], lines)


def ratings_grid(found: Dashboard, least_ratings: int) -> Grid:
    """What ratings of dossiers and visits add up to."""
    one = found.summary.ratings
    enough = one.given >= least_ratings
    lines = [
        _line(text("Lượt đánh giá", "Ratings"), one.given),
        _line(text("Hài lòng (%)", "Satisfied (%)"), one.satisfied_share if enough else None),
        _line(text("Điểm trung bình (1–5)", "Mean (1–5)"), one.average_score if enough else None),
        _line(text("Về lượt đến quầy", "Of visits"), one.of_visits),
        *(_line(text(*RATING_CHANNELS.get(name, (name, name))), number) for name, number in one.by_channel.items()),
    ]
    return Grid("ratings", text("Đánh giá của người dân", "Ratings"), _number(), [text("Giá trị", "Value")], lines)


def complaints_grid(found: Dashboard) -> Grid:
    """What happened to complaints and feedback."""
    one = found.summary.complaints
    lines = [
        _line(text("Tiếp nhận", "Lodged"), one.lodged),
        _line(text("Đã trả lời", "Answered"), one.answered),
        _line(text("Trả lời đúng hạn (%)", "Answered on time (%)"), one.answered_on_time_share),
        _line(text("Quá hạn", "Overdue"), one.overdue),
        _line(text("Từ chối", "Rejected"), one.rejected),
        _line(text("Đã công khai", "Published"), one.published),
    ]
    title = text("Phản ánh, kiến nghị", "Complaints and feedback")
    return Grid("complaints", title, _number(), [text("Giá trị", "Value")], lines)


def visitors_grid(visitors: Mapping[tuple[str, str], TicketTotals]) -> Grid:
    """Visitors by desk and service group, those who waited longest first; times in whole minutes."""
    rows = [(desk, group, numbers_of(totals)) for (desk, group), totals in visitors.items()]
    rows.sort(key=lambda row: (-(row[2]["wait_p90"] or 0), row[0], row[1]))
    lines = [
        Line(
            f"{agency_name(desk)} · {SERVICE_GROUPS.get(group, group)}",
            desk,
            [numbers["issued"], numbers["served"], numbers["missed"], *(_minutes(numbers[name]) for name in WAITS)],
            [""] * 7,
            vietnamese=True,
        )
        for desk, group, numbers in rows
    ]
    heads = (
        text("Lấy số", "Took a number"),
        text("Đã phục vụ", "Served"),
        text("Gọi vắng", "Missed"),
        text("Chờ, trung vị (phút)", "Wait, median (min)"),
        text("Chờ, 90% không quá (phút)", "Wait, 90% at most (min)"),
        text("Phục vụ, trung vị (phút)", "Service, median (min)"),
        text("Phục vụ, 90% không quá (phút)", "Service, 90% at most (min)"),
    )
    title = text("Người đến quầy, nơi chờ lâu nhất trước", "Visitors, the longest waits first")
    return Grid("visitors", title, text("Quầy, nhóm dịch vụ", "Desk, service group"), heads, lines, coded=True)


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else -(-seconds // 60)


def _line(title: str, *cells: Cell) -> Line:
    return Line(title, "", cells, [""] * len(cells))


def _number() -> str:
    return text("Chỉ số", "Number")


def _dossiers() -> str:
    return text("Số hồ sơ", "Dossiers")


def chosen(grids: Sequence[Grid], key: str) -> list[Grid]:
    """The one with a key, or all."""
    return [one for one in grids if key in ("", one.key)]

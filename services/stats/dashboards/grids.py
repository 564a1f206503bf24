"""Tables of a page: what HTML shows with links and what CSV and XLSX files hold are the same cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.stats.dashboards.figures import Counts, Row, figure
from services.stats.dashboards.labels import BY, CHANNEL_NAMES, FIGURES, LEVEL_NAMES, SHARES, UNKNOWN
from services.stats.exports import Cell, Table
from services.stats.measures.queries import LISTED
from shared.catalogue import FIELDS
from shared.web.language import text
from shared.web.pages import agency_name

TREND_COLUMNS = ("received", "resolved", "on_time_share", "resolved_late", "in_progress", "in_progress_overdue")
ROW_COLUMNS = (
    *("received", "resolved", "on_time", "on_time_share", "resolved_late", "in_progress", "in_progress_overdue"),
    *("rated", "satisfied_share"),
)
PUBLIC_COLUMNS = (
    *(
        "received",
        "resolved",
        "on_time_share",
        "resolved_late",
        "in_progress",
        "in_progress_overdue",
        "satisfied_share",
    ),
)
QUEUE_COLUMNS = ("in_progress_overdue", "in_progress")

_NAMES = {"level": LEVEL_NAMES, "channel": CHANNEL_NAMES}
"""What has a name in each language."""

ListAddress = Callable[[str, "Row"], str]
"""Measure and row → the address of the list behind a number."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table.

    Attributes:
        title: what it is about.
        code: its code; empty where there is none.
        cells: its values.
        links: of each value: the list behind it; empty for none.
        link: of the title; empty for none.
        vietnamese: whether the title is Vietnamese on every page, as names are.
    """

    title: str
    code: str
    cells: Sequence[Cell]
    links: Sequence[str]
    link: str = ""
    vietnamese: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a page.

    Attributes:
        key: names it in the address of its file.
        title: what it shows.
        head: title of the first column.
        columns: titles of the others.
        lines: in order.
        coded: whether its file has a column of codes.
    """

    key: str
    title: str
    head: str
    columns: Sequence[str]
    lines: Sequence[Line] = field(default_factory=tuple)
    coded: bool = False

    def table(self, notes: Sequence[tuple[str, str]]) -> Table:
        """The same as a table for files."""
        code = [text("Mã", "Code")] if self.coded else []
        return Table(
            self.title,
            [self.head, *code, *self.columns],
            [[line.title, *([line.code] if self.coded else []), *line.cells] for line in self.lines],
            notes,
        )


def name_of(by: str, code: str, procedures: dict[str, str]) -> str:
    """What people call an agency, level, field, procedure or channel; the code where it has no name."""
    if not code:
        return text(*UNKNOWN)
    if by.endswith("agency"):
        return agency_name(code)
    if by in _NAMES:
        return text(*_NAMES[by].get(code, (code, code)))
    return (FIELDS if by == "field" else procedures).get(code, code)


def key_title(key: str) -> str:
    """A day or month as people write it: 20/11/2025, 11/2025."""
    return "/".join(reversed(key.split("-")))


def trend_grid(trend_by: str, trend: Sequence[tuple[str, Counts]], link: ListAddress) -> Grid:
    """The course over time, the latest last."""
    lines = [_line(key_title(key), Row(key, [key], counts), TREND_COLUMNS, link, 1) for key, counts in trend]
    return Grid("trend", text("Diễn biến", "Over time"), text(*BY[trend_by]), _titles(TREND_COLUMNS), lines)


def rows_grid(
    by: str,
    rows: Sequence[Row],
    link: ListAddress,
    page_of: Callable[[Row], str],
    procedures: dict[str, str],
    least_ratings: int,
) -> Grid:
    """The numbers by agency, level, field, procedure or channel, those who received most first."""
    ordered = sorted(rows, key=lambda row: (-row.counts.get("received", 0), -row.counts.get("in_progress", 0), row.key))
    lines = [
        _line(
            name_of(by, row.key, procedures),
            row,
            ROW_COLUMNS,
            link,
            least_ratings,
            page_of(row),
            vietnamese=bool(row.key) and by not in _NAMES,
        )
        for row in ordered
    ]
    title = text("Theo {by}", "By {by}", by=text(*BY[by]).lower())
    return Grid("rows", title, text(*BY[by]), _titles(ROW_COLUMNS), lines, coded=True)


def queue_grid(rows: Sequence[Row], link: ListAddress) -> Grid:
    """What agencies have in hand, and how much of it is overdue."""
    lines = []
    for row in rows:
        name = name_of("handling_agency", row.key, {})
        lines.append(_line(name, row, QUEUE_COLUMNS, link, 1, vietnamese=bool(row.key)))
    title = text("Nơi tồn đọng nhiều nhất", "Where most is overdue")
    return Grid("queues", title, text(*BY["handling_agency"]), _titles(QUEUE_COLUMNS), lines, coded=True)


def plain_grid(
    key: str,
    by: str,
    of: str,
    rows: Sequence[Row],
    least_ratings: int,
    columns: Sequence[str] = PUBLIC_COLUMNS,
    title: str = "",
) -> Grid:
    """Numbers by agency or field without links; under the usual title in order of the names.

    Args:
        key: names it.
        by: ``agency`` or ``field``.
        of: which period, for the title.
        rows: the numbers.
        least_ratings: with fewer, no satisfaction is shown.
        columns: which numbers.
        title: in place of the usual one.
    """
    named = [(name_of(by, row.key, {}), row) for row in rows]
    if not title:
        named.sort(key=lambda pair: (pair[0], pair[1].key))
    lines = [_line(name, row, columns, _no_list, least_ratings, vietnamese=bool(row.key)) for name, row in named]
    usual = text("Theo {by}, {of}", "By {by}, {of}", by=text(*BY[by]).lower(), of=of)
    return Grid(key, title or usual, text(*BY[by]), _titles(columns), lines, coded=True)


def total_grid(
    title: str,
    rows: Sequence[tuple[str, Counts]],
    least_ratings: int,
    columns: Sequence[str] = PUBLIC_COLUMNS,
    head: str = "",
) -> Grid:
    """Numbers of several periods, one a line, without links."""
    lines = [_line(name, Row("", (), counts), columns, _no_list, least_ratings) for name, counts in rows]
    return Grid("total", title, head or text("Kỳ", "Period"), _titles(columns), lines)


def _no_list(_measure: str, _row: Row) -> str:
    return ""


def figure_title(name: str) -> str:
    """A number's name in the language of the page."""
    return text(*FIGURES[name])


def _titles(columns: Sequence[str]) -> list[str]:
    return [figure_title(name) for name in columns]


def _line(
    title: str,
    row: Row,
    columns: Sequence[str],
    link: ListAddress,
    least_ratings: int,
    page: str = "",
    *,
    vietnamese: bool = False,
) -> Line:
    cells = [figure(name, row.counts, least_ratings) for name in columns]
    links = [
        link(name, row) if cell and name in LISTED and name not in SHARES else ""
        for name, cell in zip(columns, cells, strict=True)
    ]
    return Line(title, row.key, cells, links, page, vietnamese)

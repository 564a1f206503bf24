"""The tile map: a tile for each agency, with its name, its number, and a shade by the number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.stats.dashboards.figures import Row, figure
from services.stats.dashboards.labels import SHARES
from services.stats.dashboards.shades import HIGHER_IS_BETTER, bounds_of, ranges_of, shade_of
from shared.web.language import text
from shared.web.pages import agency_name, written_decimal, written_number


@dataclass(frozen=True, slots=True)
class Tile:
    """An agency.

    Attributes:
        name, value: as shown.
        shade: 0 to 4; None where there is no number.
        link: to its page; empty for none.
    """

    name: str
    value: str
    shade: int | None
    link: str


@dataclass(frozen=True, slots=True)
class TileMap:
    """Agencies by name, and what each shade means.

    Attributes:
        tiles: of the agencies.
        legend: shade and its values in words.
        darker: what a darker tile means.
    """

    tiles: Sequence[Tile]
    legend: Sequence[tuple[int, str]]
    darker: str


def tile_map(measure: str, rows: Sequence[Row], page_of: Callable[[Row], str], least_ratings: int) -> TileMap:
    """The map of a number or share.

    Args:
        measure: one of :data:`services.stats.dashboards.selection.TILE_MEASURES`.
        rows: by agency.
        page_of: the address of an agency's page; empty for none.
        least_ratings: with fewer, no satisfaction is shown.
    """
    values = [(row, figure(measure, row.counts, least_ratings)) for row in rows if row.key]
    bounds = bounds_of(measure, [value for _, value in values if value is not None])
    tiles = [
        Tile(agency_name(row.key), _written(measure, value), shade_of(measure, value, bounds), page_of(row))
        for row, value in sorted(values, key=lambda pair: (agency_name(pair[0].key), pair[0].key))
    ]
    legend = [(shade, _range(measure, *ends)) for shade, ends in enumerate(ranges_of(measure, bounds))]
    urgent = measure in SHARES or measure == "in_progress_overdue"
    darker = (
        text("Ô càng đậm càng cần chú ý.", "The darker, the more it asks for attention.")
        if urgent
        else text("Ô càng đậm càng nhiều hồ sơ.", "The darker, the more dossiers.")
    )
    return TileMap(tiles, legend if tiles else [], darker)


def _written(measure: str, value: float | None) -> str:
    if value is None:
        return "–"
    if measure in SHARES:
        return written_decimal(value) + text("\u00a0%", "%")
    return written_number(round(value))


def _range(measure: str, low: float | None, high: float | None) -> str:
    """The values of a shade in words: from ... to below ..., or the other way round where less is better."""
    if low is None and high is None:
        return text("mọi giá trị", "all values")
    lower, upper = (_written(measure, end) for end in (low, high))
    up_to = measure in SHARES and measure not in HIGHER_IS_BETTER
    if low is None:
        return text("đến {n}", "up to {n}", n=upper) if up_to else text("dưới {n}", "below {n}", n=upper)
    if high is None:
        return text("trên {n}", "above {n}", n=lower) if up_to else text("từ {n}", "from {n}", n=lower)
    if up_to:
        return text("trên {a} đến {b}", "above {a} to {b}", a=lower, b=upper)
    return text("từ {a} đến dưới {b}", "from {a} to below {b}", a=lower, b=upper)

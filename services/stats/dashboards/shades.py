"""The shades of the tile map: five steps of one colour by lightness, so that they differ for everybody; the number stands in each tile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

SHADES = 5
BOUNDS: Mapping[str, Sequence[float]] = {
    "on_time_share": (98, 95, 90, 80),
    "satisfied_share": (98, 95, 90, 80),
    "late_share": (2, 5, 10, 20),
}
"""Share → where the next darker shade begins; the darker, the more it asks for attention. The product's own choice."""
HIGHER_IS_BETTER = frozenset({"on_time_share", "satisfied_share"})


def bounds_of(measure: str, values: Sequence[float]) -> list[float]:
    """Where each darker shade begins: fixed for shares, fifths of the highest for numbers.

    Args:
        measure: a number or share.
        values: all that are shown.
    """
    if measure in BOUNDS:
        return list(BOUNDS[measure])
    highest = max(values, default=0)
    return sorted({max(1, round(highest * step / SHADES)) for step in range(1, SHADES)})


def shade_of(measure: str, value: float | None, bounds: Sequence[float]) -> int | None:
    """The shade of a value: 0 is the lightest; None for a value that is not known."""
    if value is None:
        return None
    if measure in HIGHER_IS_BETTER:
        return sum(value < bound for bound in bounds)
    if measure in BOUNDS:
        return sum(value > bound for bound in bounds)
    return sum(value >= bound for bound in bounds)


def ranges_of(measure: str, bounds: Sequence[float]) -> list[tuple[float | None, float | None]]:
    """Shade → the lower and the upper end of its values; None where it has no end."""
    ends: list[float | None] = [None, *bounds, None]
    pairs = list(pairwise(ends))
    return [(high, low) for low, high in pairs] if measure in HIGHER_IS_BETTER else pairs

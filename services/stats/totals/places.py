"""Places: what a number can be asked by, and the levels of detail at which totals are kept."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from services.stats.totals.spans import SPANS


class Place(NamedTuple):
    """What a fact can be filtered by; "" is what is not known.

    Attributes:
        agency: that has received the dossier.
        handling_agency: that decides on it.
        field: of the procedure.
        procedure: its code.
        channel: by which it was filed.
    """

    agency: str
    handling_agency: str
    field: str
    procedure: str
    channel: str


NOWHERE = Place("", "", "", "", "")

ALL = 0
"""Stands in a cell for all values of a part of the place together."""

AGENCIES = frozenset({"agency", "handling_agency"})
"""The parts that are known together: a leader sees what one of the two belongs to."""
_FILED = frozenset({"channel"})
_FIELD = frozenset({"field"})
_PROCEDURE = frozenset({"field", "procedure"})


class Level(NamedTuple):
    """A level of detail.

    Attributes:
        parts: of the place that it tells apart.
        spans: lengths of its intervals in days. Where hardly two dossiers share a cell, longer intervals save nothing.
    """

    parts: frozenset[str]
    spans: tuple[int, ...]


LEVELS: tuple[Level, ...] = (
    Level(AGENCIES | _PROCEDURE | _FILED, (1, 64)),
    Level(AGENCIES | _FIELD | _FILED, (1, 8, 64)),
    Level(AGENCIES | _FILED, SPANS),
    Level(AGENCIES, SPANS),
    Level(_PROCEDURE | _FILED, SPANS),
    Level(_FIELD | _FILED, SPANS),
    Level(_FILED, SPANS),
)
"""The position of a level is its number. The later, the fewer cells it has, and the more dossiers share them."""
PARTS = LEVELS[0].parts


@lru_cache(64)
def level_of(parts: frozenset[str]) -> int:
    """The level with the fewest cells that tells some parts apart."""
    return max(number for number, level in enumerate(LEVELS) if parts <= level.parts)


@lru_cache(64)
def source_of(level: int) -> int:
    """The level before it, with the fewest cells, from which a level can be summed."""
    return max(finer for finer in range(level) if LEVELS[level].parts < LEVELS[finer].parts)

"""Numbers and names as Vietnamese pages and papers write them; a profile is compared with what people read there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOTHING = "–"
LEVELS = {"central": "Trung ương", "province": "Tỉnh", "district": "Huyện", "commune": "Xã"}
"""Level → what the leader's page calls it."""
PAPER_LEVELS = {"central": "Trung ương", "province": "Cấp tỉnh", "district": "Cấp huyện", "commune": "Cấp xã"}
"""Level → what reports call it."""


def number_of(text: str) -> int | float | str | None:
    """The number that is written: 4.936, 99,5 or 99,5%; None for a dash, and the text itself if it is no number."""
    if text == NOTHING:
        return None
    plain = text.removesuffix("%").replace(".", "").replace(",", ".")
    try:
        return float(plain) if "," in text or "%" in text else int(plain)
    except ValueError:
        return text


def most(received: Mapping[str, Any]) -> str:
    """The name with the largest number; empty if there is none."""
    numbers = {name: number for name, number in received.items() if isinstance(number, int)}
    return max(numbers, key=numbers.__getitem__, default="")


def shown_share(share: float, of: int, least: int) -> float | None:
    """A share of ratings as it is shown: not, where there are too few of them.

    Args:
        share: in percent.
        of: so many ratings.
        least: from which number on it is shown.
    """
    return share if of >= least else None

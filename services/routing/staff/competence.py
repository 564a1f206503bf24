"""Whose work an agency does: its own, and that of agencies merged into it, whose dossiers are still on their way."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from shared.agencies import Agencies, UnknownAgency


@lru_cache(maxsize=4096)
def work_of(agencies: Agencies, code: str, on: date) -> frozenset[str]:
    """The codes of the agencies whose work an agency does.

    Args:
        agencies: all of all times.
        code: the agency; empty for nobody.
        on: the day.

    Returns:
        `code` itself with every agency that had ended by that day and whose last successor it is.
    """
    if not code:
        return frozenset()
    ended = {agency.code for agency in agencies.all() if not agency.valid_on(on) and agency.successor}
    return frozenset({code} | {other for other in ended if _carried_on_by(agencies, other, on) == code})


def _carried_on_by(agencies: Agencies, code: str, on: date) -> str | None:
    try:
        return agencies.successor(code, on).code
    except UnknownAgency:  # not yet founded, or its line of successors has ended
        return None

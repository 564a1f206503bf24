"""The list behind a number of an agency with those that were merged into it: the lists of all of them, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from services.stats.measures.domain import BadCursor
from services.stats.measures.lists import Page, list_codes
from services.stats.measures.queries import Scope


def list_merged(
    connection: Connection, measure: str, scope: Scope, by: str, codes: Sequence[str], after: str, limit: int
) -> Page:
    """A page of the dossiers behind a number.

    Args:
        connection: reads.
        measure: one of :data:`services.stats.measures.queries.LISTED`.
        scope: period and filters; its filter `by` is not used.
        by: ``agency`` or ``handling_agency``; not used without codes.
        codes: the agency's code and those of the merged ones; empty for a list that is of no agency.
        after: `next` of the previous page; empty for the first page.
        limit: the most codes.

    Raises:
        BadCursor: `after` is not `next` of a page.
    """
    if not codes:
        return list_codes(connection, measure, scope, after, limit)
    place, position = _read(after, len(codes))
    found: list[str] = []
    while place < len(codes):
        one = replace(scope, filters={**scope.filters, by: codes[place]})
        page = list_codes(connection, measure, one, position, limit - len(found))
        found += page.codes
        if page.next is not None:
            return Page(found, f"{place}.{page.next}")
        place, position = place + 1, ""
        if len(found) == limit:
            return Page(found, f"{place}." if _has_more(connection, measure, scope, by, codes[place:]) else None)
    return Page(found, None)


def _has_more(connection: Connection, measure: str, scope: Scope, by: str, codes: Sequence[str]) -> bool:
    return any(
        list_codes(connection, measure, replace(scope, filters={**scope.filters, by: code}), "", 1).codes
        for code in codes
    )


def _read(after: str, count: int) -> tuple[int, str]:
    place, _, position = after.partition(".")
    if not after:
        return 0, ""
    if not place.isascii() or not place.isdigit() or len(place) > 6 or int(place) >= count:
        raise BadCursor
    return int(place), position

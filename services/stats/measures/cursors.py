"""What stands for the last entry of a page: opaque to callers, so that the order of a list may change."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson

from services.stats.measures.domain import BadCursor


def written_cursor(*position: str | int) -> str:
    """The cursor of an entry.

    Args:
        position: its values in the order of the list.
    """
    return urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def read_cursor(cursor: str, parts: int) -> list[str]:
    """The position that a cursor stands for; empty for the empty cursor.

    Raises:
        BadCursor: it was not written by :func:`written_cursor` of so many parts.
    """
    if not cursor:
        return []
    try:
        position = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise BadCursor from error
    if not isinstance(position, list) or len(position) != parts or not all(isinstance(one, str) for one in position):
        raise BadCursor
    return position

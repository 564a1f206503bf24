"""When the time of a dossier is not counted: marks of its pauses and resumptions in one text, in order, so that lists can ask for a moment.

The text is a JSON list of ``<time in UTC, of one length> <paused or counted>``. The state at a moment is that of the last mark before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

PAUSED, COUNTED = "paused", "counted"
OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)
"""`ended_at` of a dossier that has not ended, and the end of a pause that has not."""


def mark_time(at: datetime) -> str:
    """A moment as marks begin with it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def with_mark(clock: str | None, at: datetime, state: str) -> str:
    """The marks and one more; the same once more changes nothing.

    Args:
        clock: the marks; None for none.
        at: when the clock was paused or resumed.
        state: :data:`PAUSED` or :data:`COUNTED`; of one moment, paused comes last: time resumed after a supplement may stand still again.
    """
    marks = {*_marks(clock), f"{mark_time(at)} {state}"}
    return orjson.dumps(sorted(marks)).decode()


def pauses(clock: str | None) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of each pause; the last may not have ended."""
    begun: datetime | None = None
    for mark in _marks(clock):
        time, state = mark.split(" ")
        at = datetime.fromisoformat(time).replace(tzinfo=UTC)
        if state == PAUSED:
            begun = begun or at
        elif begun is not None:
            yield begun, at
            begun = None
    if begun is not None:
        yield begun, OPEN_END


def _marks(clock: str | None) -> list[str]:
    marks: list[str] = orjson.loads(clock) if clock else []
    return marks

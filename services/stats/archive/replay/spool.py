"""The events of one month in the order in which they are sent, in a temporary file that nobody sees and the system deletes.

Events are archived in order of arrival, and one that was lost and sent again arrives after later ones of its dossier. They are sent in the
order in which they were published: the events of one source and key change places among themselves. All others stay where they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from shared.messaging.event import Event

_CREATE = """CREATE TABLE event (place INTEGER PRIMARY KEY, slot INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
    sequence INTEGER NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL)"""
_OUT_OF_ORDER = """SELECT DISTINCT source, key FROM (
    SELECT source, key, sequence, lag(sequence) OVER (PARTITION BY source, key ORDER BY place) AS before FROM event)
    WHERE sequence < before"""
_OF_KEY = "SELECT place, sequence FROM event WHERE source = ? AND key = ? ORDER BY place"
_IN_ORDER = "SELECT event_id, type, key, sequence, body FROM event ORDER BY slot LIMIT -1 OFFSET ?"
_NAMES = ("event_id", "type", "key", "sequence", "body")
CACHE_KIB = 16_000


class Spool:
    """Events of one month.

    Args:
        events: in order of arrival, with their bodies.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._file = sqlite3.connect("", isolation_level=None)  # a temporary file, of which only a part is in memory
        self._file.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute(_CREATE)
        rows = (
            (place, place, one.source, one.key, one.sequence, one.id, one.type, one.body.decode())
            for place, one in enumerate(events)
        )
        self._file.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._put_in_order()

    def _put_in_order(self) -> None:
        wrong = self._file.execute(_OUT_OF_ORDER).fetchall()
        if not wrong:
            return
        self._file.execute("CREATE INDEX event_key ON event (source, key, place)")
        for source, key in wrong:
            rows = self._file.execute(_OF_KEY, (source, key)).fetchall()
            slots = [place for place, _ in rows]
            in_order = sorted(rows, key=lambda row: (row[1], row[0]))
            moved = [(slot, place) for slot, (place, _) in zip(slots, in_order, strict=True)]
            self._file.executemany("UPDATE event SET slot = ? WHERE place = ?", moved)

    def rows(self, skip: int) -> Iterator[dict[str, object]]:
        """The events as rows of an outbox, in order, without the first ones."""
        for row in self._file.execute(_IN_ORDER, (skip,)):
            yield dict(zip(_NAMES, row, strict=True))

    def close(self) -> None:
        """Deletes the file."""
        self._file.close()

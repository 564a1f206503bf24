"""The embedded transport, for one machine without a broker: one SQLite file, one row for each queue that an event reaches.

It is as durable as the services' stores: a publish is one transaction with synchronous=FULL, and a row is deleted when it is acknowledged.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shared.messaging.outbox import OutboxRow
from shared.messaging.port import BusUnavailable, Delivery, PublishResult
from shared.messaging.sender_identity import AGENCY_BINDING_KEY, AGENCY_EVENTS, agency_name
from shared.messaging.topology import Topology

SCHEMA = """
CREATE TABLE IF NOT EXISTS subscription (topic TEXT NOT NULL, queue TEXT NOT NULL, PRIMARY KEY (topic, queue)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, sender TEXT NOT NULL, UNIQUE (queue, sender, event_id));
CREATE INDEX IF NOT EXISTS ix_message_queue ON message (queue, id);
"""
POLL_SECONDS = 0.02
WAIT_SECONDS = 15


class EmbeddedBus:
    """The transport in a file.

    Args:
        path: the SQLite file; created if it does not exist.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def declare(self, topology: Topology) -> None:
        """Writes which topics reach which queues. A service's bindings are replaced, so those that the topology no longer has disappear."""
        with _opened(self.path) as connection, _transaction(connection):
            for sub in topology.subscriptions:
                queue = sub.queue_names[0]
                connection.execute("DELETE FROM subscription WHERE queue = ?", (queue,))
                topics = (*sub.topics, AGENCY_BINDING_KEY) if sub.receives_agency_events else sub.topics
                connection.executemany("INSERT INTO subscription VALUES (?, ?)", [(topic, queue) for topic in topics])
            names = [agency_name(code) for code in topology.agencies]
            connection.executemany("INSERT OR IGNORE INTO subscription VALUES (?, ?)", [(name, name) for name in names])

    def publisher(self) -> EmbeddedPublisher:
        """A publisher with a connection of its own."""
        return EmbeddedPublisher(self.path)

    def agency_publisher(self, code: str) -> EmbeddedAgencyPublisher:
        """The publisher of an agency on the same machine; it can publish only the events of agencies.

        Raises:
            ValueError: the code cannot be part of a topic.
        """
        return EmbeddedAgencyPublisher(self.path, code)

    def agency_consumer(self, code: str) -> EmbeddedConsumer:
        """The consumer of an agency's queue.

        Raises:
            ValueError: the code cannot be part of a topic.
        """
        return EmbeddedConsumer(self.path, agency_name(code))

    def consumer(self, service: str, topology: Topology) -> EmbeddedConsumer:
        """The consumer of a service's queue. A file needs no partitions: they are one queue."""
        return EmbeddedConsumer(self.path, topology.of(service).queue_names[0])

    def dead_letters(self, service: str, topology: Topology) -> EmbeddedConsumer:
        """Always empty: a file delivers without limit."""
        return EmbeddedConsumer(self.path, topology.of(service).dead_letter_queue_name)

    def depth(self, queue: str) -> int:
        """Messages in a queue."""
        with _opened(self.path) as connection:
            return int(connection.execute("SELECT count(*) FROM message WHERE queue = ?", (queue,)).fetchone()[0])


class EmbeddedPublisher:
    """Writes one row for each queue that an event's topic reaches."""

    def __init__(self, path: Path) -> None:
        self._connection = _open(path)
        self._lock = threading.Lock()

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes all rows in one transaction. A repeated event is ignored if its row still exists, else by the inbox."""
        return self._publish(rows, "")

    def _publish(self, rows: Sequence[OutboxRow], sender: str) -> PublishResult:
        result = PublishResult()
        with self._lock, _unavailable(), _transaction(self._connection):
            queues: dict[str, list[str]] = {}
            for topic, queue in self._connection.execute("SELECT topic, queue FROM subscription"):
                queues.setdefault(topic, []).append(queue)
            for row in rows:
                targets = queues.get(AGENCY_BINDING_KEY if sender else row.topic)
                (result.confirmed if targets else result.unroutable).append(row.id)
                self._connection.executemany(
                    "INSERT OR IGNORE INTO message (queue, event_id, body, sender) VALUES (?, ?, ?, ?)",
                    [(queue, row.event_id, row.body.encode(), sender) for queue in targets or ()],
                )
        return result

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


class EmbeddedAgencyPublisher(EmbeddedPublisher):
    """Writes an agency's events, with its code as sender, to the queues that receive agency events.

    Args:
        path: the SQLite file.
        code: the agency's code.
    """

    def __init__(self, path: Path, code: str) -> None:
        self._topics = {f"{agency_name(code)}.{name}" for name in AGENCY_EVENTS}
        self._code = code
        super().__init__(path)

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes all rows in one transaction; rows with a topic that is not the agency's own are refused, as by the broker."""
        own = [row for row in rows if row.topic in self._topics]
        result = self._publish(own, self._code)
        result.refused.extend(row.id for row in rows if row.topic not in self._topics)
        return result


class EmbeddedConsumer:
    """Reads a queue from its head; a message stays in the file until it is acknowledged."""

    def __init__(self, path: Path, queue: str) -> None:
        self._connection = _open(path)
        self._queue = queue
        self._last_taken = 0  # the highest id that was taken

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """The oldest messages that were not taken yet; each counts one more delivery."""
        deadline = time.monotonic() + seconds
        version = None
        while True:
            if (current := self._version()) != version:
                version = current
                if found := self._next(most):
                    return found
            if time.monotonic() >= deadline:
                return []
            time.sleep(POLL_SECONDS)

    def _version(self) -> int:
        with _unavailable():  # changes when another connection commits: far cheaper than a query for rows
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _next(self, most: int) -> list[Delivery]:
        with _unavailable(), _transaction(self._connection, write=False):
            rows = self._connection.execute(
                "SELECT body, id, attempts, sender FROM message WHERE queue = ? AND id > ? ORDER BY id LIMIT ?",
                (self._queue, self._last_taken, most),
            ).fetchall()
        if not rows:
            return []
        with _unavailable(), _transaction(self._connection):
            self._connection.execute(
                "UPDATE message SET attempts = attempts + 1 WHERE queue = ? AND id BETWEEN ? AND ?",
                (self._queue, rows[0][1], rows[-1][1]),
            )
        self._last_taken = rows[-1][1]
        return [Delivery(*row) for row in rows]

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Deletes the rows."""
        with _unavailable(), _transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM message WHERE id = ?", [(delivery.tag,) for delivery in deliveries]
            )

    def close(self) -> None:
        """Closes the file; messages that were not acknowledged are delivered again."""
        self._connection.close()


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _unavailable():
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-1000"):
            connection.execute(f"PRAGMA {pragma}")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'message'").fetchone():
            connection.executescript(SCHEMA)
    return connection


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = _open(path)
    try:
        with _unavailable():
            yield connection
    finally:
        connection.close()


@contextmanager
def _transaction(connection: sqlite3.Connection, write: bool = True) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BusUnavailable(f"the bus file: {error}") from error

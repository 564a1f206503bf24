"""The embedded transport, for one machine without a broker: one SQLite file, one row for each queue that an event reaches.

It is as durable as the services' stores: a publish is one transaction with synchronous=FULL, and a row is deleted when it is acknowledged.
When the file is deleted or replaced while processes use it, each notices and opens the file that is there now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.messaging.bus_file import BusFile, opened, transaction, unavailable
from shared.messaging.outbox import OutboxRow
from shared.messaging.pipes import Pipe, new_owner, open_pipe, wake
from shared.messaging.port import BusUnavailable, Delivery, PublishResult
from shared.messaging.sender_identity import AGENCY_BINDING_KEY, AGENCY_EVENTS, agency_name
from shared.messaging.topology import Generation, Subscription, Topology

POLL_SECONDS = 0.05
"""Where the file system has no pipes."""


class EmbeddedBus:
    """The transport in a file.

    Args:
        path: the SQLite file; created if it does not exist.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def declare(self, topology: Topology) -> None:
        """Writes which topics reach which queues. A service's bindings are replaced, so those that the topology no longer has disappear."""
        with opened(self.path) as connection, transaction(connection):
            for sub in topology.subscriptions:
                queue = sub.queue_name
                connection.execute("DELETE FROM subscription WHERE queue = ?", (queue,))
                connection.executemany(
                    "INSERT INTO subscription VALUES (?, ?)", [(topic, queue) for topic in _topics(sub)]
                )
            names = [agency_name(code) for code in topology.agencies]
            connection.executemany("INSERT OR IGNORE INTO subscription VALUES (?, ?)", [(name, name) for name in names])

    def repair(self, service: str, topology: Topology) -> list[str]:
        """Restores a service's bindings; returns those that were missing. It writes only if some were."""
        sub = topology.of(service)
        queue = sub.queue_name
        with opened(self.path) as connection:
            bound = {
                topic for (topic,) in connection.execute("SELECT topic FROM subscription WHERE queue = ?", (queue,))
            }
        missing = sorted(_topics(sub) - bound)
        if missing:
            self.declare(Topology((sub,)))
        return [f"binding {topic} of {queue}" for topic in missing]

    def replace_unusable(self, topology: Topology) -> list[str]:
        """Replaces nothing: a queue is rows of the one file."""
        return []

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

    def consumer(
        self, service: str, topology: Topology, generation: Generation | None = None, queues: Sequence[str] = ()
    ) -> EmbeddedConsumer:
        """The consumer of a service's queue. A file has no partitions."""
        return EmbeddedConsumer(self.path, topology.of(service).queue_name)

    def partitions(self, service: str) -> None:
        """None: one process reads a file, so that dividing it would make nothing faster."""

    def dead_letters(self, service: str, topology: Topology) -> EmbeddedConsumer:
        """Always empty: a file delivers without limit."""
        return EmbeddedConsumer(self.path, topology.of(service).dead_letter_queue_name)

    def depth(self, queue: str) -> int:
        """Messages in a queue."""
        return self.depths([queue])[0]

    def depths(self, queues: Sequence[str]) -> list[int]:
        """Messages in each of several queues."""
        with opened(self.path) as connection:
            count = "SELECT count(*) FROM message WHERE queue = ?"
            return [int(connection.execute(count, (queue,)).fetchone()[0]) for queue in queues]


class EmbeddedPublisher:
    """Writes one row for each queue that an event's topic reaches."""

    def __init__(self, path: Path) -> None:
        self._file = BusFile(path)
        self._lock = threading.Lock()

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes all rows in one transaction. A repeated event is ignored if its row still exists, else by the inbox."""
        return self._publish(rows, "")

    def _publish(self, rows: Sequence[OutboxRow], sender: str) -> PublishResult:
        result = PublishResult()
        reached: set[str] = set()
        with self._lock, unavailable():
            self._file.reopen_if_replaced()
            with transaction(self._file.connection) as connection:
                queues: dict[str, list[str]] = {}
                for topic, queue in connection.execute("SELECT topic, queue FROM subscription"):
                    queues.setdefault(topic, []).append(queue)
                for row in rows:
                    targets = _queues_of(row, queues, sender)
                    reached.update(targets)
                    (result.confirmed if targets else result.unroutable).append(row.id)
                    connection.executemany(
                        "INSERT OR IGNORE INTO message (queue, event_id, body, sender) VALUES (?, ?, ?, ?)",
                        [(queue, row.event_id, row.body.encode(), sender) for queue in targets],
                    )
        wake(self._file.path, reached)
        return result

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _queues_of(row: OutboxRow, queues: Mapping[str, list[str]], sender: str) -> Sequence[str]:
    """The queues that a row reaches."""
    if row.route is not None:  # for one service only, whose queue has the name of its entry exchange
        exchange, queue = row.route
        return (queue or exchange,)
    return queues.get(AGENCY_BINDING_KEY if sender else row.topic, ())


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
        self._file = BusFile(path)
        self._queue = queue
        self._last_taken = 0  # the highest id that was taken
        self._empty_at: int | None = None  # the version of the file in which nothing was left to take
        self._pipe: Pipe | None = None
        self._has_no_pipes = False
        self._interrupted = False

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """The oldest messages that were not taken yet; each counts one more delivery.

        Raises:
            BusUnavailable: the file cannot be read, or was replaced; open another consumer.
        """
        deadline = time.monotonic() + seconds
        while True:
            self._raise_if_replaced()
            if (version := self._version()) != self._empty_at:
                if found := self._next(most):
                    return found
                self._empty_at = version
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self._interrupted:
                return []
            self._wait(remaining)

    def interrupt(self) -> None:
        """Ends a `take` that waits in another thread; later ones wait no more."""
        self._interrupted = True
        if (pipe := self._pipe) is not None:
            pipe.interrupt()

    def _wait(self, seconds: float) -> None:
        if self._has_no_pipes:
            time.sleep(min(seconds, POLL_SECONDS))
        elif self._pipe is not None:
            self._pipe.wait(seconds)
        else:  # without waiting: nobody was woken by what came before the pipe was there
            self._pipe = open_pipe(self._file.path, self._queue, new_owner())
            self._has_no_pipes = self._pipe is None

    def _raise_if_replaced(self) -> None:
        if self._file.replaced:
            raise BusUnavailable(f"the bus file {self._file.path} was deleted or replaced")

    def _version(self) -> int:
        with unavailable():  # changes when another connection commits: far cheaper than a query for rows
            return int(self._file.connection.execute("PRAGMA data_version").fetchone()[0])

    def _next(self, most: int) -> list[Delivery]:
        with unavailable(), transaction(self._file.connection, write=False) as connection:
            rows = connection.execute(
                "SELECT body, id, attempts, sender FROM message WHERE queue = ? AND id > ? ORDER BY id LIMIT ?",
                (self._queue, self._last_taken, most),
            ).fetchall()
        if not rows:
            return []
        with unavailable(), transaction(self._file.connection) as connection:
            connection.execute(
                "UPDATE message SET attempts = attempts + 1 WHERE queue = ? AND id BETWEEN ? AND ?",
                (self._queue, rows[0][1], rows[-1][1]),
            )
        self._last_taken = rows[-1][1]
        return [Delivery(*row) for row in rows]

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Deletes the rows.

        Raises:
            BusUnavailable: the file cannot be written, or was replaced: another file may have other messages under the same ids.
        """
        self._raise_if_replaced()
        with unavailable(), transaction(self._file.connection) as connection:
            connection.executemany("DELETE FROM message WHERE id = ?", [(delivery.tag,) for delivery in deliveries])

    def close(self) -> None:
        """Closes the file; messages that were not acknowledged are delivered again."""
        if self._pipe is not None:
            self._pipe.close()
        self._file.close()


def _topics(sub: Subscription) -> set[str]:
    return {*sub.topics, AGENCY_BINDING_KEY} if sub.receives_agency_events else set(sub.topics)

"""A service with several worker processes and numbered events that never stop, while the number of its partitions changes."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import func, select

from shared.contracts import REGISTRY, platform_topology
from shared.messaging.event import Event
from shared.messaging.outbox import OutboxRow
from shared.messaging.partitions import generations
from shared.messaging.partitions.generations import Generations
from shared.messaging.port import BusUnavailable
from shared.messaging.rabbitmq import RabbitMqBus
from shared.persistence.store import Store
from shared.runtime.clock import Clock
from tests.faults.partition_worker import FAILING, applied, metadata
from tests.support.prepared import migrated
from tests.support.processes import Proc, run_forked, wait_until

SERVICE = "stats"
KEYS = 40
PACE_SECONDS = 0.1
"""Between two rounds, each with one event of every key."""
LEASE_SECONDS = 2.0


class PartitionOffice:
    """Stats with workers that only write down what they apply, and a publisher of numbered events.

    Args:
        directory: for logs.
        bus_url: a broker.
        db_url: an empty PostgreSQL database.
        workers: names of the worker processes.
    """

    def __init__(self, directory: Path, bus_url: str, db_url: str, workers: tuple[str, ...]) -> None:
        migrated(SERVICE)(db_url)
        self.bus_url = bus_url
        self.bus = RabbitMqBus(bus_url, "test")
        self.store = Store(db_url, SERVICE, Clock(), pool=4)
        metadata.create_all(self.store.engine)
        self.bus.declare(platform_topology())
        (directory / "metrics").mkdir()
        self.environ: Mapping[str, str] = {
            "MOTCUA_MODE": "test",
            "MOTCUA_DATA": str(directory),
            "MOTCUA_BUS_URL": bus_url,
            f"MOTCUA_{SERVICE.upper()}_DB_URL": db_url,
            "MOTCUA_LEASE_SECONDS": str(LEASE_SECONDS),
            "PROMETHEUS_MULTIPROC_DIR": str(directory / "metrics"),
        }
        self.workers: dict[str, Proc] = {}
        self.sent: dict[str, list[str]] = defaultdict(list)
        self._directory = directory
        self._names = workers
        self._stopping = threading.Event()
        self._publisher = threading.Thread(target=self._publish, daemon=True)

    def __enter__(self) -> Self:
        for name in self._names:
            self.start(name)
        try:
            wait_until(lambda: self.consumers() == len(self._names), 90, interval=0.2, what="all workers")
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        self._publisher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for worker in self.workers.values():
            worker.kill9()
        if self._publisher.is_alive():
            self._publisher.join(60)
        self.store.close()

    def start(self, name: str) -> None:
        """Starts a worker."""
        environ = {**self.environ, "MOTCUA_INSTANCE": name}
        log = self._directory / f"{name}.log"
        self.workers[name] = Proc(["tests.faults.partition_worker"], log=log, env=environ, forked=True)

    def kill_and_start(self, name: str) -> None:
        """Kills a worker and starts it again."""
        self.workers[name].kill9()
        self.start(name)

    def kill_any(self, chance: random.Random) -> None:
        """Kills a worker, and starts it again."""
        self.kill_and_start(chance.choice(self._names))

    def command(self, *arguments: str) -> tuple[int, str]:
        """Runs a command to its end; returns its status and what it printed."""
        done = run_forked(["shared.cli", *arguments], self.environ, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def begin(self, number: int) -> Proc:
        """Starts the command that changes the number of partitions."""
        arguments = ["shared.cli", "bus", "partitions", SERVICE, str(number)]
        return Proc(arguments, log=self._directory / "command.log", env=self.environ, forked=True)

    def present(self) -> Generations:
        """The generations as they are written."""
        with self.store.read() as connection:
            return generations.read(connection, SERVICE)

    def consumers(self, queue: str = f"motcua.{SERVICE}.workers") -> int:
        """How many processes consume a queue."""
        return self.bus.partitions(SERVICE).look([queue])[0].consumers

    def applied(self) -> dict[str, list[str]]:
        """Key → ids of the events that were applied, in order."""
        found: dict[str, list[str]] = defaultdict(list)
        with self.store.read() as connection:
            for key, event_id in connection.execute(select(applied.c.key, applied.c.event_id).order_by(applied.c.id)):
                found[key].append(event_id)
        return found

    def shares(self, since: int) -> dict[str, int]:
        """Worker → how many of the events after the first so many it has applied."""
        grouped = select(applied.c.worker, func.count()).where(applied.c.id > since).group_by(applied.c.worker)
        with self.store.read() as connection:
            return dict(connection.execute(grouped).all())

    def finish(self) -> None:
        """Publishes no more and waits until everything is applied.

        Raises:
            AssertionError: an event was lost, applied twice or out of order.
        """
        self._stopping.set()
        self._publisher.join(60)
        assert not self._publisher.is_alive()
        expected = {key: ids for key, ids in self.sent.items() if key != FAILING}
        total = sum(map(len, expected.values()))
        with self.store.engine.connect() as connection:

            def count() -> int:
                with connection.begin():
                    return int(connection.execute(select(func.count()).select_from(applied)).scalar_one())

            wait_until(lambda: count() >= total, 90, interval=0.2, what=f"{total} events applied")
        found = self.applied()
        wrong = {key: first_difference(ids, found[key]) for key, ids in expected.items() if found[key] != ids}
        assert not wrong, f"lost, applied twice, or out of order: {wrong}"

    def _publish(self) -> None:
        entry, number = REGISTRY.by_name["dossier.received"], 0
        publisher = self.bus.publisher()
        while not self._stopping.wait(PACE_SECONDS):
            number += 1
            rows: list[OutboxRow] = []
            for key in [f"D-{index}" for index in range(KEYS)] + [FAILING] * (number % 20 == 0):
                data = dict(entry.example) | {"dossier": key}
                made = Event(f"{key}:{number}", "/motcua/intake", entry.type, datetime.now(UTC), key, number, data)
                self.sent[key].append(made.id)
                rows.append(
                    OutboxRow(len(rows), made.id, made.type, key, made.to_json().decode(), "dossier.received.v1")
                )
            while True:  # as a relay does: the whole batch again, until it is confirmed
                try:
                    if len(publisher.publish(rows).confirmed) == len(rows):
                        break
                except BusUnavailable:
                    self._redeclare()
        publisher.close()

    def _redeclare(self) -> None:
        with contextlib.suppress(BusUnavailable):
            self.bus.declare(platform_topology())


def first_difference(expected: Sequence[str], found: Sequence[str]) -> str:
    """Where two sequences differ first, for the message of a failure."""
    place = next((at for at, (one, other) in enumerate(zip(expected, found, strict=False)) if one != other), len(found))
    return f"{list(found[max(place - 2, 0) : place + 4])} instead of {list(expected[max(place - 2, 0) : place + 4])}"

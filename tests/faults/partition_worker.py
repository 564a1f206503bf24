"""A worker of stats that only writes down what it applies, as a process of its own: what it does not keep in order can be seen there."""

from __future__ import annotations

import os
import sys

from sqlalchemy import Column, MetaData, String, Table

from shared.messaging.event import Event
from shared.persistence.sql import BigId
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.process import run
from shared.runtime.workers.service import ServiceLoops
from shared.runtime.workers.worker_spec import WorkerSpec

metadata = MetaData()
applied = Table(
    "applied",  # one row for each time that the handler ran, in their order
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("key", String(100), nullable=False),
    Column("event_id", String(100), nullable=False),
    Column("worker", String(100), nullable=False),
)
FAILING = "D-failing"
"""Events of this dossier are never applied."""


def write_down(event: Event, work: UnitOfWork) -> None:
    """Writes that an event was applied.

    Raises:
        LookupError: it is of the failing dossier.
    """
    if event.key == FAILING:
        raise LookupError("this dossier always fails")
    work.execute(applied.insert().values(key=event.key, event_id=event.id, worker=os.environ["MOTCUA_INSTANCE"]))


def main() -> None:
    """Runs the worker until it is told to stop."""
    settings = read_settings()
    spec = WorkerSpec({"dossier.received": write_down})
    loops = ServiceLoops(open_context("stats", settings), spec, frozenset({"relay", "consume", "sweep"}))
    sys.exit(run([loops], 0, settings.host))


if __name__ == "__main__":
    main()

"""A worker that gets the lease from another one does its rare work soon, and not only after the work's own interval."""

from __future__ import annotations

from pathlib import Path

from services.registry import find_service
from services.routing.worker import WORKER
from shared.messaging.lease import Lease, open_locks
from shared.persistence.migrations import migrate
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.service import ServiceLoops
from tests.support.processes import wait_until


def test_an_hourly_sweep_does_not_wait_an_hour_for_the_lease(tmp_path: Path) -> None:
    context = open_context(
        "routing",
        read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path / "var"), "MOTCUA_LEASE_SECONDS": "0.6"}),
    )
    migrate(context.store.engine, find_service("routing").migrations().location)
    other = Lease(open_locks(context.store.engine, "the worker before", 60.0), "maintenance")
    assert other.hold()
    loops = {loop.name: loop for loop in ServiceLoops(context, WORKER, frozenset({"sweep"})).loops()}
    lease, calendar = loops["routing/lease"], loops["routing/calendar"]
    steps: list[int] = []
    step = calendar.step

    def counted() -> int:
        steps.append(1)
        return step()

    calendar.step = counted
    calendar.start()
    lease.start()
    wait_until(lambda: steps, what="the first step, without the lease")
    assert calendar.idle == 3600.0
    other.release()
    wait_until(lambda: len(steps) == 2, what="the step after the take-over")
    for loop in (calendar, lease):
        loop.stop()
        loop.join(10)
    context.store.close()

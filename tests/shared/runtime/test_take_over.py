"""A worker that gets the lease from another one does its rare work soon, and not only after the work's own interval."""

from __future__ import annotations

from pathlib import Path

from services.registry import find_service
from services.routing.worker import WORKER
from shared.messaging.lease import Lease
from shared.persistence.migrations import migrate
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.service import TAKE_OVER_SECONDS, ServiceLoops


def pause_of(loop: Loop) -> float:
    return loop.idle() if callable(loop.idle) else loop.idle


def test_an_hourly_sweep_does_not_wait_an_hour_for_the_lease(tmp_path: Path) -> None:
    context = open_context("routing", read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path / "var")}))
    migrate(context.store.engine, find_service("routing").migrations().location)
    other = Lease(context.store, "maintenance", "the worker before", context.settings.lease_seconds)
    assert other.hold()
    loops = ServiceLoops(context, WORKER, frozenset({"sweep"}))
    [calendar] = [loop for loop in loops.loops() if loop.name == "routing/calendar"]
    assert calendar.step() == 0
    assert pause_of(calendar) <= TAKE_OVER_SECONDS
    other.release()
    assert calendar.step() == 0
    assert pause_of(calendar) == 3600.0
    calendar.close()
    context.store.close()

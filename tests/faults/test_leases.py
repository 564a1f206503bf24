"""A process that hangs past its lease loses it to another one, and does no harm when it resumes and believes it still has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from shared.messaging.tables import leases
from tests.faults.courier_fixture import file, finish
from tests.faults.load_and_kill import assert_balanced
from tests.support.backends import Backends, fresh_backends
from tests.support.platform import Running
from tests.support.processes import wait_until

TWO_RELAYS = {
    "web": ("web", "all"),
    "relay-a": ("relay", "all"),
    "relay-b": ("relay", "all"),
    "worker": ("worker", "all", "--no-relay"),
}
TWO_WORKERS = {"web": ("web", "all"), "worker-a": ("worker", "all"), "worker-b": ("worker", "all")}


def holder(platform: Running, service: str, name: str) -> str:
    """The process that holds a lease."""
    with platform.stores[service].read() as connection:
        return str(connection.execute(select(leases.c.holder).where(leases.c.name == name)).scalar_one_or_none() or "")


def other(platform: Running, kind: str, name: str) -> str:
    """The other of two processes."""
    return next(one for one in platform.layout if one.startswith(kind) and one != name)


@pytest.mark.timeout(240)
def test_a_hanging_relay_is_replaced_and_resumes_harmlessly(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, TWO_RELAYS) as platform:
        wait_until(lambda: holder(platform, "intake", "relay"), what="a relay that holds the lease")
        hanging = holder(platform, "intake", "relay")
        platform.pause(hanging)
        dossiers = file(platform, 3)
        successor = other(platform, "relay", hanging)
        wait_until(lambda: holder(platform, "intake", "relay") == successor, what="the other relay to take over")
        wait_until(
            lambda: holder(platform, "routing", "relay") == successor,
            what="the other relay to take over in routing too",
        )
        platform.proc(hanging).resume()
        dossiers += file(platform, 3, begin=3)
        assert_balanced(platform, finish(platform, dossiers))
        assert not platform.deaths


@pytest.mark.timeout(240)
def test_a_hanging_worker_is_replaced_and_resumes_harmlessly(tmp_path: Path) -> None:
    with fresh_backends(tmp_path) as files, Running(tmp_path, files, TWO_WORKERS) as platform:
        wait_until(lambda: holder(platform, "notify", "maintenance"), what="a worker that sweeps")
        hanging = holder(platform, "notify", "maintenance")
        platform.pause(hanging)
        dossiers = file(platform, 3)
        successor = other(platform, "worker", hanging)
        wait_until(lambda: holder(platform, "notify", "maintenance") == successor, what="the other worker to take over")
        early = finish(platform, dossiers)
        platform.proc(hanging).resume()
        assert_balanced(platform, early + finish(platform, file(platform, 3, begin=3)))

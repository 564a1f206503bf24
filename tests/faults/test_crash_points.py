"""Processes kill themselves at each named point between a commit and its effects; afterwards every effect is there exactly once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults.courier_fixture import file, finish
from tests.faults.crash_points import CONSUMING, RECONCILING, RELAYING
from tests.faults.delivery_audit import pending_work
from tests.faults.load_and_kill import assert_balanced
from tests.support.backends import Backends
from tests.support.platform import COMPACT, Running
from tests.support.processes import run_forked, wait_until
from tests.support.sabotage import Sabotage

DOSSIERS = 3


def crash_at(platform: Running, service: str, point: str) -> None:
    """Runs a process that must kill itself at a crash point."""
    environ = {**platform.environ, "MOTCUA_INSTANCE": "worker"}
    done = run_forked(["tests.faults.crash_points", service, point], environ, timeout=90)
    assert done.returncode == -signal.SIGKILL, f"{service} at {point}: {done.returncode}\n{done.stderr}"


@pytest.mark.timeout(300)
def test_a_crash_at_any_point_loses_and_repeats_nothing(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, COMPACT) as platform:
        platform.hold_down("worker")
        dossiers = file(platform, DOSSIERS)
        platform.kill("web")  # committed and answered, not yet relayed
        for point in RELAYING:
            crash_at(platform, "intake", point)
            dossiers += file(platform, 1, begin=len(dossiers))  # so that each relay has an event to publish
        crash_at(platform, "intake", "confirmed")
        for service in ("notify", "stats"):
            for point in CONSUMING[:2]:
                crash_at(platform, service, point)
        crash_at(platform, "notify", "acknowledged")
        platform.let_up("worker")
        stories = finish(platform, dossiers)
        assert_balanced(platform, stories)


@pytest.mark.timeout(300)
def test_a_crash_at_any_point_of_the_reconciliation_loses_and_repeats_nothing(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, COMPACT) as platform:
        wait_until(platform.all_at_work, what="all at work")
        wait_until(
            lambda: not any(pending_work(platform.stores, platform.settings).values()), what="all procedures known"
        )
        platform.hold_down("worker")
        Sabotage(either.bus_url).delete_binding("routing", "dossier.received.v1")
        dossiers = file(platform, DOSSIERS)
        crash_at(platform, "intake", "confirmed")  # published, and lost for routing
        for point in RECONCILING:
            crash_at(platform, "intake", point)
        crash_at(platform, "intake", "confirmed")  # the summaries
        crash_at(platform, "routing", "summary-checked")
        crash_at(platform, "routing", "confirmed")  # the answer
        crash_at(platform, "intake", "answer-recorded")
        platform.let_up("worker")
        assert_balanced(platform, finish(platform, dossiers))

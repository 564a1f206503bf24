"""The simulation on the real clock, on a platform of processes with the embedded bus: every dossier ends, or waits in its posting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.catalogue import load_builtin
from shared.client.people import own_tokens
from shared.client.simulation import Plan, Simulation
from shared.runtime.reference_data import load_reference
from tests.support.backends import fresh_backends
from tests.support.platform import Running, motcua
from tests.support.prepared import PreparedFiles

POSTED = "1.012786"


@pytest.fixture
def running(prepared_files: PreparedFiles, tmp_path: Path) -> Iterator[Running]:
    with fresh_backends(tmp_path, prepared_files) as base, Running(tmp_path, base) as platform:
        yield platform


def test_on_the_real_clock_all_dossiers_end_or_are_named_as_waiting(running: Running) -> None:
    whole = motcua(running.environ, "simulate", "--dossiers", "12")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert POSTED in next(line for line in whole.stdout.splitlines() if line.startswith("left out"))
    posted = simulation_of(running, POSTED)
    posted.run(people=2, stop=threading.Event())
    assert (posted.faults, posted.done["filed"], posted.done["returned"]) == ([], 2, 0)
    assert len(posted.waiting) == 2
    assert min(posted.waiting.values()) > posted.clock.now() + timedelta(days=1)


def simulation_of(running: Running, procedure: str) -> Simulation:
    """A simulation of nothing but one procedure."""
    settings = running.settings
    procedures = [found for found in load_builtin() if found.code == procedure]
    reference = load_reference(settings.agencies_dir)
    return Simulation(running.address, own_tokens(settings), settings.clock, reference, procedures, Plan(2))

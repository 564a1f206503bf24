"""Random kills of processes under load; afterwards every effect is there exactly once, in all five databases."""

from __future__ import annotations

import random
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.load_and_kill import Fault, LoadGenerator, Plan, assert_balanced, execute_plan, kill, kill_all_or_one
from tests.support.backends import Backends, fresh_backends
from tests.support.platform import APART, Layout, Running
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

KILLS = 18
"""Enough for every kind to come several times; `make chaos` goes on for longer."""
PEOPLE = 5
KILL_FAULTS: Mapping[str, Fault] = {
    "web": kill_all_or_one("web"),
    "relay": kill("relay"),
    "worker": kill("worker"),
}


def run_with_faults(directory: Path, base: Backends, plan: Plan, layout: Layout = APART) -> None:
    """Runs a platform under load through a plan of faults, and audits the effects."""
    with Running(directory, base, layout) as platform:
        load = LoadGenerator(platform, PEOPLE, plan.seed)
        load.start()
        done = execute_plan(plan, platform, lambda: not load.errors)
        load.stop()
        audit = assert_balanced(platform, load.dossiers)
        audit.show()
        print(f"{len(load.dossiers)} dossiers; {dict(done)}; {len(platform.deaths)} processes restarted")
        assert [death for death in platform.deaths if death[1] != -signal.SIGKILL] == [], "a process ended by itself"
        assert done.total() >= plan.times
        assert set(plan.random_faults) <= set(done)
        assert len(load.dossiers) >= PEOPLE


@pytest.mark.timeout(300)
def test_kills_on_files_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with fresh_backends(tmp_path) as files:
        run_with_faults(tmp_path, files, Plan(11, KILL_FAULTS, KILLS, {}))


@pytest.mark.timeout(300)
def test_kills_on_servers_and_of_the_broker_lose_and_repeat_nothing(tmp_path: Path, postgres: PostgresServer) -> None:
    with RabbitServer() as rabbit, fresh_backends(tmp_path, postgres, rabbit) as servers:

        def kill_broker(_platform: Running, _chance: random.Random) -> None:
            rabbit.kill9()
            rabbit.start()

        run_with_faults(tmp_path, servers, Plan(12, KILL_FAULTS, KILLS, {KILLS // 2: ("broker", kill_broker)}))

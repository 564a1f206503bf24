"""Processes die at random while dossiers go through; afterwards every effect is there exactly once, in all five databases."""

from __future__ import annotations

import random
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.load_and_kill import Cruelty, Plan, Stream, balanced, carry_out, kill, kill_all_or_one
from tests.support.platform import APART, Backends, Layout, Running, fresh_backends
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

KILLS = 32
PEOPLE = 5
DEADLY: Mapping[str, Cruelty] = {
    "web": kill_all_or_one("web"),
    "relay": kill("relay"),
    "worker": kill("worker"),
}


def weather(directory: Path, base: Backends, plan: Plan, layout: Layout = APART) -> None:
    """Runs a platform through a plan with people at work, and closes the books."""
    with Running(directory, base, layout) as platform:
        stream = Stream(platform, PEOPLE, plan.seed)
        stream.start()
        done = carry_out(plan, platform, lambda: not stream.faults)
        stream.stop()
        books = balanced(platform, stream.stories)
        books.show()
        print(f"{len(stream.stories)} dossiers; {dict(done)}; {len(platform.deaths)} processes started again")
        assert [death for death in platform.deaths if death[1] != -signal.SIGKILL] == [], "a process ended by itself"
        assert done.total() >= plan.times
        assert len(stream.stories) >= PEOPLE


@pytest.mark.timeout(300)
def test_kills_on_files_lose_and_double_nothing(tmp_path: Path) -> None:
    with fresh_backends(tmp_path) as files:
        weather(tmp_path, files, Plan(11, DEADLY, KILLS, {}))


@pytest.mark.timeout(300)
def test_kills_on_servers_and_of_the_broker_lose_and_double_nothing(tmp_path: Path, postgres: PostgresServer) -> None:
    with RabbitServer() as rabbit, fresh_backends(tmp_path, postgres, rabbit) as servers:

        def kill_broker(_platform: Running, _chance: random.Random) -> None:
            rabbit.kill9()
            rabbit.start()

        weather(tmp_path, servers, Plan(12, DEADLY, KILLS, {KILLS // 2: ("broker", kill_broker)}))

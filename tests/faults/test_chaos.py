"""Hundreds of random kills, hangs past the lease, lost bindings and queues, server crashes and alarms. Run by `make chaos`."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.contracts import platform_topology
from tests.faults.load_and_kill import Fault, Plan, kill, kill_all_or_one, pause
from tests.faults.test_kills import run_with_faults
from tests.support.backends import fresh_backends
from tests.support.platform import LEASE_SECONDS, Layout, Running
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.sabotage import SERVICES, Sabotage

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("CHAOS_KILLS", "300"))
SEED = int(os.environ.get("CHAOS_SEED", "2025"))
DOUBLE: Layout = {
    "web": ("web", "all"),
    "relay-a": ("relay", "all"),
    "relay-b": ("relay", "all"),
    "worker-a": ("worker", "all", "--no-relay"),
    "worker-b": ("worker", "all", "--no-relay"),
}


def lose_binding(platform: Running, chance: random.Random) -> None:
    """Deletes a random binding of a random service."""
    subscription = chance.choice([one for one in platform_topology().subscriptions if one.topics])
    Sabotage(platform.backends.bus_url).delete_binding(subscription.service, chance.choice(subscription.topics))


def lose_queue(platform: Running, chance: random.Random) -> None:
    """Deletes the queue of a random service with its messages."""
    Sabotage(platform.backends.bus_url).delete_queue(chance.choice(SERVICES))


HANG_SECONDS = 3 * LEASE_SECONDS
ALARM_SECONDS = 4.0
PROCESS_FAULTS: Mapping[str, Fault] = {
    "web": kill_all_or_one("web"),
    **{name: kill(name) for name in DOUBLE if name != "web"},
    **{f"{name} hangs": pause(name, HANG_SECONDS) for name in ("relay-a", "worker-a", "worker-b")},
    "binding lost": lose_binding,
    "queue lost": lose_queue,
}


def test_chaos_on_files(tmp_path: Path) -> None:
    with fresh_backends(tmp_path) as files:
        run_with_faults(tmp_path, files, Plan(SEED, PROCESS_FAULTS, KILLS, {}), DOUBLE)


def test_chaos_on_servers(tmp_path: Path) -> None:
    with PostgresServer() as postgres, RabbitServer() as rabbit, fresh_backends(tmp_path, postgres, rabbit) as servers:

        def kill_broker(_platform: Running, chance: random.Random) -> None:
            rabbit.kill9()
            time.sleep(chance.uniform(0, 3))
            rabbit.start()

        def restart_broker(_platform: Running, _chance: random.Random) -> None:
            rabbit.stop()
            rabbit.start()

        def alarm(_platform: Running, _chance: random.Random) -> None:
            rabbit.set_memory_alarm(True)
            time.sleep(ALARM_SECONDS)
            rabbit.set_memory_alarm(False)

        def kill_postgres(_platform: Running, chance: random.Random) -> None:
            postgres.kill9()
            time.sleep(chance.uniform(0, 3))
            postgres.start()

        server_faults = {
            "broker killed": kill_broker,
            "PostgreSQL killed": kill_postgres,
            "broker restarted": restart_broker,
            "memory alarm": alarm,
        }
        often = max(KILLS // 12, 1)
        names = list(server_faults) * 3
        fixed = {often * number: (name, server_faults[name]) for number, name in enumerate(names[: KILLS // often], 1)}
        run_with_faults(tmp_path, servers, Plan(SEED + 1, PROCESS_FAULTS, KILLS, fixed), DOUBLE)

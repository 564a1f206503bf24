"""Somebody deletes a binding, a queue with its messages, the exchange or the bus file: every dossier reaches every service all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.messaging.transports import open_bus
from tests.faults.courier_fixture import file, finish
from tests.faults.load_and_kill import assert_balanced
from tests.support.backends import Backends
from tests.support.platform import APART, COMPACT, Running
from tests.support.processes import wait_until
from tests.support.sabotage import Sabotage


@pytest.mark.timeout(240)
def test_a_lost_binding_and_a_forgotten_consumer_need_no_restart(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, COMPACT) as platform:
        wait_until(platform.all_at_work, what="all at work")
        Sabotage(either.bus_url).delete_binding("routing", "dossier.received.v1")
        Sabotage(either.bus_url).make_queue_anew("intake")  # of which RabbitMQ does not tell its consumer
        dossiers = file(platform, 8)
        stories = finish(platform, dossiers)  # waits for routing's steps
        assert not platform.deaths
        assert_balanced(platform, stories)


@pytest.mark.timeout(240)
def test_a_queue_deleted_with_its_messages_loses_no_dossier(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, APART) as platform:
        wait_until(platform.all_at_work, what="all at work")
        platform.hold_down("worker")
        dossiers = file(platform, 8)
        bus = open_bus(either.bus_url, "test")
        wait_until(lambda: bus.depth("motcua.routing") >= 8, what="the dossiers in the queue")
        for service in ("routing", "stats"):
            Sabotage(either.bus_url).delete_queue(service)
        platform.let_up("worker")
        assert_balanced(platform, finish(platform, dossiers))


@pytest.mark.timeout(240)
def test_a_bus_deleted_under_the_running_processes_loses_no_dossier(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, APART) as platform:
        wait_until(platform.all_at_work, what="all at work")
        dossiers = file(platform, 4)
        Sabotage(either.bus_url).lose_everything()
        dossiers += file(platform, 4, begin=4)
        stories = finish(platform, dossiers)
        assert not platform.deaths
        assert_balanced(platform, stories)

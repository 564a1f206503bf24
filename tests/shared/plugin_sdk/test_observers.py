"""Observers at a real broker: what reaches them, what does not, and that it lasts."""

from __future__ import annotations

import json
from pathlib import Path

import pika
import pytest
from click.testing import CliRunner, Result

from services.registry import find_service
from shared.cli import cli
from shared.contracts import REGISTRY, platform_topology
from shared.contracts.observers import OBSERVED, observed_topics
from shared.messaging.transports import open_bus
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from shared.plugin_sdk.admin.grants import grant, observe, plugged_in, revoke
from shared.runtime.settings import read_settings
from tests.shared.messaging.rabbitmq_support import row
from tests.shared.plugin_sdk.agency_fixture import PASSWORD, REFUSED, Ground, connected, read_all, say
from tests.support.events import event
from tests.support.rabbitmq import RabbitServer

CODE = "H12.14"
QUEUE = f"agency.{CODE}"
PORTAL = "G22.01"


def told(ground: Ground) -> list[str]:
    """Publishes one event of every type that is not addressed, and returns which of them reach the observer."""
    names = [name for name, entry in REGISTRY.by_name.items() if not entry.addressed]
    publisher = ground.bus.publisher()
    publisher.publish([row(number, name, body=event(name).to_json().decode()) for number, name in enumerate(names)])
    publisher.close()
    with ground.as_agency(CODE) as channel:
        bodies = read_all(channel, QUEUE)
    return [json.loads(body)["type"].removeprefix("vn.motcua.").removesuffix(".v1") for body in bodies]


def test_an_observer_hears_the_closed_list_and_nothing_else_and_it_lasts(fresh: Ground) -> None:
    assert told(fresh) == []
    for _ in range(2):
        observe(fresh.management, CODE, observed_topics())
    assert sorted(told(fresh)) == sorted(OBSERVED)
    fresh.bus.declare(platform_topology())  # a relay or worker that starts again
    fresh.bus.declare(platform_topology(agencies=(CODE,)))
    grant(fresh.management, CODE, PASSWORD)  # a new password
    revoke(fresh.management, CODE)
    grant(fresh.management, CODE, PASSWORD)
    assert sorted(told(fresh)) == sorted(OBSERVED)
    assert [entry.code for entry in plugged_in(fresh.management) if entry.observes] == [CODE]


def test_what_is_addressed_to_it_still_comes_when_it_observes_no_more(fresh: Ground) -> None:
    observe(fresh.management, CODE, observed_topics())
    observe(fresh.management, CODE, ("fee.paid.v1",))
    assert told(fresh) == ["fee.paid"]
    observe(fresh.management, CODE, ())
    assert told(fresh) == []
    fresh.publish(CODE)
    with fresh.as_agency(CODE) as channel:
        assert read_all(channel, QUEUE) == [b"1"]
    assert not any(entry.observes for entry in plugged_in(fresh.management))


def test_observing_gives_no_right_at_the_broker(fresh: Ground) -> None:
    observe(fresh.management, CODE, observed_topics())
    with fresh.as_agency(CODE) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        channel.queue_bind(QUEUE, "motcua.events", "applicant.registered.v1")
    with fresh.as_agency(CODE) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        channel.basic_publish("motcua.events", "dossier.received.v1", b"x", pika.BasicProperties(), mandatory=True)
    with fresh.as_agency(CODE) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        say(channel, f"agency.{CODE}.dossier.received")


@pytest.mark.parametrize("topic", ["#", "dossier.*", "", "dossier.received.v1 "])
def test_patterns_are_refused(fresh: Ground, topic: str) -> None:
    with pytest.raises(ValueError, match="one by one"):
        observe(fresh.management, CODE, (topic,))


@pytest.fixture
def platform(rabbit: RabbitServer, rabbit_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of a platform on a broker; the URL of its virtual host."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.setenv("MOTCUA_BUS_URL", rabbit_url)
    monkeypatch.setenv("MOTCUA_RABBITMQ_MANAGEMENT_URL", rabbit.management_url)
    store = Store(read_settings().db_url("routing"), "routing")
    migrate(store.engine, find_service("routing").migrations().location)
    store.close()
    open_bus(rabbit_url, "platform").declare(platform_topology())
    return rabbit_url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["agency", *arguments])


def bound(url: str) -> bool:
    """Whether an event of the platform reaches the portal's queue."""
    bus = open_bus(url, "platform")
    publisher = bus.publisher()
    publisher.publish([row(1, "dossier.returned")])
    publisher.close()
    with connected(url) as connection:
        return bool(read_all(connection.channel(), f"agency.{PORTAL}"))


def test_the_command_makes_an_observer_and_takes_it_back(platform: str) -> None:
    result = run("grant", PORTAL, "--observer")
    assert result.exit_code == 0, result.output
    assert f"observes      {len(OBSERVED)}" in result.output
    assert bound(platform)
    assert run("grant", PORTAL).exit_code == 0
    assert bound(platform)  # unsaid, it stays
    assert "theo dõi · observes" in run("list").output
    assert run("grant", PORTAL, "--no-observer").exit_code == 0
    assert not bound(platform)
    assert "observes" not in run("list").output


def test_only_the_national_portal_may_observe(platform: str) -> None:
    result = run("grant", "H12.14.02", "--observer")
    assert result.exit_code == 1
    assert "only an agency with the role national_portal may observe" in result.output
    assert "chưa có cơ quan nào" in run("list").output

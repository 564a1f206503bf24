"""Observers at a real broker: what they receive, what they do not, and that the bindings persist."""

from __future__ import annotations

import json
import re
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
from shared.plugin_sdk.admin.grants import grant, list_access, revoke, set_observed_topics
from shared.runtime.settings import read_settings
from tests.shared.messaging.rabbitmq_support import row
from tests.shared.plugin_sdk.admin.agency_broker import (
    PASSWORD,
    REFUSED,
    AgencyBroker,
    connected,
    publish_message,
    read_all,
)
from tests.support.events import event
from tests.support.rabbitmq import RabbitServer

CODE = "H12.14"
QUEUE = f"agency.{CODE}"
PORTAL = "G22.01"


def observed_events(shared_broker: AgencyBroker) -> list[str]:
    """Publishes one event of every type that is not addressed, and returns which of them reach the observer."""
    names = [name for name, entry in REGISTRY.by_name.items() if not entry.addressed]
    publisher = shared_broker.bus.publisher()
    publisher.publish([row(number, name, body=event(name).to_json().decode()) for number, name in enumerate(names)])
    publisher.close()
    with shared_broker.as_agency(CODE) as channel:
        bodies = read_all(channel, QUEUE)
    return [json.loads(body)["type"].removeprefix("vn.motcua.").removesuffix(".v1") for body in bodies]


def test_observer_receives_exactly_the_observed_events_and_bindings_persist(broker: AgencyBroker) -> None:
    assert observed_events(broker) == []
    for _ in range(2):
        set_observed_topics(broker.management, CODE, observed_topics())
    assert sorted(observed_events(broker)) == sorted(OBSERVED)
    broker.bus.declare(platform_topology())  # as a restarting relay or worker does
    broker.bus.declare(platform_topology(agencies=(CODE,)))
    grant(broker.management, CODE, PASSWORD)  # a new password
    revoke(broker.management, CODE)
    grant(broker.management, CODE, PASSWORD)
    assert sorted(observed_events(broker)) == sorted(OBSERVED)
    assert [entry.code for entry in list_access(broker.management) if entry.observes] == [CODE]


def test_addressed_events_still_arrive_when_observing_ends(broker: AgencyBroker) -> None:
    set_observed_topics(broker.management, CODE, observed_topics())
    set_observed_topics(broker.management, CODE, ("fee.paid.v1",))
    assert observed_events(broker) == ["fee.paid"]
    set_observed_topics(broker.management, CODE, ())
    assert observed_events(broker) == []
    broker.publish_step(CODE)
    with broker.as_agency(CODE) as channel:
        assert read_all(channel, QUEUE) == [b"1"]
    assert not any(entry.observes for entry in list_access(broker.management))


def test_observing_gives_no_rights_at_the_broker(broker: AgencyBroker) -> None:
    set_observed_topics(broker.management, CODE, observed_topics())
    with broker.as_agency(CODE) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        channel.queue_bind(QUEUE, "motcua.events", "applicant.registered.v1")
    with broker.as_agency(CODE) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        channel.basic_publish("motcua.events", "dossier.received.v1", b"x", pika.BasicProperties(), mandatory=True)
    with broker.as_agency(CODE) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        publish_message(channel, f"agency.{CODE}.dossier.received")


@pytest.mark.parametrize("topic", ["#", "dossier.*", "", "dossier.received.v1 "])
def test_topic_patterns_are_refused(broker: AgencyBroker, topic: str) -> None:
    with pytest.raises(ValueError, match="one by one"):
        set_observed_topics(broker.management, CODE, (topic,))


@pytest.fixture
def platform(rabbit: RabbitServer, rabbit_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sets a platform's settings for a broker; returns the AMQP URL of its virtual host."""
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


def test_command_turns_observing_on_and_off(platform: str) -> None:
    result = run("grant", PORTAL, "--observer")
    assert result.exit_code == 0, result.output
    assert re.search(rf"observes +{len(OBSERVED)} ", result.output)
    assert bound(platform)
    assert run("grant", PORTAL).exit_code == 0
    assert bound(platform)  # without the option it stays
    assert "theo dõi · observes" in run("list").output
    assert run("grant", PORTAL, "--no-observer").exit_code == 0
    assert not bound(platform)
    assert "observes" not in run("list").output


def test_only_the_national_portal_may_observe(platform: str) -> None:
    result = run("grant", "H12.14.02", "--observer")
    assert result.exit_code == 1
    assert "only an agency with the role national_portal may observe" in result.output
    assert "chưa có cơ quan nào" in run("list").output

"""Whatever the broker closes (the consumer, the channel, the connection, the queue), the service comes back and decides."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from shared.plugin_sdk import sdk
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.fixtures import assigned_step
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import AgencyService, Step, connection
from shared.plugin_sdk.sdk.version import PRODUCT, VERSION
from tests.shared.plugin_sdk.support import agency_service, decision_events, running
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

SECONDS = 30.0


@pytest.fixture
def service(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> AgencyService:
    """A service that completes every step."""
    monkeypatch.setattr(connection, "MAX_BACKOFF_SECONDS", 0.5)
    service = agency_service(harness)
    service.on("step.assigned")(lambda _step: sdk.completed("completed"))
    return service


def assert_decides(harness: Harness) -> None:
    """A new step is decided, once."""
    step = assigned_step(harness.agency)
    harness.send(step)
    assert set(decision_events(harness, step)) == {"step.completed"}


def connections(rabbit: RabbitServer, harness: Harness) -> list[dict[str, object]]:
    """The open connections of the agency, as its operators see them."""
    found: list[dict[str, object]] = rabbit.api("GET", f"connections/username/agency.{harness.agency}")
    return found


def test_connections_closed_by_an_operator(service: AgencyService, harness: Harness, rabbit: RabbitServer) -> None:
    with running(service):
        for lost in (2, 4):
            assert_decides(harness)
            wait_until(lambda: len(connections(rabbit, harness)) == 2, SECONDS)
            for each in connections(rabbit, harness):
                rabbit.api("DELETE", f"connections/{quote(str(each['name']))}")
            wait_until(lambda lost=lost: service.metrics.value("connections_lost_total") >= lost, SECONDS)  # type: ignore[misc]
        assert_decides(harness)
    assert harness.queued() == 0


def test_a_consumer_cancelled_by_the_broker(service: AgencyService, harness: Harness, rabbit: RabbitServer) -> None:
    url = harness.administrator_url
    management = Management(rabbit.management_url, vhost_of(url))
    password = harness.environment()["MOTCUA_AMQP_URL"].split(":")[2].partition("@")[0]
    with running(service):
        assert_decides(harness)
        management.call("DELETE", "queues", management.vhost, f"agency.{harness.agency}")
        wait_until(lambda: service.metrics.value("connections_lost_total") >= 2, SECONDS, what="a refused consumer")
        grants.grant(management, harness.agency, password)
        wait_until(lambda: service.metrics.value("connected") == 1, SECONDS)
        assert_decides(harness)


@pytest.fixture
def impatient(rabbit: RabbitServer) -> Iterator[None]:
    """The broker closes new channels that keep a message for a second, instead of half an hour."""
    names = ("consumer_timeout", "channel_tick_interval")
    before = [rabbit.ctl("eval", f"{{ok, V}} = application:get_env(rabbit, {name}), V.").strip() for name in names]
    for name, milliseconds in zip(names, (1000, 200), strict=True):
        rabbit.ctl("eval", f"application:set_env(rabbit, {name}, {milliseconds}).")
    yield
    for name, value in zip(names, before, strict=True):
        rabbit.ctl("eval", f"application:set_env(rabbit, {name}, {value}).")


@pytest.mark.usefixtures("impatient")
def test_a_channel_closed_by_the_broker(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    service = agency_service(harness)
    calls: list[str] = []

    @service.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        calls.append(step.task)
        if len(calls) == 1:  # until the broker has lost patience
            wait_until(lambda: service.metrics.value("connections_lost_total") >= 1, SECONDS)
        return sdk.completed("completed")

    with running(service), caplog.at_level(logging.WARNING, logger="motcua.agency"):
        assert_decides(harness)
        assert_decides(harness)
    assert "delivery acknowledgement on channel 1 timed out" in caplog.text
    assert len(calls) == 3
    assert harness.queued() == 0


def test_the_broker_sees_product_and_version(service: AgencyService, harness: Harness, rabbit: RabbitServer) -> None:
    with running(service):
        wait_until(lambda: len(connections(rabbit, harness)) == 2, SECONDS)
        listed = rabbit.ctl("list_connections", "user", "client_properties", "--formatter", "json")
    lines = [each for each in json.loads(listed) if each["user"] == f"agency.{harness.agency}"]
    properties = [{name: value for name, _type, value in each["client_properties"]} for each in lines]
    assert [(each["product"], each["version"]) for each in properties] == [(PRODUCT, VERSION)] * 2
    assert {each["connection_name"].split()[1] for each in properties} == {"receiver", "publisher"}

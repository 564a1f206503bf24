"""Metrics of agencies' own software: when its keys end, and what waits for it at the broker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pika
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.routing.agency_keys.commands import new_key, revoke_all, token_for
from services.routing.agency_keys.metrics import AGENCY_KEYS, AGENCY_QUEUES, KeyGauge, QueueGauges
from services.routing.worker import WORKER
from shared.messaging.entities import agency_dead_letter_queue
from shared.messaging.port import BusUnavailable
from shared.messaging.sender_identity import agency_name
from shared.messaging.transports import open_bus
from shared.observability.metrics import exposition
from shared.plugin_sdk.admin import grants
from shared.runtime.context import Context
from tests.routing.service_fixture import REGISTRY, TAX, RoutingFixture
from tests.shared.messaging.rabbitmq_support import row
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

DAY = 86_400.0


@pytest.fixture(autouse=True)
def nothing_of_other_tests() -> None:
    """Withdraws what a platform of another test in this process has shown."""
    AGENCY_KEYS.withdraw()
    AGENCY_QUEUES.withdraw()


def shown(name: str) -> dict[str, float]:
    """The values of a metric by agency."""
    text = exposition("routing")[0].decode()
    return {
        sample.labels["agency"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def seconds_left(gauge: KeyGauge, service: RoutingFixture) -> dict[str, float]:
    gauge.update(service.context)
    return shown("motcua_agency_key_seconds_left")


def test_the_time_until_an_agency_needs_another_key_is_shown(service: RoutingFixture) -> None:
    gauge = KeyGauge()
    assert seconds_left(gauge, service) == {}
    _, old = service.run(lambda work: new_key(work, REGISTRY, "x"))
    token_for(service.context, REGISTRY, old)
    service.advance(timedelta(days=360))
    service.run(lambda work: new_key(work, TAX, "x"))
    _, new = service.run(lambda work: new_key(work, REGISTRY, "x"))
    assert seconds_left(gauge, service) == {REGISTRY: 5 * DAY, TAX: 365 * DAY}, "the new one is not used yet"
    token_for(service.context, REGISTRY, new)
    assert seconds_left(gauge, service) == {REGISTRY: 365 * DAY, TAX: 365 * DAY}
    service.run(lambda work: revoke_all(work, REGISTRY, "x"))
    service.advance(timedelta(days=366))
    assert seconds_left(gauge, service) == {TAX: -DAY}, "an alert must not end because the key has"
    gauge.withdraw()
    assert shown("motcua_agency_key_seconds_left") == {}


def with_bus(service: RoutingFixture, url: str) -> Context:
    return replace(service.context, settings=replace(service.context.settings, bus_url=url))


def test_queues_and_dead_letters_of_agencies_with_access_are_shown(
    sqlite_service: RoutingFixture, rabbit: RabbitServer, rabbit_url: str
) -> None:
    context, bus, gauges = with_bus(sqlite_service, rabbit_url), open_bus(rabbit_url, "test"), QueueGauges()
    management = rabbit.management(vhost_of(rabbit_url))
    for code in (REGISTRY, TAX, "H12"):
        grants.grant(management, code, "a password for tests")
    sqlite_service.plug_in(REGISTRY)
    sqlite_service.plug_in(TAX)
    publisher = bus.publisher()
    topics = [agency_name(code) for code in (REGISTRY, REGISTRY, REGISTRY, "H12")]
    rows = [row(number, "agency.step.assigned", topic=topic) for number, topic in enumerate(topics, 1)]
    assert len(publisher.publish(rows).confirmed) == 4
    publisher.close()
    reject_one(rabbit_url)
    gauges.update(context)
    assert shown("motcua_agency_queue_messages") == {REGISTRY: 2, TAX: 0}
    assert shown("motcua_agency_dead_letters") == {REGISTRY: 1, TAX: 0}
    gauges.withdraw()
    assert shown("motcua_agency_queue_messages") == {}


def reject_one(url: str) -> None:
    """Rejects a message as an agency's program does, and waits until it is among the dead letters."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=1)
    method, *_ = next(channel.consume(agency_name(REGISTRY), inactivity_timeout=20))
    channel.basic_reject(method.delivery_tag, requeue=False)
    connection.close()
    bus, queues = open_bus(url, "test"), [agency_dead_letter_queue(REGISTRY).name, agency_name(REGISTRY)]
    wait_until(lambda: bus.depths(queues) == [1, 2], what="the rejected message among the dead letters")


def test_without_a_broker_nothing_is_shown_and_one_that_is_away_is_an_error(
    sqlite_service: RoutingFixture, tmp_path: Path
) -> None:
    gauges = QueueGauges()
    sqlite_service.plug_in(REGISTRY)
    gauges.update(with_bus(sqlite_service, f"embedded:{tmp_path / 'bus.db'}"))
    assert shown("motcua_agency_queue_messages") == {}
    with pytest.raises(BusUnavailable):
        gauges.update(with_bus(sqlite_service, "amqp://guest:guest@127.0.0.1:1/none"))


def test_the_worker_shows_them_warns_and_cleans_up() -> None:
    names = {sweep.name for sweep in WORKER.sweeps}
    assert {"ends of keys", "queues of agencies", "keys of agencies", "wrong keys of agencies"} <= names

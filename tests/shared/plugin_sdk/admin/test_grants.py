"""Grant, revoke and remove at a real broker, and which queue receives what."""

from __future__ import annotations

import pika
import pika.exceptions
import pytest

from shared.contracts import platform_topology
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.sender_identity import AGENCY_EVENTS, agency_name
from shared.messaging.transports import open_bus
from shared.plugin_sdk.admin.grants import AgencyAccess, QueueNotEmpty, grant, list_access, remove_queue, revoke
from shared.plugin_sdk.admin.replay import replay_dead_letters
from tests.shared.messaging.rabbitmq_support import row, take
from tests.shared.plugin_sdk.admin.agency_broker import (
    CODES,
    OWN_KEY,
    PASSWORD,
    REFUSED,
    AgencyBroker,
    connected,
    publish_message,
    read_all,
)
from tests.support.events import event
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of


def test_routing_receives_every_event_that_an_agency_may_publish(broker: AgencyBroker) -> None:
    for code in CODES:
        with broker.as_agency(code) as channel:
            for name in AGENCY_EVENTS:
                publish_message(channel, f"{agency_name(code)}.{name}", name.encode(), user=agency_name(code))
    received = broker.routing_messages()
    assert sorted(received) == sorted((code, name.encode()) for code in CODES for name in AGENCY_EVENTS)


def test_addressed_events_reach_only_their_agency(broker: AgencyBroker) -> None:
    for number, code in enumerate(CODES):
        assert broker.publish_step(code, number).confirmed == [number]
    for number, code in enumerate(CODES):
        with broker.as_agency(code) as channel:
            assert read_all(channel, agency_name(code)) == [str(number).encode()]


def test_granting_again_replaces_the_password_and_removes_excess_rights(broker: AgencyBroker) -> None:
    too_much = {"configure": ".*", "write": ".*", "read": ".*"}
    for vhost in (broker.management.vhost, "/"):
        broker.management.call("PUT", "permissions", vhost, "agency.H12.14", body=too_much)
    every_key = {"exchange": "motcua.agencies", "write": ".*", "read": ".*"}
    broker.management.call("PUT", "topic-permissions", broker.management.vhost, "agency.H12.14", body=every_key)
    broker.publish_step("H12.14")
    grant(broker.management, "H12.14", "another secret")
    with (
        pytest.raises(pika.exceptions.ProbableAuthenticationError),
        connected(broker.agency_url("H12.14")),
    ):
        pass
    changed = broker.agency_url("H12.14", "another secret")
    with connected(changed) as connection, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        connection.channel().queue_declare("mine")
    with connected(changed) as connection:
        assert read_all(connection.channel(), "agency.H12.14") == [b"1"]
        channel = connection.channel()
        channel.confirm_delivery()
        with pytest.raises(REFUSED, match="ACCESS_REFUSED"):
            publish_message(channel, "agency.H12.step.completed")
    assert [entry["vhost"] for entry in broker.management.call("GET", "users", "agency.H12.14", "permissions")] == [
        broker.management.vhost
    ]


def test_first_grant_works_before_the_platform_and_its_declarations_match(
    rabbit: RabbitServer, rabbit_url: str
) -> None:
    grant(rabbit.management(vhost_of(rabbit_url)), "H12", PASSWORD)
    open_bus(rabbit_url, "platform").declare(platform_topology(agencies=("H12",)))


def test_revoking_closes_connections_and_disables_the_password(broker: AgencyBroker) -> None:
    with broker.as_agency("H12.14") as channel, broker.as_agency("H12") as neighbour:
        assert revoke(broker.management, "H12.14") is True
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            publish_message(channel, OWN_KEY)
        publish_message(neighbour, "agency.H12.step.completed", b"still here")
    with (
        pytest.raises(pika.exceptions.ProbableAuthenticationError),
        connected(broker.agency_url("H12.14")),
    ):
        pass
    assert broker.routing_messages() == [("H12", b"still here")]
    assert revoke(broker.management, "H12.14") is False


def test_unacknowledged_and_later_messages_wait_for_the_next_grant(broker: AgencyBroker) -> None:
    broker.publish_step("H12.14", 1)
    with broker.as_agency("H12.14") as channel:
        assert next(channel.consume("agency.H12.14"))[2] == b"1"  # delivered, not acknowledged
        revoke(broker.management, "H12.14")
    assert broker.publish_step("H12.14", 2).confirmed == [2]
    grant(broker.management, "H12.14", PASSWORD)
    with broker.as_agency("H12.14") as channel:
        assert read_all(channel, "agency.H12.14") == [b"1", b"2"]


def test_queue_with_messages_is_removed_only_by_force(broker: AgencyBroker) -> None:
    broker.publish_step("H12.14")
    revoke(broker.management, "H12.14")
    wait_until(lambda: broker.bus.depth("agency.H12.14") == 1)
    with pytest.raises(QueueNotEmpty, match=r"agency\.H12\.14: 1"):
        remove_queue(broker.management, broker.bus.depth, "H12.14")
    assert broker.bus.depth("agency.H12.14") == 1
    assert remove_queue(broker.management, broker.bus.depth, "H12.14", force=True) == 1
    assert remove_queue(broker.management, broker.bus.depth, "H12.14") == 0
    assert broker.publish_step("H12.14").unroutable == [1]
    assert [entry.code for entry in list_access(broker.management)] == ["H12", "H12.14.02"]


def test_list_shows_access_and_connections(broker: AgencyBroker) -> None:
    revoke(broker.management, "H12")
    with broker.as_agency("H12.14"):
        assert list_access(broker.management) == [
            AgencyAccess("H12", granted=False, connections=0),
            AgencyAccess("H12.14", granted=True, connections=1),
            AgencyAccess("H12.14.02", granted=True, connections=0),
        ]


def test_dead_letters_are_kept_per_agency_and_replayed(broker: AgencyBroker) -> None:
    for number in (1, 2):
        broker.publish_step("H12.14", number)
    with broker.as_agency("H12.14") as channel:
        for method, _, _ in channel.consume("agency.H12.14", inactivity_timeout=0.5):
            if method is None:
                break
            channel.basic_reject(method.delivery_tag, requeue=False)
    wait_until(lambda: broker.bus.depth("motcua.agency.H12.14.dead") == 2, what="two dead letters")
    broker.publish_step("H12", 3)
    assert broker.bus.depth("motcua.agency.H12.dead") == 0


def test_replayed_dead_letters_keep_their_order(broker: AgencyBroker) -> None:
    publisher = broker.bus.publisher()
    bodies = [event("agency.step.assigned", number, agency="H12").to_json().decode() for number in range(3)]
    publisher.publish(
        [row(number, "agency.step.assigned", body=body, topic="agency.H12") for number, body in enumerate(bodies)]
    )
    publisher.close()
    with broker.as_agency("H12") as channel:
        for method, _, _ in channel.consume("agency.H12", inactivity_timeout=0.5):
            if method is None:
                break
            channel.basic_reject(method.delivery_tag, requeue=False)
    wait_until(lambda: broker.bus.depth("motcua.agency.H12.dead") == 3, what="three dead letters")
    assert replay_dead_letters(parse_endpoint(broker.url), "H12") == 3
    assert replay_dead_letters(parse_endpoint(broker.url), "H12") == 0
    with broker.as_agency("H12") as channel:
        assert read_all(channel, "agency.H12") == [body.encode() for body in bodies]


def test_dead_letter_from_an_agency_names_its_user(broker: AgencyBroker) -> None:
    with broker.as_agency("H12.14") as channel:
        publish_message(channel, OWN_KEY, b"1", user="agency.H12.14")
    with connected(broker.url) as connection:
        channel = connection.channel()
        for method, _, _ in channel.consume("motcua.routing", inactivity_timeout=1):
            if method is None:
                break
            channel.basic_reject(method.delivery_tag, requeue=False)
    dead = broker.bus.dead_letters("routing", broker.topology)
    assert [(delivery.sender, delivery.body) for delivery in take(dead, 1)] == [("H12.14", b"1")]
    dead.close()


@pytest.mark.parametrize(("code", "password"), [("H12.#", PASSWORD), ("", PASSWORD), ("H12", "")])
def test_invalid_grants_are_refused_before_any_change(shared_broker: AgencyBroker, code: str, password: str) -> None:
    with pytest.raises(ValueError, match="agency"):
        grant(shared_broker.management, code, password)

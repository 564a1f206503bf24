"""Granting, revoking and removing at a real broker, and what reaches whom."""

from __future__ import annotations

import pika
import pika.exceptions
import pytest

from shared.contracts import platform_topology
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.sender_identity import AGENCY_EVENTS, agency_name
from shared.messaging.transports import open_bus
from shared.plugin_sdk.admin.grants import PluggedIn, QueueNotEmpty, grant, plugged_in, remove_queue, revoke
from shared.plugin_sdk.admin.replay import replay_dead
from tests.shared.messaging.rabbitmq_support import row, take
from tests.shared.plugin_sdk.agency_fixture import CODES, OWN_KEY, PASSWORD, REFUSED, Ground, connected, read_all, say
from tests.support.events import event
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of


def test_an_agency_says_all_it_may_in_its_own_name_and_routing_hears_it(fresh: Ground) -> None:
    for code in CODES:
        with fresh.as_agency(code) as channel:
            for name in AGENCY_EVENTS:
                say(channel, f"{agency_name(code)}.{name}", name.encode(), user=agency_name(code))
    heard = fresh.routing_hears()
    assert sorted(heard) == sorted((code, name.encode()) for code in CODES for name in AGENCY_EVENTS)


def test_what_is_addressed_to_an_agency_arrives_at_it_and_only_it(fresh: Ground) -> None:
    for number, code in enumerate(CODES):
        assert fresh.publish(code, number).confirmed == [number]
    for number, code in enumerate(CODES):
        with fresh.as_agency(code) as channel:
            assert read_all(channel, agency_name(code)) == [str(number).encode()]


def test_granting_again_changes_the_password_and_takes_what_was_too_much(fresh: Ground) -> None:
    too_much = {"configure": ".*", "write": ".*", "read": ".*"}
    for vhost in (fresh.management.vhost, "/"):
        fresh.management.call("PUT", "permissions", vhost, "agency.H12.14", body=too_much)
    every_key = {"exchange": "motcua.agencies", "write": ".*", "read": ".*"}
    fresh.management.call("PUT", "topic-permissions", fresh.management.vhost, "agency.H12.14", body=every_key)
    fresh.publish("H12.14")
    grant(fresh.management, "H12.14", "another secret")
    with pytest.raises(pika.exceptions.ProbableAuthenticationError), connected(fresh.agency_url("H12.14")):
        pass
    changed = fresh.agency_url("H12.14", "another secret")
    with connected(changed) as connection, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        connection.channel().queue_declare("mine")
    with connected(changed) as connection:
        assert read_all(connection.channel(), "agency.H12.14") == [b"1"]
        channel = connection.channel()
        channel.confirm_delivery()
        with pytest.raises(REFUSED, match="ACCESS_REFUSED"):
            say(channel, "agency.H12.step.completed")
    assert [entry["vhost"] for entry in fresh.management.call("GET", "users", "agency.H12.14", "permissions")] == [
        fresh.management.vhost
    ]


def test_a_first_grant_needs_no_platform_and_the_platform_finds_all_as_it_would_have_made_it(
    rabbit: RabbitServer, rabbit_url: str
) -> None:
    grant(rabbit.management(vhost_of(rabbit_url)), "H12", PASSWORD)
    open_bus(rabbit_url, "platform").declare(platform_topology(agencies=("H12",)))


def test_revoking_ends_open_connections_at_once_and_the_password(fresh: Ground) -> None:
    with fresh.as_agency("H12.14") as channel, fresh.as_agency("H12") as neighbour:
        assert revoke(fresh.management, "H12.14") is True
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            say(channel, OWN_KEY)
        say(neighbour, "agency.H12.step.completed", b"still here")
    with pytest.raises(pika.exceptions.ProbableAuthenticationError), connected(fresh.agency_url("H12.14")):
        pass
    assert fresh.routing_hears() == [("H12", b"still here")]
    assert revoke(fresh.management, "H12.14") is False


def test_what_was_in_hand_or_comes_later_waits_for_the_next_grant(fresh: Ground) -> None:
    fresh.publish("H12.14", 1)
    with fresh.as_agency("H12.14") as channel:
        assert next(channel.consume("agency.H12.14"))[2] == b"1"  # in hand, not acknowledged
        revoke(fresh.management, "H12.14")
    assert fresh.publish("H12.14", 2).confirmed == [2]
    grant(fresh.management, "H12.14", PASSWORD)
    with fresh.as_agency("H12.14") as channel:
        assert read_all(channel, "agency.H12.14") == [b"1", b"2"]


def test_a_queue_with_something_in_it_is_removed_only_by_force(fresh: Ground) -> None:
    fresh.publish("H12.14")
    revoke(fresh.management, "H12.14")
    wait_until(lambda: fresh.bus.depth("agency.H12.14") == 1)
    with pytest.raises(QueueNotEmpty, match=r"agency\.H12\.14: 1"):
        remove_queue(fresh.management, fresh.bus.depth, "H12.14")
    assert fresh.bus.depth("agency.H12.14") == 1
    assert remove_queue(fresh.management, fresh.bus.depth, "H12.14", force=True) == 1
    assert remove_queue(fresh.management, fresh.bus.depth, "H12.14") == 0
    assert fresh.publish("H12.14").unroutable == [1]
    assert [entry.code for entry in plugged_in(fresh.management)] == ["H12", "H12.14.02"]


def test_the_list_shows_rights_and_connections(fresh: Ground) -> None:
    revoke(fresh.management, "H12")
    with fresh.as_agency("H12.14"):
        assert plugged_in(fresh.management) == [
            PluggedIn("H12", granted=False, connections=0),
            PluggedIn("H12.14", granted=True, connections=1),
            PluggedIn("H12.14.02", granted=True, connections=0),
        ]


def test_dead_letters_of_an_agency_are_kept_apart_and_given_again(fresh: Ground) -> None:
    for number in (1, 2):
        fresh.publish("H12.14", number)
    with fresh.as_agency("H12.14") as channel:
        for method, _, _ in channel.consume("agency.H12.14", inactivity_timeout=0.5):
            if method is None:
                break
            channel.basic_reject(method.delivery_tag, requeue=False)
    wait_until(lambda: fresh.bus.depth("motcua.agency.H12.14.dead") == 2, what="two dead letters")
    fresh.publish("H12", 3)
    assert fresh.bus.depth("motcua.agency.H12.dead") == 0


def test_replayed_dead_letters_come_again_in_order(fresh: Ground) -> None:
    publisher = fresh.bus.publisher()
    bodies = [event("agency.step.assigned", number, agency="H12").to_json().decode() for number in range(3)]
    publisher.publish(
        [row(number, "agency.step.assigned", body=body, topic="agency.H12") for number, body in enumerate(bodies)]
    )
    publisher.close()
    with fresh.as_agency("H12") as channel:
        for method, _, _ in channel.consume("agency.H12", inactivity_timeout=0.5):
            if method is None:
                break
            channel.basic_reject(method.delivery_tag, requeue=False)
    wait_until(lambda: fresh.bus.depth("motcua.agency.H12.dead") == 3, what="three dead letters")
    assert replay_dead(parse_endpoint(fresh.url), "H12") == 3
    assert replay_dead(parse_endpoint(fresh.url), "H12") == 0
    with fresh.as_agency("H12") as channel:
        assert read_all(channel, "agency.H12") == [body.encode() for body in bodies]


def test_a_dead_letter_of_an_agency_is_told_by_its_user(fresh: Ground) -> None:
    with fresh.as_agency("H12.14") as channel:
        say(channel, OWN_KEY, b"1", user="agency.H12.14")
    with connected(fresh.url) as connection:
        channel = connection.channel()
        for method, _, _ in channel.consume("motcua.routing", inactivity_timeout=1):
            if method is None:
                break
            channel.basic_reject(method.delivery_tag, requeue=False)
    dead = fresh.bus.dead_letters("routing", fresh.topology)
    assert [(delivery.sender, delivery.body) for delivery in take(dead, 1)] == [("H12.14", b"1")]
    dead.close()


@pytest.mark.parametrize(("code", "password"), [("H12.#", PASSWORD), ("", PASSWORD), ("H12", "")])
def test_impossible_grants_are_refused_before_anything_is_done(ground: Ground, code: str, password: str) -> None:
    with pytest.raises(ValueError, match="agency's"):
        grant(ground.management, code, password)

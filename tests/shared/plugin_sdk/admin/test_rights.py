"""What the broker refuses to a granted agency."""

from __future__ import annotations

from collections.abc import Callable

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.messaging.sender_identity import agency_name
from shared.plugin_sdk.admin.management import Management, ManagementError
from tests.shared.plugin_sdk.admin.agency_broker import (
    CODES,
    OWN_KEY,
    PASSWORD,
    REFUSED,
    AgencyBroker,
    connected,
    publish_message,
)
from tests.support.rabbitmq import RabbitServer

Act = Callable[[BlockingChannel], object]

FORBIDDEN_KEYS = [
    "agency.H12.step.completed",
    "agency.H12.14.02.step.completed",
    "agency.H12.14",
    "agency.H12.14.step",
    "agency.H12.14.step.assigned",
    "agency.H12.14.step.completed.v1",
    "agency.H12.14.step.completed\n",
    "agency.H12x14.step.completed",
    "xagency.H12.14.step.completed",
    "agency.H99.step.completed",
    "dossier.received.v1",
    "",
    "#",
]


@pytest.mark.parametrize("key", FORBIDDEN_KEYS)
def test_publishing_with_any_other_key_is_refused(shared_broker: AgencyBroker, key: str) -> None:
    with shared_broker.as_agency() as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        publish_message(channel, key)


@pytest.mark.parametrize(("code", "foreign"), [(one, other) for one in CODES for other in CODES if one != other])
def test_agency_cannot_publish_or_read_as_another_with_the_same_prefix(
    shared_broker: AgencyBroker, code: str, foreign: str
) -> None:
    with shared_broker.as_agency(code) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        publish_message(channel, f"{agency_name(foreign)}.step.completed")
    with shared_broker.as_agency(code) as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        channel.basic_consume(agency_name(foreign), lambda *_: None)


FORBIDDEN_ACTS: dict[str, Act] = {
    "publishing to the default exchange": lambda c: c.basic_publish("", "motcua.routing", b"x", mandatory=True),
    "publishing to the platform's events": lambda c: c.basic_publish("motcua.events", OWN_KEY, b"x", mandatory=True),
    "publishing a platform's event": lambda c: c.basic_publish("motcua.events", "fee.paid.v1", b"x", mandatory=True),
    "publishing to the dead letters": lambda c: c.basic_publish("motcua.dead", "routing", b"x", mandatory=True),
    "publishing to amq.topic": lambda c: c.basic_publish("amq.topic", OWN_KEY, b"x", mandatory=True),
    "consuming routing's queue": lambda c: c.basic_consume("motcua.routing", lambda *_: None),
    "getting from routing's queue": lambda c: c.basic_get("motcua.routing"),
    "consuming its own dead letters": lambda c: c.basic_consume("motcua.agency.H12.14.dead", lambda *_: None),
    "declaring a queue": lambda c: c.queue_declare("mine", durable=True),
    "declaring a queue with an empty name and a newline": lambda c: c.queue_declare("\n", durable=True),
    "declaring a queue that the broker names": lambda c: c.queue_declare("", exclusive=True),
    "declaring an exchange": lambda c: c.exchange_declare("mine", "topic"),
    "binding its queue to all events": lambda c: c.queue_bind("agency.H12.14", "motcua.events", "#"),
    "binding its queue to another's topic": lambda c: c.queue_bind("agency.H12.14", "motcua.events", "agency.H12"),
    "binding its queue to the agencies' exchange": lambda c: c.queue_bind("agency.H12.14", "motcua.agencies", "#"),
    "unbinding its queue": lambda c: c.queue_unbind("agency.H12.14", "motcua.events", "agency.H12.14"),
    "binding the agencies' exchange": lambda c: c.exchange_bind("motcua.agencies", "motcua.events", "#"),
    "deleting its queue": lambda c: c.queue_delete("agency.H12.14"),
    "deleting routing's queue": lambda c: c.queue_delete("motcua.routing"),
    "deleting the agencies' exchange": lambda c: c.exchange_delete("motcua.agencies"),
    "purging routing's queue": lambda c: c.queue_purge("motcua.routing"),
}


@pytest.mark.parametrize("act", FORBIDDEN_ACTS.values(), ids=FORBIDDEN_ACTS.keys())
def test_all_other_operations_are_refused(shared_broker: AgencyBroker, act: Act) -> None:
    with shared_broker.as_agency() as channel, pytest.raises(REFUSED, match="ACCESS_REFUSED"):
        act(channel)


@pytest.mark.parametrize("user", ["agency.H12", "agency.H12.14.02", "motcua-test", "guest"])
def test_user_id_of_another_user_is_refused(shared_broker: AgencyBroker, user: str) -> None:
    with shared_broker.as_agency() as channel, pytest.raises(REFUSED, match="PRECONDITION_FAILED"):
        publish_message(channel, OWN_KEY, user=user)


def test_the_management_api_and_other_virtual_hosts_are_closed_to_agencies(
    rabbit: RabbitServer, shared_broker: AgencyBroker
) -> None:
    own = Management(f"http://agency.H12.14:secret@127.0.0.1:{rabbit.management_port}")
    with pytest.raises(ManagementError, match="refuses the user"):
        own.call("GET", "queues")
    with (
        pytest.raises(pika.exceptions.AMQPConnectionError),
        connected(rabbit.url_for("agency.H12.14", PASSWORD, "/")),
    ):
        pass

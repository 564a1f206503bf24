"""Agencies that plug in: their names on the bus, the closed list of their events, and the check that an event is from its sender.

``agency.<code>`` names an agency everywhere on the bus: its queue, the topic of events addressed to it, its user at the broker, and the
prefix of the routing keys that it may publish under. The broker enforces the last two, so the routing key proves the sender.
"""

from __future__ import annotations

import re

from shared.messaging.errors import Permanent
from shared.messaging.event import AGENCY_PREFIX, Event, Undecodable, event_type

AGENCIES_EXCHANGE = "motcua.agencies"
AGENCY_BINDING_KEY = f"{AGENCY_PREFIX}#"
"""Binds a queue to the events of all agencies."""

AGENCY_EVENTS = ("step.accepted", "step.completed", "step.returned", "supplement.requested", "obligation.requested")
"""All events that an agency may send. Each name has two parts, so the code in a routing key is what precedes the last two."""

AGENCY_TYPES = frozenset(event_type(AGENCY_PREFIX + name) for name in AGENCY_EVENTS)
SOURCE_PREFIX = "/agency/"
UNKNOWN_SENDER = "?"
"""The sender of a message whose sender cannot be verified. No agency has this code."""

_CODE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
MAX_CODE = 100


class SpoofedSender(Permanent):
    """An event that claims another sender than its own; it is parked and never applied."""


def agency_name(code: str) -> str:
    """The agency's name on the bus: ``agency.<code>``.

    Args:
        code: such as ``H12.14.02``.

    Raises:
        ValueError: the code cannot be part of a routing key.
    """
    if len(code) > MAX_CODE or not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not an agency code: letters, digits, - and _, in parts separated by dots")
    return AGENCY_PREFIX + code


def agency_source(code: str) -> str:
    """The CloudEvents source of an agency's events."""
    return SOURCE_PREFIX + code


def sender_by_key(key: str) -> str:
    """The code of the agency that published under a routing key of `motcua.agencies`."""
    code = key.removeprefix(AGENCY_PREFIX).rsplit(".", 2)[0]
    return code if _CODE.fullmatch(code) and key.startswith(AGENCY_PREFIX) else UNKNOWN_SENDER


def sender_by_user(user: str) -> str:
    """The code of the agency that this broker user belongs to; "" for the platform's own users."""
    return user.removeprefix(AGENCY_PREFIX) if user.startswith(AGENCY_PREFIX) else ""


def sender_by_source(source: str) -> str:
    """The code of the agency in a verified source; "" for the platform's own services."""
    return source.removeprefix(SOURCE_PREFIX) if source.startswith(SOURCE_PREFIX) else ""


def read_event(body: bytes | str, sender: str) -> Event:
    """Reads an event and verifies that its sender may send it.

    Args:
        body: the CloudEvents JSON form.
        sender: the code of the agency that sent it, from the transport; "" for the platform's own services.

    Raises:
        SpoofedSender: an agency uses another's source, names another agency, or sends an event outside the closed list; or a service
            sends an event of an agency.
        Undecodable: it is not an event, or an agency sent data that cannot be encoded again.
    """
    event = Event.from_json(body)
    if sender:
        _check_agency(event, sender)
    elif event.source.startswith(SOURCE_PREFIX) or event.type in AGENCY_TYPES:
        raise SpoofedSender(f"a service of the platform sent {event.type!r} with the source {event.source!r}")
    return event


def _check_agency(event: Event, sender: str) -> None:
    if sender == UNKNOWN_SENDER:
        raise SpoofedSender("its sender cannot be verified")
    if event.source != agency_source(sender):
        raise SpoofedSender(f"agency {sender} used the source {event.source!r}")
    if event.type not in AGENCY_TYPES:
        raise SpoofedSender(f"agency {sender} sent {event.type!r}, which agencies must not send")
    if event.data.get("agency") != sender:
        raise SpoofedSender(f"agency {sender} named agency {event.data.get('agency')!r}")
    if event.data.get("dossier") != event.key:
        raise SpoofedSender(f"agency {sender} named dossier {event.data.get('dossier')!r} under the key {event.key!r}")
    try:
        event.to_json()
    except TypeError as error:  # orjson reads deeper nesting than it writes
        raise Undecodable(f"agency {sender} sent data that cannot be encoded: {error}") from error

"""Agencies that plug in, as the bus sees them: their names, the closed list of what they may say, and who really said it.

One word names an agency everywhere on the bus: ``agency.<code>`` is its queue, the topic of what is addressed to it, its user at the
broker, and the beginning of every routing key it may write. The broker enforces the last two, so the key names the sender.
"""

from __future__ import annotations

import re

from shared.messaging.errors import Permanent
from shared.messaging.event import AGENCY_PREFIX, Event, Undecodable, event_type

AGENCIES_EXCHANGE = "motcua.agencies"
AGENCY_BINDING_KEY = f"{AGENCY_PREFIX}#"
"""The binding key of the service that hears the agencies."""

AGENCY_EVENTS = ("step.accepted", "step.completed", "step.returned", "supplement.requested", "obligation.requested")
"""All that an agency may say; each name has two parts, so that the code in a routing key ends before the last two."""

AGENCY_TYPES = frozenset(event_type(AGENCY_PREFIX + name) for name in AGENCY_EVENTS)
SOURCE_PREFIX = "/agency/"
UNKNOWN_SENDER = "?"
"""A sender of whom only that much is known: nobody vouches for it. No agency has this code."""

_CODE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
MAX_CODE = 100


class SpoofedSender(Permanent):
    """An event that says it comes from somebody else than its sender; it is parked and never applied."""


def agency_name(code: str) -> str:
    """The agency's one name on the bus.

    Args:
        code: such as ``H12.14.02``.

    Raises:
        ValueError: the code cannot be part of a routing key.
    """
    if len(code) > MAX_CODE or not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no agency's code: letters, digits, - and _, in parts with a dot between them")
    return AGENCY_PREFIX + code


def agency_source(code: str) -> str:
    """The CloudEvents source of what an agency says."""
    return SOURCE_PREFIX + code


def sender_by_key(key: str) -> str:
    """The code of the agency that published under a routing key of `motcua.agencies`."""
    code = key.removeprefix(AGENCY_PREFIX).rsplit(".", 2)[0]
    return code if _CODE.fullmatch(code) and key.startswith(AGENCY_PREFIX) else UNKNOWN_SENDER


def sender_by_user(user: str) -> str:
    """The code of the agency whose user this is; "" for a user of the platform's own."""
    return user.removeprefix(AGENCY_PREFIX) if user.startswith(AGENCY_PREFIX) else ""


def sender_by_source(source: str) -> str:
    """The code of the agency in a source that has been checked; "" for the platform's own."""
    return source.removeprefix(SOURCE_PREFIX) if source.startswith(SOURCE_PREFIX) else ""


def read_event(body: bytes | str, sender: str) -> Event:
    """Reads an event and checks that it comes from whom it says.

    Args:
        body: the CloudEvents JSON form.
        sender: the code of the agency that the carrier had it from; "" for the platform's own services.

    Raises:
        Forged: an agency speaks in another's name, of another agency, or outside its closed list; or a service speaks for an agency.
        Undecodable: it is no event, or an agency sent what cannot be written down again.
    """
    event = Event.from_json(body)
    if sender:
        _check_agency(event, sender)
    elif event.source.startswith(SOURCE_PREFIX) or event.type in AGENCY_TYPES:
        raise SpoofedSender(f"one of the platform's own services says it, as {event.source!r}: {event.type!r}")
    return event


def _check_agency(event: Event, sender: str) -> None:
    if sender == UNKNOWN_SENDER:
        raise SpoofedSender("nobody vouches for its sender")
    if event.source != agency_source(sender):
        raise SpoofedSender(f"agency {sender} says it as {event.source!r}")
    if event.type not in AGENCY_TYPES:
        raise SpoofedSender(f"agency {sender} says {event.type!r}, which is not for agencies to say")
    if event.data.get("agency") != sender:
        raise SpoofedSender(f"agency {sender} says it for agency {event.data.get('agency')!r}")
    if event.data.get("dossier") != event.key:
        raise SpoofedSender(
            f"agency {sender} says it of dossier {event.data.get('dossier')!r} under the key {event.key!r}"
        )
    try:
        event.to_json()
    except TypeError as error:  # more can be read than written: data may be nested too deeply
        raise Undecodable(f"agency {sender} sent what cannot be kept: {error}") from error

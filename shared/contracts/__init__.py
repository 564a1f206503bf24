"""The contracts of all events: type, schema, example, publisher and subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.contracts import (
    agency,
    applications,
    appointments,
    citizen,
    complaints,
    fees,
    intake,
    officials,
    personal_data,
    post,
    rating,
    reports,
    routing,
    stores,
    surveys,
    tickets,
)
from shared.contracts.base import ContractViolation, EventType, Registry, json_fields
from shared.contracts.sealed_fields import SEALED, seal_fields, unseal_fields
from shared.messaging.event import Event
from shared.messaging.topology import Topology, topology
from shared.runtime.data_keys import DataKeys

REGISTRY = Registry(
    intake.EVENTS
    + tickets.EVENTS
    + fees.EVENTS
    + applications.EVENTS
    + appointments.EVENTS
    + personal_data.EVENTS
    + routing.EVENTS
    + citizen.EVENTS
    + officials.EVENTS
    + rating.EVENTS
    + surveys.EVENTS
    + complaints.EVENTS
    + post.EVENTS
    + agency.EVENTS
    + reports.EVENTS
    + stores.EVENTS
)

__all__ = [
    "REGISTRY",
    "SEALED",
    "ContractViolation",
    "EventType",
    "json_fields",
    "make_event",
    "platform_topology",
    "read_data",
    "seal_event",
    "unseal_event",
]


def make_event(name: str, data: Mapping[str, Any], source: str, time: datetime) -> Event:
    """Return a new event that matches its schema; see :meth:`Registry.make`."""
    return REGISTRY.make(name, data, source, time)


def read_data(event: Event) -> dict[str, Any]:
    """Return an event's data, checked, in Python's types; see :meth:`Registry.read`."""
    return REGISTRY.read(event)


def seal_event(event: Event, keys: DataKeys | None) -> Event:
    """Return the event as it may be stored and published: its personal fields, if it has any, are encrypted.

    Raises:
        LookupError: it has some, and there are no keys.
    """
    entry = REGISTRY.by_type[event.type]
    return seal_fields(event, entry.personal, keys) if entry.personal else event


def unseal_event(event: Event, keys: DataKeys | None) -> Event:
    """Return the event with its personal fields readable; others as they are.

    Raises:
        shared.runtime.data_keys.UnreadableData: they were sealed by another key.
        LookupError: there are no keys.
    """
    return unseal_fields(event, keys) if SEALED in event.data else event


def platform_topology(agencies: Iterable[str] = ()) -> Topology:
    """Return all queues and bindings. Every process declares all of them, so no event is published before its queues exist.

    Args:
        agencies: codes of agencies whose queues are declared too; a granted agency has its queue already.
    """
    return topology(REGISTRY.subscriptions(), agencies)

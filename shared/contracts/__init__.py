"""The published language: every event type, its schema, an example, who says it and who listens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.contracts import agency, citizen, intake, routing
from shared.contracts.base import ContractViolation, EventType, Registry
from shared.messaging.event import Event
from shared.messaging.topology import Topology, topology

REGISTRY = Registry(intake.EVENTS + routing.EVENTS + citizen.EVENTS + agency.EVENTS)

__all__ = ["REGISTRY", "ContractViolation", "EventType", "make_event", "platform_topology", "read_data"]


def make_event(name: str, data: Mapping[str, Any], source: str, time: datetime) -> Event:
    """A new event that keeps its contract; see :meth:`Registry.make`."""
    return REGISTRY.make(name, data, source, time)


def read_data(event: Event) -> dict[str, Any]:
    """An event's data, checked and in Python's types; see :meth:`Registry.read`."""
    return REGISTRY.read(event)


def platform_topology(partitions: int = 1, agencies: Iterable[str] = ()) -> Topology:
    """Who listens to what, for the carriers; every process declares all of it, so no event is published before its queues are.

    Args:
        partitions: queues for each service.
        agencies: codes of agencies whose queues are to be declared, too; those that were granted one have it already.
    """
    return topology(REGISTRY.subscriptions(), partitions, agencies)

"""Events for tests, made from the contracts' own examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.contracts import REGISTRY
from shared.messaging.event import Event
from shared.messaging.port import Delivery
from tests.support.stores import MONDAY


def event(name: str, sequence: int = 1, time: datetime = MONDAY, id: str | None = None, **data: Any) -> Event:
    """An event: the example of its contract with some fields changed.

    Args:
        name: such as ``dossier.received``.
        sequence: its number within its key.
        time: when it happened.
        id: its id; made from name, key and sequence by default, so that the same call makes the same event.
        **data: fields that differ from the example.
    """
    entry = REGISTRY.by_name[name]
    payload = entry.example | data
    key = payload[entry.key]
    made_id = id or f"{name}-{key}-{sequence}"
    return Event(made_id, f"/motcua/{entry.owner}", entry.type, time, key, sequence, payload)


def deliveries(*events: Event | bytes, attempts: int = 0) -> list[Delivery]:
    """Events as a transport delivers them."""
    bodies = [entry if isinstance(entry, bytes) else entry.to_json() for entry in events]
    return [Delivery(body, tag, attempts) for tag, body in enumerate(bodies, 1)]

"""The events that an observer may receive: a closed list of the platform's own events without personal data.

An observer is an agency with the role `ROLE`; its queue is bound to these events as well as to its own topic.
"""

from __future__ import annotations

from shared.contracts import REGISTRY
from shared.messaging.event import routing_key

ROLE = "national_portal"
"""The role of :mod:`shared.agencies.roles` that makes an observer."""

OBSERVED = (
    "dossier.received",
    "step.assigned",
    "step.completed",
    "supplement.requested",
    "dossier.supplemented",
    "dossier.withdrawn",
    "obligation.requested",
    "fee.paid",
    "dossier.extended",
    "dossier.resolved",
    "dossier.stopped",
    "dossier.returned",
)
"""Names of the events."""


def observed_topics() -> tuple[str, ...]:
    """Return the routing keys of the events.

    Raises:
        ValueError: an event is restricted or addressed to one agency, so it must not be observed.
    """
    entries = [REGISTRY.by_name[name] for name in OBSERVED]
    if closed := [entry.name for entry in entries if entry.restricted or entry.addressed]:
        raise ValueError(f"not for observers: {', '.join(closed)}")
    return tuple(routing_key(entry.type) for entry in entries)

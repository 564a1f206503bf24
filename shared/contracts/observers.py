"""What an observer may listen to: a closed list of the platform's own events, none of which carries personal data.

An observer is an agency that plays the role `ROLE`; its queue is bound to these events beside its own topic.
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
    """The routing keys of the events.

    Raises:
        ValueError: one of them is restricted or addressed to somebody, and must not be observed.
    """
    entries = [REGISTRY.by_name[name] for name in OBSERVED]
    if closed := [entry.name for entry in entries if entry.restricted or entry.addressed]:
        raise ValueError(f"not for observers: {', '.join(closed)}")
    return tuple(routing_key(entry.type) for entry in entries)

"""The events of routing: about steps, and about whole dossiers."""

from __future__ import annotations

from shared.contracts import routing_dossiers, routing_steps
from shared.contracts.routing_dossiers import STOP_CAUSES

EVENTS = routing_steps.EVENTS + routing_dossiers.EVENTS

__all__ = ["EVENTS", "STOP_CAUSES"]

"""The events of routing: about steps, whole dossiers, and apologies."""

from __future__ import annotations

from shared.contracts import routing_apologies, routing_dossiers, routing_steps
from shared.contracts.routing_dossiers import STOP_CAUSES

EVENTS = routing_steps.EVENTS + routing_dossiers.EVENTS + routing_apologies.EVENTS

__all__ = ["EVENTS", "STOP_CAUSES"]

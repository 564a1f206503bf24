"""The SDK for an agency that connects its own service to motcua.

    from motcua_agency import AgencyService, completed

    service = AgencyService.from_environment()

    @service.on("step.assigned")
    def decide(step):
        return completed(step.outcomes[0], note="…")

    service.run()

The package depends on pika only. `motcua agency new` copies it beside an agency's service as ``motcua_agency``.
"""

from __future__ import annotations

from .decisions import (
    Decision,
    RetryLater,
    accepted,
    completed,
    needs_supplement,
    obligation,
    retry_later,
    returned,
)
from .events import DossierEvent, Observation, Step, UnreadableMessage
from .papers import Paper, PapersRefused, PapersUnavailable
from .service import AgencyService, InvalidDecision
from .settings import Settings, SettingsError

__all__ = [
    "AgencyService",
    "Decision",
    "DossierEvent",
    "InvalidDecision",
    "Observation",
    "Paper",
    "PapersRefused",
    "PapersUnavailable",
    "RetryLater",
    "Settings",
    "SettingsError",
    "Step",
    "UnreadableMessage",
    "accepted",
    "completed",
    "needs_supplement",
    "obligation",
    "retry_later",
    "returned",
]

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
from .papers import DossierDetails, Paper, PapersNotYet, PapersRefused, PapersUnavailable, Person
from .service import AgencyService, InvalidDecision
from .settings import Settings, SettingsError
from .version import VERSION as __version__

__all__ = [
    "AgencyService",
    "Decision",
    "DossierDetails",
    "DossierEvent",
    "InvalidDecision",
    "Observation",
    "Paper",
    "PapersNotYet",
    "PapersRefused",
    "PapersUnavailable",
    "Person",
    "RetryLater",
    "Settings",
    "SettingsError",
    "Step",
    "UnreadableMessage",
    "__version__",
    "accepted",
    "completed",
    "needs_supplement",
    "obligation",
    "retry_later",
    "returned",
]

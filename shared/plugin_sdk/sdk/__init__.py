"""The kit for an agency that plugs its own service in.

    from motcua_agency import Agency, completed

    agency = Agency.from_environment()

    @agency.on("step.assigned")
    def decide(step):
        return completed(step.outcomes[0], note="…")

    agency.run()

The package needs pika and nothing else; `motcua agency new` copies it beside an agency's service as ``motcua_agency``.
"""

from __future__ import annotations

from .agency import Agency, InvalidDecision
from .decisions import Decision, Later, accepted, completed, later, needs_supplement, obligation, returned
from .events import Notice, Observation, Step, Unreadable
from .papers import Paper, PapersRefused, PapersUnavailable
from .settings import Settings, SettingsError

__all__ = [
    "Agency",
    "Decision",
    "InvalidDecision",
    "Later",
    "Notice",
    "Observation",
    "Paper",
    "PapersRefused",
    "PapersUnavailable",
    "Settings",
    "SettingsError",
    "Step",
    "Unreadable",
    "accepted",
    "completed",
    "later",
    "needs_supplement",
    "obligation",
    "returned",
]

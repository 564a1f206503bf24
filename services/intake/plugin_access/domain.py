"""A step grant: an agency's own software may read a dossier's papers only while one of its steps is the agency's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


class UnknownStep(LookupError):
    """No step has this identifier, and none will get known by it."""


class StepNotYetKnown(LookupError):
    """Nothing is known of the step yet: its event is under way, or intake is behind."""


class StepOver(ValueError):
    """The step is no longer the agency's: done, returned, waiting for a supplement, or its dossier is over."""


@dataclass(frozen=True, slots=True)
class StepGrant:
    """A row of `step_grant`.

    Attributes:
        task: the step's identifier.
        dossier: the code of its dossier.
        agency: to whom the step was assigned.
        granted_at: when; None if the end of the step became known first.
        revoked_at: when the step ended; None while it is open.
    """

    task: str
    dossier: str
    agency: str
    granted_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the step is the agency's now."""
        return self.granted_at is not None and self.revoked_at is None


def may_become_known(assigned_at: datetime | None, now: datetime, kept: timedelta) -> bool:
    """Whether the event that assigned a step may still arrive.

    Args:
        assigned_at: when the step's identifier was made (real time); None if it is none of the platform's.
        now: real time.
        kept: how long a service keeps the events that it has published; no older one is sent again.
    """
    return assigned_at is not None and assigned_at >= now - kept

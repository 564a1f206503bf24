"""Why a command is refused; the caller gets each of these errors."""

from __future__ import annotations

from datetime import datetime

from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.regulations import RuleViolation


class UnknownTask(LookupError):
    """No step has this id."""


class UnknownDossier(LookupError):
    """No dossier has this code."""


class NotOpen(Exception):
    """The step is not open; `task` says who completed it and when, if somebody did."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"step {task.id} is {task.state}")
        self.task = task


class NotInHand(Exception):
    """The dossier has its result, has ended, or waits for the citizen."""

    def __init__(self, dossier: Dossier) -> None:
        super().__init__(f"dossier {dossier.code} is {dossier.state}")
        self.dossier = dossier


class StillPosted(Exception):
    """The step is a public posting that is not over."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"the posting lasts until {until.isoformat()}")
        self.until = until


class ClaimedByAnother(Exception):
    """Another official has claimed the step."""

    def __init__(self, official: str) -> None:
        super().__init__(f"the step is {official}'s")
        self.official = official


class NotAllowed(RuleViolation):
    """A rule of routing itself, not of the law, forbids it."""

"""Keeps what officials did, as the events of intake and routing tell it. They may come in any order, and twice.

An official is the subject of their token, never a name. All acts of a batch are written at once before its commit.
"""

from __future__ import annotations

from services.stats.officials.domain import SERVED, STEP, STEP_RETURNED, Act, merged
from services.stats.officials.store import Key, write_acts
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def record_official_served(event: Event, work: UnitOfWork) -> None:
    """An official served a visitor; a call that nobody came to serves nobody."""
    data = event.data
    if data["act"] == SERVED:
        _keep(work, data["ticket"], Act(SERVED, data["official"], data["at"]))


def record_official_handled_dossier(event: Event, work: UnitOfWork) -> None:
    """An official received a dossier or handed over its result."""
    data = event.data
    _keep(work, data["dossier"], Act(data["act"], data["official"], data["at"]))


def record_official_completed_step(event: Event, work: UnitOfWork) -> None:
    """An official completed a step, in time or late."""
    data = event.data
    _keep(work, data["task"], Act(STEP, data["official"], data["completed_at"], data["timeliness"]))


def record_official_step_returned(event: Event, work: UnitOfWork) -> None:
    """An official's work was sent back."""
    data = event.data
    _keep(work, data["task"], Act(STEP_RETURNED, data["official"], data["returned_at"]))


class _Acts:
    """What one transaction is told of officials."""

    def __init__(self, work: UnitOfWork) -> None:
        self.given: dict[Key, Act] = {}
        work.before_commit(lambda: write_acts(work.connection, self.given))


def _keep(work: UnitOfWork, about: str, act: Act) -> None:
    given, key = work.attached(_Acts).given, (act.kind, about)
    given[key] = merged(given.get(key), act)

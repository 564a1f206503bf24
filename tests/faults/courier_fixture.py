"""Dossiers for the fault tests: filed now, completed later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.client.tracked_dossier import DossierDriver, TrackedDossier
from tests.faults.delivery_audit import CompletedDossier
from tests.faults.load_and_kill import COPY, DESK
from tests.support.platform import Running


def file(platform: Running, count: int, begin: int = 0) -> list[TrackedDossier]:
    """Files certified copies.

    Args:
        platform: the platform to file at.
        count: how many.
        begin: the first one's number, part of its idempotency key.
    """
    people = platform.people()
    try:
        journey = DossierDriver(people)
        return [journey.file(DESK, COPY, f"file-{number}") for number in range(begin, begin + count)]
    finally:
        people.close()


def finish(platform: Running, dossiers: Iterable[TrackedDossier]) -> list[CompletedDossier]:
    """Completes dossiers: all steps, the result handed over, the rating."""
    people = platform.people()
    stories = []
    try:
        journey = DossierDriver(people, timeout=120)
        for tracked in dossiers:
            way: dict[str, Any] = journey.work_through(tracked)
            journey.hand_back(tracked)
            stories.append(CompletedDossier(tracked.code, tuple(step["step"] for step in way["steps"])))
        for tracked in dossiers:
            journey.rate(tracked, 5)
    finally:
        people.close()
    return stories

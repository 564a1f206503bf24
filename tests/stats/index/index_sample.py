"""November 2025 of two communes and a department, with something in every part of an index."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.stats.handlers import HANDLERS
from shared.messaging.event import Event
from tests.support.events import event
from tests.support.prepared import migrated
from tests.support.service import ServiceUnderTest

COMMUNE, DESK, OTHER, DEPARTMENT, PROVINCE = "H12.31", "H12.31.01", "H12.32", "H12.14", "H12"
AFTER = timedelta(days=40)
"""From where the clock of tests stands to 13 December 2025."""
RECEIVED = "2025-11-03T09:00:00+07:00"


def dossier(
    code: str, agency: str, *, late: bool = False, day: int = 10, desk: str = DESK, **received: Any
) -> list[Event]:
    """The events of a dossier that an agency resolves in November."""
    resolved_at = f"2025-11-{day:02}T09:00:00+07:00"
    return [
        event("dossier.received", 1, dossier=code, receiving_agency=desk, **{"received_at": RECEIVED} | received),
        event(
            "dossier.resolved",
            2,
            dossier=code,
            agency=agency,
            resolved_at=resolved_at,
            on_time=not late,
            index_on_time=not late,
        ),
    ]


def november(stats: ServiceUnderTest) -> None:
    """Applies what happened in November; then it is December."""
    events: list[Event] = []
    for number in range(40):
        online: dict[str, Any] = {"channel": "online", "digitised": True} if number % 2 else {}
        events += dossier(f"A-{number:02}", COMMUNE, late=number < 4, **online)
        if number % 4 == 1:
            events.append(
                event("result.published", 3, dossier=f"A-{number:02}", published_at="2025-11-10T10:00:00+07:00")
            )
        if number % 8 == 1:
            paid: dict[str, Any] = {"payment": f"P-{number}", "online": True, "paid_at": "2025-11-03T10:00:00+07:00"}
            events.append(event("fee.paid", 4, dossier=f"A-{number:02}", **paid))
    for number in range(35):
        events += dossier(f"B-{number:02}", OTHER, late=number < 10)
    for number in range(5):
        events += dossier(f"C-{number:02}", DEPARTMENT)
    about: dict[str, Any] = {"agency": COMMUNE, "dossier": "A-20"}
    events += [
        event("complaint.lodged", 1, complaint="PA-1", lodged_at="2025-11-05T09:00:00+07:00", **about),
        event("complaint.answered", 2, complaint="PA-1", answered_at="2025-11-12T09:00:00+07:00", **about),
        event(
            "complaint.answered", 1, complaint="PA-2", on_time=False, answered_at="2025-11-20T09:00:00+07:00", **about
        ),
        event("rating.given", 1, dossier="A-21", score=1, agency=COMMUNE, given_at="2025-11-14T09:00:00+07:00"),
    ]
    stats.apply(*events)
    stats.hand.pass_(AFTER)


def with_november(url: str) -> None:
    """Makes the tables of stats with the sample, in the empty database of a URL."""
    migrated("stats")(url)
    with TemporaryDirectory() as directory:
        stats = ServiceUnderTest("stats", url, Path(directory), HANDLERS)
        november(stats)
        stats.store.close()

"""Dossiers of three agencies over some weeks, with ratings, complaints and visitors: what dashboards are tested with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared.messaging.event import Event
from shared.runtime.clock import VIETNAM
from tests.support.events import event
from tests.support.service import ServiceUnderTest

CENTRE, OTHER, LAND = "H12.31.01", "H12.32.01", "H12.31.02"
START = datetime(2025, 11, 3, 8, 0, tzinfo=VIETNAM)


def dossier(number: int, agency: str, field: str = "land", procedure: str = "1.012781", **told: str) -> Event:
    """A dossier that is received on the day of its number."""
    at = (START + timedelta(days=number % 25, hours=1)).isoformat()
    about: dict[str, Any] = {
        "receiving_agency": agency,
        "field": field,
        "procedure": procedure,
        "received_at": at,
    } | told
    return event("dossier.received", 1, dossier=f"{agency}-2511{number % 25 + 3:02}-{number:04}", **about)


def tell_story(stats: ServiceUnderTest, dossiers: int = 30) -> list[str]:
    """Applies it and returns the codes: each seventh dossier is late, and each fifth is still in hand."""
    events: list[Event] = []
    codes = []
    for number in range(dossiers):
        channel, field = ("counter", "online")[number % 2], ("land", "civil_status")[number % 2]
        received = dossier(number, (CENTRE, CENTRE, OTHER)[number % 3], field, channel=channel)
        codes.append(received.data["dossier"])
        events += [received, *_course(number, received)]
    for number in range(6):
        told: dict[str, Any] = {"ticket": f"t-{number}", "desk": CENTRE, "day": "2025-11-20"}
        events += [
            event("ticket.issued", 1, **told),
            event("ticket.called", 2, **told, waited=number * 120),
            event("ticket.served", 3, **told, served=600),
        ]
    stats.apply(*events)
    return codes


def _course(number: int, received: Event) -> list[Event]:
    """What happens to a dossier after it was received."""
    code, late = received.data["dossier"], number % 7 == 0
    done = START + timedelta(days=number % 25 + 2)
    overdue = (done - timedelta(days=1)).isoformat()
    found = [event("dossier.overdue", 2, dossier=code, overdue_at=overdue)] if late else []
    if number % 5:
        resolved: dict[str, Any] = {"resolved_at": done.isoformat(), "on_time": not late, "index_on_time": not late}
        score: dict[str, Any] = {"score": 5 if number % 4 else 2, "given_at": (done + timedelta(hours=3)).isoformat()}
        rating = {"rating": f"r-{number}", "agency": received.data["receiving_agency"]}
        found += [
            event("dossier.resolved", 3, dossier=code, **resolved),
            event("rating.given", 1, dossier=code, **rating, **score),
        ]
    return found


def tell_of_official(stats: ServiceUnderTest, official: str = "official-7") -> None:
    """An official served six visitors, received two dossiers, handed one over, and completed four steps, one late, one sent back."""
    at = [(START + timedelta(days=number)).isoformat() for number in range(6)]
    about: dict[str, Any] = {"official": official, "desk": CENTRE}
    events: list[Event] = []
    for number, when in enumerate(at):
        events.append(
            event("official.served", 1, id=f"s-{number}", **about, act="served", ticket=f"t-{number}", at=when)
        )
    for number, act in enumerate(("received", "received", "returned")):
        done: dict[str, Any] = about | {"act": act, "dossier": f"D-{number}", "at": at[number]}
        events.append(event("official.handled_dossier", 1, id=f"d-{number}", **done))
    for number, timeliness in enumerate(("on_time", "on_time", "late", "uncounted")):
        step: dict[str, Any] = {"task": f"k-{number}", "official": official, "timeliness": timeliness}
        events.append(event("official.completed_step", 1, id=f"k-{number}", **step, completed_at=at[number]))
    events.append(event("official.step_returned", 1, id="back", task="k-0", official=official, returned_at=at[4]))
    stats.apply(*events)

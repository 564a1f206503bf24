"""Simulated people on the real clock: a public posting lasts for days, so they do not wait for its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from shared.catalogue import load_builtin
from shared.client.people import People
from shared.client.simulation import Plan, Simulation, _SimulatedDossier
from shared.client.tracked_dossier import DossierDriver, TrackedDossier
from shared.runtime.clock import Clock
from shared.runtime.reference_data import load_reference

POSTED = "1.012786"
CODE = "H12.33.01-261129-0005"


class PostingPeople:
    """People whose one dossier has a public posting open until a moment."""

    def __init__(self, until: datetime) -> None:
        self.until = until

    def routing_view(self, desk: str, code: str) -> dict[str, Any]:
        """The dossier as routing shows it."""
        step = {"id": "1", "state": "open", "agency": desk, "due_at": None, "wait_until": self.until.isoformat()}
        return {"code": code, "state": "active", "steps": [step]}


def simulation(*codes: str) -> Simulation:
    procedures = [found for found in load_builtin() if not codes or found.code in codes]
    return Simulation("http://localhost", lambda _role, _agency: "", Clock(), load_reference(), procedures, Plan(3))


def test_procedures_with_a_posting_are_left_out_and_named() -> None:
    assert simulation().left_out == ["1.012786", "1.013978"]
    assert simulation(POSTED).left_out == [], "when there is nothing else, they are filed"


def test_a_dossier_in_a_posting_is_left_waiting_without_a_fault() -> None:
    made = simulation(POSTED)
    until = made.clock.now() + timedelta(days=15)
    people = cast(People, PostingPeople(until))
    tracked = TrackedDossier("H12.33.01", CODE, {})
    dossier = _SimulatedDossier("H12.33.01", {}, None, "k", tracked)
    assert made._advance(dossier, tracked, people, DossierDriver(people)) is None
    assert made.waiting == {CODE: until}
    assert made.faults == []

"""Parcels as notify reports them, and as the citizen sees them in the look-up."""

from __future__ import annotations

import itertools

from services.intake.results.parcels import STATES, parcel_states
from shared.contracts.post import STATES as ANNOUNCED
from tests.intake.desk_clerk import holder
from tests.intake.service_fixture import IntakeService

NUMBER = "EP123456785VN"
STEPS = (("registered", 1), ("progressed", 2), ("delivered", 3))


def test_the_citizen_follows_a_parcel_whose_reports_come_in_any_order(intake: IntakeService) -> None:
    receipt = intake.file()
    citizen = holder(intake, receipt)
    assert NUMBER not in citizen.get("/intake/dossier").text
    for order in itertools.permutations(STEPS):
        for name, revision in order:
            intake.receive_event(f"parcel.{name}", receipt["code"], parcel=NUMBER, revision=revision)
    assert len(intake.rows(parcel_states)) == 3
    page = citizen.get("/intake/dossier").text
    said = [STATES[one][0] for one in ("registered", "out_for_delivery", "delivered")]
    assert NUMBER in page
    assert sorted(said, key=page.index) == said


def test_every_state_that_is_announced_has_words() -> None:
    assert set(STATES) == set(ANNOUNCED)

"""The rules of access, without HTTP: who may read, list, serve, and observe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.plugin_access.domain import StepGrant
from shared.agencies import Agencies, Agency, Unit
from shared.auth import Principal
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, THURSDAY, IntakeService, at, reference

TODAY = THURSDAY.date()
AGENCIES = reference().agencies
MERGED_DESK = "000.21.34.H04"
AFTER_MERGER = at("2025-07-03 08:00").date()
SUCCESSOR = AGENCIES.successor(MERGED_DESK, AFTER_MERGER).code


@pytest.fixture
def dossier(sqlite_intake: IntakeService) -> Dossier:
    """A dossier of the desk, with a step at the land registry."""
    code = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("step.assigned", code, agency=REGISTRY)
    with sqlite_intake.store.read() as connection:
        return dossiers.get(connection, code)


def actor(role: str, agency: str) -> Principal:
    return Principal("somebody", frozenset({role}), agency)


OPEN_STEP, LAST_STEP = "G12.12.01", "H12.14.01"


@pytest.mark.parametrize(
    ("role", "agency", "reads", "serves"),
    [
        ("officer", DESK, False, True),
        ("officer", LAST_STEP, False, False),
        ("officer", OPEN_STEP, True, False),
        ("clerk", OPEN_STEP, True, False),
        ("leader", OPEN_STEP, True, False),
        ("clerk", DESK, True, True),
        ("clerk", OTHER_DESK, False, False),
        ("clerk", REGISTRY, False, False),
        ("clerk", "", False, False),
        ("leader", "H12.31", False, False),
        ("leader", "H12", False, False),
        ("leader", REGISTRY, True, False),
        ("leader", "H12.32", False, False),
        ("leader", "", False, False),
    ],
)
def test_reading_and_serving_a_dossier(dossier: Dossier, role: str, agency: str, reads: bool, serves: bool) -> None:
    assert access.may_read_dossier(actor(role, agency), dossier, {OPEN_STEP}, AGENCIES, TODAY) is reads
    assert access.may_serve_at_desk(actor(role, agency), dossier, AGENCIES, TODAY) is serves


@pytest.mark.parametrize(
    ("role", "agency", "opens"),
    [
        ("clerk", OTHER_DESK, True),
        ("leader", OTHER_DESK, True),
        ("officer", OTHER_DESK, False),
        ("leader", "H12.31", True),
        ("leader", "H12.32", False),
        ("officer", LAST_STEP, True),
        ("officer", OPEN_STEP, False),
        ("clerk", REGISTRY, False),
        ("clerk", "", False),
        ("clerk", "H12.99", False),
    ],
)
def test_opening_what_is_not_ones_own_with_a_reason(role: str, agency: str, opens: bool) -> None:
    assert access.may_open_with_reason(actor(role, agency), DESK, {LAST_STEP}, AGENCIES, TODAY) is opens


def test_the_successor_of_a_merged_desk_serves_its_dossiers(dossier: Dossier) -> None:
    merged = replace(dossier, receiving_agency=MERGED_DESK)
    assert access.may_serve_at_desk(actor("clerk", SUCCESSOR), merged, AGENCIES, AFTER_MERGER)
    assert not access.may_serve_at_desk(actor("clerk", SUCCESSOR), merged, AGENCIES, at("2025-06-26 08:00").date())
    assert access.listable_desks(actor("clerk", SUCCESSOR), MERGED_DESK, AGENCIES, AFTER_MERGER) == {MERGED_DESK}
    assert access.listable_desks(actor("clerk", SUCCESSOR), "", AGENCIES, AFTER_MERGER) >= {SUCCESSOR, MERGED_DESK}


@pytest.mark.parametrize(
    ("role", "agency", "desk", "listable"),
    [
        ("clerk", DESK, "", {DESK}),
        ("clerk", DESK, DESK, {DESK}),
        ("clerk", DESK, OTHER_DESK, set()),
        ("clerk", "H12.31", DESK, set()),
        ("leader", "H12.31", DESK, {DESK}),
        ("leader", "H12.32", DESK, set()),
        ("leader", "", DESK, set()),
        ("leader", "", "", set()),
    ],
)
def test_listing_a_desk(role: str, agency: str, desk: str, listable: set[str]) -> None:
    found = access.listable_desks(actor(role, agency), desk, AGENCIES, TODAY)
    assert found & {DESK, OTHER_DESK} == listable
    assert bool(found) == bool(listable)


def test_filing_is_at_the_own_desk() -> None:
    desk = AGENCIES.get(DESK, TODAY)
    assert access.may_file_at(actor("clerk", DESK), desk)
    assert not access.may_file_at(actor("clerk", OTHER_DESK), desk)
    assert not access.may_file_at(actor("clerk", ""), desk)


@pytest.mark.parametrize("revoked_at", [None, THURSDAY])
def test_step_papers_are_for_the_steps_agency(revoked_at: datetime | None) -> None:
    grant = StepGrant("t-1", "D-1", REGISTRY, THURSDAY, revoked_at)
    assert access.may_read_step_papers(actor("agency", REGISTRY), grant, AGENCIES, TODAY)
    assert not access.may_read_step_papers(actor("agency", DESK), grant, AGENCIES, TODAY)
    assert not access.may_read_step_papers(actor("agency", ""), grant, AGENCIES, TODAY)
    assert grant.is_open is (revoked_at is None)


def test_a_view_that_refuses_has_no_effect(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    body: dict[str, Any] = {"amount": 550_000, "method": "cash"}
    assert sqlite_intake.post(f"/dossiers/{code}/payments", body, agency=OTHER_DESK).status_code == 403
    assert sqlite_intake.rows("payment") == []


def test_an_ended_desk_without_a_successor() -> None:
    day, last = at("2025-07-03 08:00").date(), at("2025-06-30 08:00").date()
    unit = Unit("xa", "Xã", "commune", at("2015-01-01 08:00").date())
    ended = Agency("A.1", "Một cửa cũ", "commune", "xa", ("one_stop_desk",), unit.valid_from, last, parent="A")
    agencies = Agencies([unit], [ended])
    assert agencies.acting_for("A.1", day) == {"A.1"}
    assert agencies.ancestors("A.1", day) == frozenset()
    assert agencies.ancestors("A.1", last) == {"A"}
    assert agencies.handled_by("B", day) == {"B"}
    assert agencies.name_of("A.1", day) == "Một cửa cũ"
    assert agencies.name_of("Z", day) == "Z"

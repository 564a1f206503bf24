from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from shared.agencies.roles import ROLES
from shared.catalogue import AGENCY_ROLES, FIELDS, Procedure, Step, load_builtin
from shared.catalogue import importing as importing_module
from shared.catalogue.text import tidy

DATA = Path(importing_module.__file__).parent / "data"
BY_CODE = {procedure.code: procedure for procedure in load_builtin()}


def test_roles_are_those_of_the_agencies() -> None:
    assert set(ROLES) == AGENCY_ROLES


def test_every_field_has_procedures_and_its_own_file() -> None:
    assert len(BY_CODE) >= 15
    assert {(procedure.field, procedure.field_name) for procedure in BY_CODE.values()} == set(FIELDS.items())
    for path in DATA.glob("*.json"):
        entries = json.loads(path.read_text(encoding="utf-8"))["procedures"]
        assert {entry["field"] for entry in entries} == {path.stem}


@pytest.mark.parametrize("procedure", load_builtin(), ids=lambda procedure: procedure.code)
def test_says_how_certain_it_is(procedure: Procedure) -> None:
    assert re.match(r"Đã đối chiếu|Đối chiếu một phần|Chưa đối chiếu", procedure.source)
    assert procedure.regulation


def test_files_are_in_composed_unicode() -> None:
    for path in DATA.glob("*.json"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert line.strip() == tidy(line)


def test_land_transfer_goes_through_the_tax_office() -> None:
    procedure = BY_CODE["1.013831"]
    assert [(case.limit.amount, case.remote_extra_days) for case in procedure.cases] == [(4, 10), (8, 10)]
    for code, hours in (("lease", 32), ("transfer", 64)):
        route = procedure.route(code)
        assert route.counted_hours == hours
        way = []
        step: Step | None = route.first
        while step:
            way.append((step.id, step.agency_role, step.official_role))
            step = route.next(step.id, "completed")
        assert way == [
            ("transfer", "one_stop_desk", "clerk"),
            ("assessment", "land_registry", "officer"),
            ("tax", "tax", "officer"),
            ("printing", "land_registry", "officer"),
            ("checking", "land_registry", "officer"),
            ("signing", "land_registry", "leader"),
            ("hand-over", "land_registry", "clerk"),
            ("receive-result", "one_stop_desk", "clerk"),
        ]


def test_tax_step_may_create_an_obligation_and_does_not_count() -> None:
    route = BY_CODE["1.013831"].route("transfer")
    tax = route.step("tax")
    assert not tax.counted
    assert tax.obligation is not None
    assert (tax.obligation.kind, tax.obligation.outcome) == ("tax", "obligation")
    assert route.next("tax", "obligation") == route.next("tax", "completed") == route.step("printing")
    assert route.next("assessment", "no_tax") == route.step("printing")


def test_certified_copies_are_immediate_at_the_desk() -> None:
    procedure = BY_CODE["2.000815"]
    assert procedure.case().limit.unit == "immediate"
    (step,) = procedure.route().steps
    assert step.agency_role == "one_stop_desk"
    assert procedure.route().next(step.id, "completed") is None


def test_lost_certificate_is_posted_at_the_commune_outside_the_time() -> None:
    procedure = BY_CODE["1.012786"]
    posting = procedure.route().step("posting")
    assert (posting.agency_role, posting.counted) == ("peoples_committee", False)
    assert "15 ngày" in procedure.case().uncounted


def test_linked_birth_visits_commune_police_and_insurance() -> None:
    route = BY_CODE["2.002621"].route()
    assert [step.agency_role for step in route.steps] == [
        "civil_status", "peoples_committee", "police", "social_insurance", "one_stop_desk",
    ]  # fmt: skip
    assert route.counted_hours <= 24

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from shared.agencies.roles import ROLES
from shared.catalogue import AGENCY_ROLES, FIELDS, Procedure, Step, load_builtin
from shared.catalogue import importing as importing_module
from shared.catalogue.route_analysis import longest_hours
from shared.catalogue.text import normalise

DATA = Path(importing_module.__file__).parent / "data"
BY_CODE = {procedure.code: procedure for procedure in load_builtin()}


def test_step_roles_are_the_agency_roles_without_the_observer() -> None:
    assert set(ROLES) == AGENCY_ROLES | {"national_portal"}


def test_every_field_has_procedures_and_its_own_file() -> None:
    assert len(BY_CODE) >= 15
    assert {(procedure.field, procedure.field_name) for procedure in BY_CODE.values()} == set(FIELDS.items())
    for path in DATA.glob("*.json"):
        entries = json.loads(path.read_text(encoding="utf-8"))["procedures"]
        assert {entry["field"] for entry in entries} == {path.stem}


@pytest.mark.parametrize("procedure", load_builtin(), ids=lambda procedure: procedure.code)
def test_the_source_says_how_certain_the_data_are(procedure: Procedure) -> None:
    assert re.match(r"Đã đối chiếu|Đối chiếu một phần|Chưa đối chiếu", procedure.source)
    assert procedure.regulation


def test_files_are_in_composed_unicode() -> None:
    for path in DATA.glob("*.json"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert line.strip() == normalise(line)


def test_land_transfer_goes_through_the_tax_office() -> None:
    procedure = BY_CODE["1.013831"]
    assert [(case.limit.amount, case.remote_extra_days) for case in procedure.cases] == [(4, 10), (8, 10)]
    for code, hours in (("lease", 32), ("transfer", 64)):
        route = procedure.route(code)
        assert longest_hours(route) == hours
        way = []
        step: Step | None = route.first
        while step:
            way.append((step.id, step.agency_role, step.official_role))
            step = next(iter(route.following(step.id, "completed")), None)
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
    assert route.following("tax", "obligation") == route.following("tax", "completed") == (route.step("printing"),)
    assert route.following("assessment", "no_tax") == (route.step("printing"),)


def test_certified_copies_are_immediate_at_the_desk() -> None:
    procedure = BY_CODE["2.000815"]
    assert procedure.case().limit.unit == "immediate"
    (step,) = procedure.route().steps
    assert step.agency_role == "one_stop_desk"
    assert procedure.route().following(step.id, "completed") == ()


def test_lost_certificate_is_posted_at_the_commune_outside_the_time() -> None:
    procedure = BY_CODE["1.012786"]
    posting = procedure.route().step("posting")
    assert (posting.agency_role, posting.counted, posting.wait_days) == ("peoples_committee", False, 15)
    assert "15 ngày" in procedure.case().uncounted


def test_land_transfer_with_tax_takes_104_hours() -> None:
    procedure = BY_CODE["2.000889"]
    assert [(case.code, case.limit.as_dict()) for case in procedure.cases] == [
        ("with-tax", {"working_days": 13}),
        ("no-tax", {"working_days": 7}),
    ]
    taxed, plain = procedure.route("with-tax"), procedure.route("no-tax")
    assert [(step.working_hours, step.counted) for step in taxed.steps] == [
        *((4, True), (8, True), (0, False), (72, True), (8, True), (4, True), (4, True), (4, True)),
    ]  # fmt: skip
    assert longest_hours(taxed) == 104
    assert longest_hours(plain) == 56
    assert "tax" not in [step.agency_role for step in plain.steps]


def test_mortgages_are_registered_on_the_same_day() -> None:
    for code in ("1.011441", "1.011443"):
        procedure = BY_CODE[code]
        assert procedure.limit_text.startswith("Trong ngày làm việc.")
        assert procedure.case().limit.as_dict() == {"immediate": True}
        assert longest_hours(procedure.route()) == 8
    assert BY_CODE["1.012789"].case("available").limit.as_dict() == {"immediate": True}


@pytest.mark.parametrize("procedure", load_builtin(), ids=lambda procedure: procedure.code)
def test_every_same_day_wording_is_a_same_day_limit(procedure: Procedure) -> None:
    said = bool(
        re.search(r"trong ngày(?! làm việc tiếp theo)|trong buổi|ngay sau khi", procedure.limit_text.casefold())
    )
    assert any(case.limit.unit == "immediate" for case in procedure.cases) is said


def test_linked_birth_fans_out_to_police_and_insurance() -> None:
    procedure = BY_CODE["2.002621"]
    route = procedure.route()
    assert [step.agency_role for step in route.steps] == [
        "civil_status", "peoples_committee", "police", "social_insurance", "one_stop_desk",
    ]  # fmt: skip
    assert [step.id for step in route.following("signing", "completed")] == ["residence", "insurance"]
    assert route.before_join("receive-result") == {"residence", "insurance"}
    assert longest_hours(route) == 18
    assert procedure.choice([]) == {"birth-registration", "residence", "health-insurance"}
    assert procedure.limit_for(None, procedure.choice([])).as_dict() == {"working_days": 3}


@pytest.mark.parametrize(
    ("more", "days", "hours"),
    [
        ([], 3, 16),
        (["funeral-allowance"], 5, 32),
        (["survivors-allowance"], 8, 56),
        (["funeral-allowance", "survivors-allowance"], 8, 56),
    ],
)
def test_death_joins_two_to_four_procedures(more: list[str], days: int, hours: int) -> None:
    procedure = BY_CODE["1.011537"]
    chosen = procedure.choice(more)
    assert chosen == {"death-registration", "residence-removal", *more}
    assert procedure.limit_for(None, chosen).as_dict() == {"working_days": days}
    assert longest_hours(procedure.route(), "default", chosen) == hours


def test_funeral_allowance_is_a_sub_dossier_of_a_procedure_of_its_own() -> None:
    funeral = BY_CODE["1.011537"].route().step("funeral")
    assert funeral.sub is not None
    assert BY_CODE[funeral.sub.procedure].case(funeral.sub.case).limit.as_dict() == {"working_days": 3}


def test_first_certificate_is_posted_and_surveyed_at_the_same_time() -> None:
    route = BY_CODE["1.013978"].route()
    assert route.before_join("review") == {"posting", "survey"}
    assert (route.step("posting").wait_days, route.step("posting").counted) == (15, False)
    assert longest_hours(route) <= 160


def test_judicial_record_is_verified_in_one_case_only_and_by_the_province() -> None:
    procedure = BY_CODE["2.000488"]
    route = procedure.route("plain")
    assert route == procedure.route("verified")
    assert longest_hours(route, "verified", frozenset()) - longest_hours(route, "plain", frozenset()) == 28
    assert {step.agency_level for step in route.steps if step.agency_role != "one_stop_desk"} == {"province"}


def test_enterprises_are_registered_by_the_province_and_households_nearby() -> None:
    levels = {
        code: {step.agency_level for step in BY_CODE[code].route().steps if step.agency_role == "business_registration"}
        for code in ("1.001612", "2.001610")
    }
    assert levels == {"1.001612": {None}, "2.001610": {"province"}}

"""Linked procedures, sub-dossiers, and finding an agency for every step."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shared.agencies import Agencies
from shared.catalogue import BadChoice, Procedure, UnknownCase, check_catalogue, load_builtin, unresolved_steps

BY_CODE = {procedure.code: procedure for procedure in load_builtin()}
DEATH = BY_CODE["1.011537"]
AGENCIES = Agencies.load()
DAYS = [
    *(date(2015, 1, 2), date(2017, 3, 1), date(2025, 2, 28), date(2025, 3, 1), date(2025, 6, 30)),
    *(date(2025, 7, 1), date(2026, 11, 24)),
]


def test_required_procedures_need_not_be_named() -> None:
    assert DEATH.choice(["funeral-allowance"]) == DEATH.choice(
        ["residence-removal", "funeral-allowance", "death-registration"]
    )
    assert BY_CODE["1.013831"].choice([]) == frozenset()


@pytest.mark.parametrize(
    ("code", "given", "message"),
    [
        ("1.011537", ["birth"], r"no linked procedure is birth; there are death-registration \(Đăng ký khai tử\), "),
        ("1.013831", ["birth"], r"procedure 1\.013831 links no other, so birth cannot be chosen"),
    ],
)
def test_unknown_procedures_cannot_be_chosen(code: str, given: list[str], message: str) -> None:
    with pytest.raises(BadChoice, match=message):
        BY_CODE[code].choice(given)


@pytest.mark.parametrize(("given", "number"), [(["funeral-allowance", "survivors-allowance"], 4), ([], 2)])
def test_too_many_and_too_few_cannot_be_chosen(given: list[str], number: int) -> None:
    data = DEATH.as_dict()
    data["linked"] |= {"min": 3, "max": 3}
    with pytest.raises(BadChoice, match=f"^{number} linked procedures are chosen; 3 to 3 may be, of ") as error:
        Procedure.from_dict(data).choice(given)
    assert len(error.value.options) == 4


def test_all_valid_choices() -> None:
    assert DEATH.linked is not None
    choices = list(DEATH.linked.choices())
    assert [len(choice) for choice in choices] == [2, 3, 3, 4]
    assert all(DEATH.choice(choice) == choice for choice in choices)


def test_limit_is_the_longest_of_case_and_chosen() -> None:
    assert DEATH.limit_for().as_dict() == {"working_days": 3}
    assert DEATH.limit_for("default", ["funeral-allowance"]).as_dict() == {"working_days": 5}
    assert BY_CODE["1.013831"].limit_for("lease").as_dict() == {"working_days": 4}
    with pytest.raises(BadChoice):
        DEATH.limit_for("default", ["x"])
    with pytest.raises(UnknownCase):
        DEATH.limit_for("x")


def test_linked_survive_the_round_trip_and_others_have_none() -> None:
    assert Procedure.from_dict(DEATH.as_dict()) == DEATH
    assert "linked" not in BY_CODE["1.013831"].as_dict()


Change = Callable[[Any], object]


def faults_after(change: Change, *codes: str) -> list[str]:
    """Return the faults of some built-in procedures after a change of the first."""
    data = {"procedures": [copy.deepcopy(BY_CODE[code].as_dict()) for code in codes]}
    change(data["procedures"][0])
    return [f"{fault.position.removeprefix('procedures[0].')}: {fault.message}" for fault in check_catalogue(data)]


def sub_of(procedure: Any) -> dict[str, Any]:
    step: dict[str, Any] = procedure["routes"]["linked"]["steps"][3]
    return step


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (lambda p: None, []),
        (lambda p: p["linked"].update(min=4, max=3), ["linked.min: is more than max, 3"]),
        (
            lambda p: p["linked"].update(min=1, max=1),
            ["linked.max: must lie between the 2 that are required and the 4 there are, not 1"],
        ),
        (
            lambda p: p["linked"]["procedures"][1].update(code="death-registration"),
            ["linked.procedures[1].code: repeats the code of linked.procedures[0]"],
        ),
        (
            lambda p: p["linked"]["procedures"][1].update(required=False),
            ['linked.procedures[1].code: no step depends on whether "residence-removal" is chosen'],
        ),
        (
            lambda p: p["linked"]["procedures"].pop(),
            [
                "linked.max: must lie between the 2 that are required and the 3 there are, not 4",
                'routes.linked.steps[4].when.chosen: names no linked procedure "survivors-allowance"',
            ],
        ),
        (
            lambda p: p["linked"]["procedures"][3].pop("limit"),
            [
                'cases[0].limit: allows 24 working hours, but the counted steps of route "linked" with '
                "death-registration, residence-removal, survivors-allowance chosen take 56"
            ],
        ),
        (
            lambda p: sub_of(p).update(when={"cases": ["x"], "chosen": "funeral-allowance"}),
            ['routes.linked.steps[3].when.cases[0]: names no case "x"'],
        ),
        (
            lambda p: sub_of(p)["sub"].update(procedure="1.999999"),
            ['routes.linked.steps[3].sub.procedure: names no procedure "1.999999"'],
        ),
        (
            lambda p: sub_of(p)["sub"].update(case="x"),
            ['routes.linked.steps[3].sub.case: procedure 1.014028 has no case "x"'],
        ),
        (
            lambda p: sub_of(p)["sub"].update(procedure="2.002621"),
            [
                "routes.linked.steps[3].sub.procedure: "
                "procedure 2.002621 has linked procedures, which cannot be chosen in a sub-dossier"
            ],
        ),
        (
            lambda p: sub_of(p).update(working_hours=19),
            ['routes.linked.steps[3].working_hours: are 19, but route "days-3" of 1.014028 takes 20'],
        ),
        (
            lambda p: sub_of(p)["outcomes"].pop("refused"),
            ['routes.linked.steps[3].outcomes: lack "refused", with which the sub-dossier may end'],
        ),
        (
            lambda p: sub_of(p).pop("otherwise"),
            [
                "routes.linked.steps[3].when: needs otherwise beside it: the target of a dossier that skips the step",
            ],
        ),
        (
            lambda p: sub_of(p).update(outcomes={"completed": 7}),
            ["routes.linked.steps[3].outcomes.completed: must be text or a list, not 7"],
        ),
        (
            lambda p: sub_of(p).update(outcomes={"completed": ["collect"]}),
            ["routes.linked.steps[3].outcomes.completed: must have at least 2 entries"],
        ),
        (lambda p: sub_of(p).update(when={}), ["routes.linked.steps[3].when: must have at least 1 members"]),
    ],
)
def test_faults_of_links_and_sub_dossiers(change: Change, faults: list[str]) -> None:
    assert faults_after(change, "1.011537", "1.014028", "2.002621") == faults


def circle(procedure: Any) -> None:
    procedure["routes"]["days-3"]["steps"][0] |= {
        "sub": {"procedure": "1.001612", "case": "default"},
        "working_hours": 1,
        "counted": False,
    }


def test_circular_sub_dossiers_are_refused() -> None:
    data = {"procedures": [BY_CODE[code].as_dict() for code in ("1.014028", "1.001612")]}
    circle(data["procedures"][0])
    assert check_catalogue(data) == []
    step = data["procedures"][1]["routes"]["days-3"]["steps"][0]
    step |= {
        "sub": {"procedure": "1.014028", "case": "default"},
        "outcomes": {"completed": "examination", "refused": "end"},
    }
    circular = "is circular: its sub-dossier would open one of this route again"
    assert [fault.message for fault in check_catalogue(data)] == [circular, circular]


def test_references_to_a_faulty_procedure_are_not_faults() -> None:
    data = {"procedures": [BY_CODE["1.011537"].as_dict(), BY_CODE["1.014028"].as_dict() | {"name": " "}]}
    assert [fault.code for fault in check_catalogue(data)] == ["1.014028"]


@pytest.mark.parametrize("on", DAYS)
def test_every_step_finds_an_agency_from_every_desk_at_every_time(on: date) -> None:
    assert any("one_stop_desk" in agency.roles for agency in AGENCIES.all(on))
    assert unresolved_steps(load_builtin(), AGENCIES, on) == []


def test_a_level_that_does_not_exist_is_reported_for_each_desk() -> None:
    data = BY_CODE["1.011441"].as_dict()
    data["routes"]["days-1"]["steps"][1]["agency_level"] = "district"
    procedure = Procedure.from_dict(data)
    before, after = (unresolved_steps([procedure], AGENCIES, on) for on in (date(2025, 6, 30), date(2025, 7, 1)))
    assert [unplaced.desk for unplaced in before] == ["000.00.60.H04"]
    desks = {agency.code for agency in AGENCIES.all(date(2025, 7, 1)) if "one_stop_desk" in agency.roles}
    assert {unplaced.desk for unplaced in after} == desks
    assert str(before[0]) == (
        'procedure 1.011441, route "days-1", step "assessment": '
        "no land_registry of level district for a dossier received at 000.00.60.H04"
    )


def test_the_steps_of_a_sub_dossier_are_checked_too() -> None:
    data = BY_CODE["1.014028"].as_dict()
    data["routes"]["days-3"]["steps"][1]["agency_level"] = "central"
    found = unresolved_steps([DEATH, Procedure.from_dict(data)], AGENCIES, date(2025, 7, 1))
    assert {(unplaced.procedure, unplaced.step) for unplaced in found} == {("1.014028", "signing")}

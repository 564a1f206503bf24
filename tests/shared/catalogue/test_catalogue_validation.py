from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalogue import check_catalogue, load_builtin, parse_data
from shared.data_files import DataError

STEP = {
    "task": "Việc",
    "task_en": "Work",
    "agency_role": "tax",
    "official_role": "officer",
    "working_hours": 8,
    "counted": True,
}
SMALL: dict[str, Any] = {
    "procedures": [
        {
            "code": "1.000001",
            "name": "Thủ tục",
            "field": "land",
            "field_name": "Đất đai",
            "cases": [
                {"code": "a", "name": "Một", "limit": {"working_days": 2}, "route": "main"},
                {"code": "b", "name": "Hai", "limit": {"immediate": True}, "route": "short"},
            ],
            "papers": [
                {"code": "form", "name": "Đơn", "required": True, "kind": "form"},
                {"code": "map", "name": "Bản đồ", "required": True, "kind": "copy", "cases": ["a"]},
            ],
            "fees": [{"code": "fee", "name": "Lệ phí", "amount": 1000, "cases": ["b"]}],
            "routes": {
                "main": {
                    "start": "one",
                    "steps": [
                        {"id": "one", **STEP, "outcomes": {"completed": "two"}},
                        {
                            "id": "two",
                            **STEP,
                            "outcomes": {"completed": "end", "obligation": "one"},
                            "obligation": {"kind": "tax", "name": "Thuế", "outcome": "obligation"},
                        },
                    ],
                },
                "short": {"start": "only", "steps": [{"id": "only", **STEP, "outcomes": {"completed": "end"}}]},
            },
        }
    ]
}


def faults_after(change: Callable[[dict[str, Any]], object]) -> list[str]:
    data = copy.deepcopy(SMALL)
    change(data["procedures"][0])
    positions = [
        (fault.position.removeprefix("procedures[0]").removeprefix("."), fault) for fault in check_catalogue(data)
    ]
    return [f"{position}: {fault.message}" for position, fault in positions]


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]

    def change(procedure: Any) -> None:
        for part in parents:
            procedure = procedure[part]
        procedure[last] = value

    return change


def test_small_catalogue_is_valid() -> None:
    assert check_catalogue(SMALL) == []


ID = "must be 1 to 40 of a-z, 0-9, - and _, beginning with a letter or digit"
TWO = "routes.main.steps.1"


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            put("code", "1.0001"),
            ['code: must be a procedure code n.nnnnnn, with or without a local suffix, not "1.0001"'],
        ),
        (put("code", "1.000001.000.00.00.H56"), []),
        (put("name", "  "), ['name: must be text that is not blank, not "  "']),
        (put("name", 7), ["name: must be text, not 7"]),
        (put("name", "a\u0000b"), ["name: holds characters that cannot be printed"]),
        (put("name", "a\ud800b"), ["name: holds characters that cannot be printed"]),
        (put("colour", "red"), [': has unknown members "colour"']),
        (lambda p: (p.pop("name"), p.pop("fees")), [': lacks "name", "fees"']),
        (put("cases", []), ["cases: must have at least 1 entries"]),
        (put("cases.0.code", "Á"), [f'cases[0].code: {ID}, not "Á"']),
        (put("cases.0.limit", {}), ["cases[0].limit: must have at least 1 members"]),
        (
            put("cases.0.limit", {"working_days": 2, "immediate": True}),
            ["cases[0].limit: must have at most 1 members"],
        ),
        (put("cases.0.limit", {"working_days": 0}), ["cases[0].limit.working_days: must be 1 or more, not 0"]),
        (
            put("cases.0.limit", {"working_days": True}),
            ["cases[0].limit.working_days: must be a whole number, not true"],
        ),
        (put("cases.0.limit", {"immediate": False}), ["cases[0].limit.immediate: must be true, not false"]),
        (put("papers.0.kind", "scan"), ['papers[0].kind: must be one of "original", "copy", "form", not "scan"']),
        (put("fees.0.amount", -1), ["fees[0].amount: must be 0 or more, not -1"]),
        (put("fees.0.amount", 10.5), ["fees[0].amount: must be a whole number, not 10.5"]),
        (
            put("routes.main.steps.0.working_hours", -1),
            ["routes.main.steps[0].working_hours: must be 0 or more, not -1"],
        ),
        (put(f"{TWO}.outcomes", {}), ["routes.main.steps[1].outcomes: must have at least 1 members"]),
        (
            put(f"{TWO}.outcomes", {"Đồng ý": "end"}),
            [f'routes.main.steps[1].outcomes: {ID}, not "Đồng ý"'],
        ),
    ],
)
def test_faults_of_structure(change: Callable[[dict[str, Any]], object], faults: list[str]) -> None:
    assert faults_after(change) == faults


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            put("cases.1.code", "a"),
            ["cases[1].code: repeats the code of cases[0]", 'fees[0].cases[0]: names no case "b"'],
        ),
        (put("cases.1.name", "MỘT"), ["cases[1].name: repeats the name of cases[0]"]),
        (put("cases.1.route", "x"), ['cases[1].route: names no route "x"', "routes.short: is the route of no case"]),
        (put("papers.1.code", "form"), ["papers[1].code: repeats the code of papers[0]"]),
        (put("papers.1.cases", ["c"]), ['papers[1].cases[0]: names no case "c"']),
        (
            put("papers.1.name", "đơn"),
            [f'papers[{index}].name: case "a" has another paper of this name' for index in (0, 1)],
        ),
        (lambda p: p["fees"].append(p["fees"][0]), ["fees[1].code: repeats the code of fees[0]"]),
        (put("routes.main.start", "x"), ['routes.main.start: names no step "x"']),
        (
            put(f"{TWO}.id", "one"),
            [
                "routes.main.steps[1].id: repeats the id of steps[0]",
                'routes.main.steps[0].outcomes.completed: names no step "two"',
            ],
        ),
        (
            put("routes.short.steps.0.agency_role", "bank"),
            ['routes.short.steps[0].agency_role: no agency has the role "bank"'],
        ),
        (
            put("routes.short.steps.0.official_role", "boss"),
            ['routes.short.steps[0].official_role: no official has the role "boss"'],
        ),
        (
            put(f"{TWO}.obligation.outcome", "paid"),
            ['routes.main.steps[1].obligation.outcome: names no outcome "paid" of the step'],
        ),
        (
            put(f"{TWO}.outcomes.completed", "one"),
            [
                f'routes.main.steps[{index}]: no end can be reached from step "{name}"'
                for index, name in enumerate(("one", "two"))
            ],
        ),
        (
            put("routes.main.steps.0.outcomes.completed", "end"),
            ['routes.main.steps[1]: step "two" cannot be reached from the start'],
        ),
        (
            put("routes.short.steps.0.id", "end"),
            [
                'routes.short.start: names no step "only"',
                'routes.short.steps[0].id: "end" is the name of the end, not of a step',
            ],
        ),
        (
            put("cases.0.limit", {"working_days": 1}),
            ['cases[0].limit: allows 8 working hours, but the counted steps of route "main" take 16'],
        ),
        (put("routes.main.steps.0.counted", False), []),
        (
            put("routes.short.steps.0.working_hours", 8.5),
            ['cases[1].limit: allows 8 working hours, but the counted steps of route "short" take 8.5'],
        ),
    ],
)
def test_faults_of_meaning(change: Callable[[dict[str, Any]], object], faults: list[str]) -> None:
    assert sorted(faults_after(change)) == sorted(faults)


def test_all_faults_at_once_in_order_with_codes() -> None:
    data = copy.deepcopy(SMALL)
    data["procedures"] += [*copy.deepcopy(SMALL["procedures"]), {"code": "1.000003"}]
    data["procedures"][1]["routes"]["main"]["start"] = "x"
    data["procedures"][1]["routes"]["short"]["steps"][0]["agency_role"] = "bank"
    faults = check_catalogue(data)
    assert [(fault.position, fault.code) for fault in faults] == [
        ("procedures[1].routes.main.start", "1.000001"),
        ("procedures[1].routes.short.steps[0].agency_role", "1.000001"),
        ("procedures[1].code", "1.000001"),
        ("procedures[2]", "1.000003"),
    ]
    assert str(faults[0]) == 'procedures[1].routes.main.start (1.000001): names no step "x"'


BUILTIN = [procedure.as_dict() for procedure in load_builtin()]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**30) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, member in members for place in places(member, (*path, key)))]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_mutated_catalogue_is_accepted_or_reported_never_crashes(data: st.DataObject) -> None:
    catalogue: Any = {"procedures": copy.deepcopy([data.draw(st.sampled_from(BUILTIN))])}
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(catalogue)[1:] or [()]))
        if not place:
            continue
        holder = catalogue
        for part in place[:-1]:
            holder = holder[part]
        action = data.draw(st.sampled_from(["remove", "replace", "repeat"]))
        if action == "remove":
            del holder[place[-1]]
        elif action == "repeat" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[int(place[-1])]))
        else:
            holder[place[-1]] = data.draw(json_values | st.sampled_from(["end", "x", "default", "tax"]))
    faults = check_catalogue(catalogue)
    if faults:
        with pytest.raises(DataError) as error:
            parse_data(catalogue)
        assert error.value.faults == tuple(faults)
        assert all(fault.message and "\n" not in str(fault) for fault in faults)
        assert all(fault.position for fault in faults if "procedures" in catalogue)
    else:
        (procedure,) = parse_data(catalogue)
        assert parse_data({"procedures": [json.loads(json.dumps(procedure.as_dict()))]}) == (procedure,)


@settings(deadline=None)
@given(json_values)
def test_any_json_is_reported(value: Any) -> None:
    with pytest.raises(DataError) as error:
        parse_data(value)
    assert all("\n" not in str(fault) for fault in error.value.faults)

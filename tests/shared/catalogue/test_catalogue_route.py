from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import Condition, Route, StatutoryLimit, Step, UnknownOutcome, UnknownStep
from shared.catalogue.route_analysis import last_outcomes, longest_hours


def step(step_id: str, hours: float = 1, counted: bool = True, **outcomes: str | tuple[str, ...]) -> Step:
    return Step(step_id, "Việc", "Work", "tax", "officer", hours, counted, outcomes)


FORKED = Route(
    "forked",
    "a",
    (
        step("a", 2, completed="b", direct="c"),
        step("b", 10, counted=False, completed="c", back="a"),
        step("c", 3.5, completed="d", rework="b"),
        step("d", 0.5, completed="end", rework="c"),
    ),
)


def test_outcome_decides_next_step() -> None:
    assert FORKED.first.id == "a"
    assert [FORKED.following("a", outcome) for outcome in ("completed", "direct")] == [
        (FORKED.step("b"),),
        (FORKED.step("c"),),
    ]
    assert FORKED.following("d", "completed") == ()


def test_unknown_step_and_outcome_name_the_options() -> None:
    with pytest.raises(UnknownStep, match='no step "x"; it has a, b, c, d') as no_step:
        FORKED.following("x", "completed")
    assert no_step.value.options == ("a", "b", "c", "d")
    with pytest.raises(
        UnknownOutcome, match='step "a" has no outcome "signed"; it has completed, direct'
    ) as no_outcome:
        FORKED.following("a", "signed")
    assert no_outcome.value.options == ("completed", "direct")


@pytest.mark.parametrize(
    ("steps", "hours"),
    [
        ([step("a", 4, completed="end")], 4),
        ([step("a", 4, counted=False, completed="end")], 0),
        ([step("a", 4, completed="b"), step("b", 5, completed="end", rework="a")], 9),
        (
            [
                step("a", 1, x="b", y="c"),
                step("b", 7, completed="d"),
                step("c", 2, completed="d"),
                step("d", 1, z="end"),
            ],
            9,
        ),
        ([step("a", 1, x="c", y="b"), step("b", 7, completed="c"), step("c", 2, completed="end")], 10),
        ([step("a", 1, completed="end", again="a")], 1),
        (
            [
                step("a", 1, completed=("b", "c")),
                step("b", 7, completed="d", returned="b"),
                step("c", 2, completed="d"),
                step("d", 1, completed="end", returned="a"),
            ],
            9,
        ),
        ([step("a", 1, completed=("b", "c")), step("b", 7, completed="end"), step("c", 9, completed="end")], 10),
        (
            [
                step("a", 1, completed=("b", "c")),
                step("b", 7, counted=False, completed="d"),
                step("c", 2, completed="d"),
                step("d", 1, completed="end"),
            ],
            4,
        ),
    ],
    ids=[
        *("one", "uncounted", "rework", "longer branch", "detour after shortcut", "itself"),
        *("parallel", "parallel to the end", "parallel wait"),
    ],
)
def test_counted_hours_are_of_the_longest_way_without_rework(steps: list[Step], hours: float) -> None:
    assert longest_hours(Route("r", "a", tuple(steps))) == hours


def test_counted_hours_leave_out_waits() -> None:
    assert longest_hours(FORKED) == 6


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40), st.data())
def test_counted_hours_of_a_chain_are_its_sum_with_any_returns(hours: list[int], data: st.DataObject) -> None:
    steps = []
    for index, amount in enumerate(hours):
        following = "end" if index + 1 == len(hours) else f"s{index + 1}"
        back = data.draw(st.integers(0, index))
        steps.append(step(f"s{index}", amount, completed=following, rework=f"s{back}"))
    assert longest_hours(Route("chain", "s0", tuple(steps))) == sum(hours)


def test_counted_hours_leave_out_steps_that_are_ruled_out() -> None:
    survey = replace(step("b", 30, completed="c"), when=Condition(cases=("survey",)), otherwise="c")
    allowance = replace(step("c", 5, completed="d"), when=Condition(chosen="x"), otherwise="d")
    costly = replace(step("d", 3, completed="end"), when=Condition(amount_from=1), otherwise="end")
    route = Route("r", "a", (step("a", 1, completed="b"), survey, allowance, costly))
    assert longest_hours(route) == 39
    assert longest_hours(route, "survey", frozenset()) == 34
    assert longest_hours(route, "plain", frozenset()) == 4
    assert longest_hours(route, "plain", frozenset({"x"})) == 9


def test_last_outcomes_are_those_that_may_lead_to_the_end() -> None:
    passed = replace(step("c", completed="end"), when=Condition(cases=("x",)), otherwise="end")
    route = Route("r", "a", (step("a", completed="b", refused="end"), step("b", done="c", again="a"), passed))
    assert last_outcomes(route) == {"refused", "done", "completed"}


FULL: dict[str, Any] = {
    "id": "a",
    "task": "Việc",
    "task_en": "Work",
    "agency_role": "tax",
    "official_role": "officer",
    "working_hours": 0.5,
    "counted": False,
    "outcomes": {"completed": ["b", "c"], "returned": "a", "refused": "end"},
    "obligation": {"kind": "tax", "name": "Thuế", "outcome": "refused"},
    "agency_level": "province",
    "output": {"code": "paper", "name": "Giấy"},
    "when": {
        "cases": ["x"],
        "chosen": "y",
        "amount_from": 0,
        "amount_below": 5,
        "outcome": {"step": "a", "in": ["returned"]},
    },
    "otherwise": ["b", "c"],
    "join": True,
    "wait_days": 15,
    "sub": {"procedure": "1.000001", "case": "default"},
}


def test_every_member_of_a_step_survives_the_round_trip() -> None:
    one = Step.from_dict(FULL)
    assert one.as_dict() == FULL
    assert Step.from_dict(one.as_dict()) == one
    assert copy.deepcopy(one) == one
    assert dict(one.ways()) == {
        ("outcomes", "completed"): ("b", "c"),
        ("outcomes", "returned"): ("a",),
        ("outcomes", "refused"): (),
        ("otherwise",): ("b", "c"),
    }


def test_step_is_a_value() -> None:
    one = FORKED.first
    assert copy.deepcopy(one) == one
    assert hash(Step.from_dict(one.as_dict())) == hash(one)
    with pytest.raises(TypeError):
        one.outcomes["completed"] = "c"  # type: ignore[index]


@pytest.mark.parametrize(
    ("data", "hours"),
    [({"working_days": 8}, 64), ({"working_hours": 4}, 4), ({"calendar_days": 10}, 80), ({"immediate": True}, 8)],
)
def test_limit_round_trip_and_planned_hours(data: dict[str, int | bool], hours: int) -> None:
    limit = StatutoryLimit.from_dict(data)
    assert limit.as_dict() == data
    assert limit.planned_hours == hours


def test_limits_of_different_units_are_compared_by_their_length() -> None:
    limits: list[dict[str, int | bool]] = [
        {"calendar_days": 10},
        {"immediate": True},
        {"working_days": 8},
        {"working_hours": 4},
        {"working_days": 1},
    ]
    ordered = sorted((StatutoryLimit.from_dict(limit) for limit in limits), key=lambda limit: limit.approximate_days)
    assert [limit.as_dict() for limit in ordered] == [
        {"immediate": True},
        {"working_hours": 4},
        {"working_days": 1},
        {"calendar_days": 10},
        {"working_days": 8},
    ]


@pytest.mark.parametrize(("unit", "amount"), [("immediate", 1), ("working_days", 0), ("working_hours", -4)])
def test_limit_without_meaning_is_refused(unit: str, amount: int) -> None:
    with pytest.raises(ValueError, match="has no meaning"):
        StatutoryLimit(unit, amount)  # type: ignore[arg-type]

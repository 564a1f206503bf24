from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import Limit, Route, Step, UnknownOutcome, UnknownStep


def step(step_id: str, hours: float = 1, counted: bool = True, **outcomes: str) -> Step:
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
    assert [FORKED.next("a", outcome).id for outcome in ("completed", "direct")] == ["b", "c"]  # type: ignore[union-attr]
    assert FORKED.next("d", "completed") is None


def test_unknown_step_and_outcome_name_the_options() -> None:
    with pytest.raises(UnknownStep, match='no step "x"; it has a, b, c, d') as no_step:
        FORKED.next("x", "completed")
    assert no_step.value.options == ("a", "b", "c", "d")
    with pytest.raises(
        UnknownOutcome, match='step "a" has no outcome "signed"; it has completed, direct'
    ) as no_outcome:
        FORKED.next("a", "signed")
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
    ],
    ids=["one", "uncounted", "rework", "longer branch", "detour after shortcut", "itself"],
)
def test_counted_hours_are_of_the_longest_way_without_rework(steps: list[Step], hours: float) -> None:
    assert Route("r", "a", tuple(steps)).counted_hours == hours


def test_counted_hours_leave_out_waits() -> None:
    assert FORKED.counted_hours == 6


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40), st.data())
def test_counted_hours_of_a_chain_are_its_sum_whatever_leads_back(hours: list[int], data: st.DataObject) -> None:
    steps = []
    for index, amount in enumerate(hours):
        following = "end" if index + 1 == len(hours) else f"s{index + 1}"
        back = data.draw(st.integers(0, index))
        steps.append(step(f"s{index}", amount, completed=following, rework=f"s{back}"))
    assert Route("chain", "s0", tuple(steps)).counted_hours == sum(hours)


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
    limit = Limit.from_dict(data)
    assert limit.as_dict() == data
    assert limit.planned_hours == hours


@pytest.mark.parametrize(("unit", "amount"), [("immediate", 1), ("working_days", 0), ("working_hours", -4)])
def test_limit_without_meaning_is_refused(unit: str, amount: int) -> None:
    with pytest.raises(ValueError, match="has no meaning"):
        Limit(unit, amount)  # type: ignore[arg-type]

"""The effects of completing a step, as tables over the built-in routes; random walks over others are in test_routing_random_routes.py."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.domain.process import (
    AmountMissing,
    AmountNotAllowed,
    Assign,
    Effect,
    Finish,
    NothingToDo,
    OpenSub,
    PassOver,
    Pause,
    RequestPayment,
    Resolve,
    Resume,
    StepNotOpen,
    begin,
    complete,
    handling_step,
    leave,
)
from shared.catalogue import Facts, UnknownOutcome, load_builtin
from shared.catalogue.route import Route
from shared.catalogue.validation.routes import check_route
from tests.routing.route_strategies import plain_step

BY_CODE = {procedure.code: procedure for procedure in load_builtin()}
LAND_ROUTE = BY_CODE["1.013831"].route("transfer")


def described(effects: list[Effect]) -> list[str]:
    """Effects in short: ``finish tax obligation``, ``assign printing`` …"""
    return [_short(effect) for effect in effects]


def _short(effect: Effect) -> str:
    match effect:
        case Assign(step):
            return f"assign {step.id}"
        case OpenSub(step):
            return f"open {step.id}"
        case PassOver(step):
            return f"pass {step.id}"
        case Finish(step, outcome):
            return f"finish {step.id} {outcome}"
        case RequestPayment(step, outcome, obligation, amount):
            return f"request {obligation.kind} {amount} {step.id} {outcome}"
        case Pause(reason):
            return f"pause {reason}"
        case Resume():
            return "resume"
        case Resolve(outcome):
            return f"resolve {outcome}"


def test_a_route_begins_with_its_first_step() -> None:
    assert described(begin(LAND_ROUTE)) == ["assign transfer"]


@pytest.mark.parametrize(
    ("step", "outcome", "expected"),
    [
        ("transfer", "completed", ["finish transfer completed", "assign assessment"]),
        ("assessment", "completed", ["finish assessment completed", "pause tax", "assign tax"]),
        ("assessment", "no_tax", ["finish assessment no_tax", "assign printing"]),
        ("tax", "completed", ["finish tax completed", "resume", "assign printing"]),
        ("printing", "completed", ["finish printing completed", "assign checking"]),
        ("checking", "completed", ["finish checking completed", "assign signing"]),
        ("checking", "rework", ["finish checking rework", "assign printing"]),
        ("signing", "completed", ["finish signing completed", "assign hand-over"]),
        ("signing", "rework", ["finish signing rework", "assign printing"]),
        ("hand-over", "completed", ["finish hand-over completed", "assign receive-result"]),
        ("receive-result", "completed", ["finish receive-result completed", "resolve completed"]),
    ],
)
def test_effects_in_the_land_procedure(step: str, outcome: str, expected: list[str]) -> None:
    assert described(complete(LAND_ROUTE, [step], step, outcome, None)) == expected


def test_an_obligation_is_requested_and_the_step_completes_when_it_is_paid() -> None:
    assert described(complete(LAND_ROUTE, ["tax"], "tax", "obligation", 5)) == ["request tax 5 tax obligation"]
    assert described(leave(LAND_ROUTE, ["tax"], "tax", "obligation")) == [
        "finish tax obligation",
        "resume",
        "assign printing",
    ]


@pytest.mark.parametrize("amount", [None, 0, -1])
def test_an_obligation_needs_an_amount(amount: int | None) -> None:
    with pytest.raises(AmountMissing):
        complete(LAND_ROUTE, ["tax"], "tax", "obligation", amount)


@pytest.mark.parametrize(("step", "outcome"), [("tax", "completed"), ("transfer", "completed")])
def test_other_outcomes_take_no_amount(step: str, outcome: str) -> None:
    with pytest.raises(AmountNotAllowed):
        complete(LAND_ROUTE, [step], step, outcome, 5)


def test_an_unknown_outcome_lists_the_allowed_ones() -> None:
    with pytest.raises(UnknownOutcome) as caught:
        complete(LAND_ROUTE, ["assessment"], "assessment", "refused", None)
    assert caught.value.options == ("completed", "no_tax")


@pytest.mark.parametrize("outcome", ["completed", "obligation"])
def test_a_step_that_is_not_open_cannot_be_completed(outcome: str) -> None:
    with pytest.raises(StepNotOpen, match="open are printing"):
        complete(LAND_ROUTE, ["printing"], "tax", outcome, 5 if outcome == "obligation" else None)


def test_consecutive_uncounted_steps_are_one_pause() -> None:
    route = _route(("a", True, "b"), ("b", False, "c"), ("c", False, "d"), ("d", True, "end"))
    assert described(leave(route, ["a"], "a", "done")) == ["finish a done", "pause b", "assign b"]
    assert described(leave(route, ["b"], "b", "done")) == ["finish b done", "assign c"]
    assert described(leave(route, ["c"], "c", "done")) == ["finish c done", "resume", "assign d"]


def test_a_route_may_begin_and_end_with_uncounted_time() -> None:
    route = _route(("a", False, "end"))
    assert described(begin(route)) == ["pause a", "assign a"]
    assert described(leave(route, ["a"], "a", "done")) == ["finish a done", "resume", "resolve done"]


def test_with_several_open_steps_the_clock_runs_while_one_is_counted_and_the_last_resolves() -> None:
    route = _route(("a", True, "end"), ("b", False, "end"))
    assert described(leave(route, ["a", "b"], "a", "done")) == ["finish a done", "pause b"]
    assert described(leave(route, ["a", "b"], "b", "done")) == ["finish b done"]
    assert described(leave(route, ["b"], "b", "done")) == ["finish b done", "resume", "resolve done"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((("desk", "one_stop_desk", 9), ("a", "tax", 2), ("b", "police", 4)), "b"),
        ((("desk", "one_stop_desk", 9), ("a", "tax", 4), ("b", "police", 4)), "a"),
        ((("desk", "one_stop_desk", 9), ("late", "one_stop_desk", 10)), "desk"),
    ],
)
def test_the_handling_step_is_the_longest_behind_the_desk(steps, expected: str) -> None:
    made = [_step(id_, True, "end", role, hours) for id_, role, hours in steps]
    assert handling_step(_made(made)).id == expected


def test_land_is_handled_by_the_land_registry() -> None:
    assert handling_step(LAND_ROUTE).agency_role == "land_registry"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("2.002621", "civil_status"), ("1.011537", "civil_status"), ("1.013978", "peoples_committee")],
)
def test_branches_of_a_fork_are_not_the_handling_step(code: str, expected: str) -> None:
    assert handling_step(BY_CODE[code].route()).agency_role == expected


def test_a_step_that_is_surely_passed_over_is_not_the_handling_step() -> None:
    steps = [
        plain_step("a", {"done": "b"}) | {"agency_role": "police"},
        plain_step("b", {"done": "end"}, when={"cases": ["x"]}, otherwise="end") | {"working_hours": 9},
    ]
    route = _made(steps)
    assert handling_step(route).id == "a"
    assert handling_step(route, Facts(case="y")).id == "a"
    assert handling_step(route, Facts(case="x")).id == "b"


def test_birth_forks_and_joins_at_the_desk() -> None:
    birth = BY_CODE["2.002621"].route()
    assert described(leave(birth, ["signing"], "signing", "completed")) == [
        "finish signing completed",
        "assign residence",
        "assign insurance",
    ]
    both = ["residence", "insurance"]
    assert described(leave(birth, both, "insurance", "completed")) == ["finish insurance completed"]
    assert described(leave(birth, ["residence"], "residence", "completed")) == [
        "finish residence completed",
        "assign receive-result",
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (set(), ["assign residence", "pass funeral", "pass survivors"]),
        ({"funeral-allowance"}, ["assign residence", "open funeral", "pass survivors"]),
        ({"survivors-allowance"}, ["assign residence", "pass funeral", "assign survivors"]),
        ({"funeral-allowance", "survivors-allowance"}, ["assign residence", "open funeral", "assign survivors"]),
    ],
    ids=["two", "three with funeral", "three with survivors", "four"],
)
def test_death_follows_the_linked_procedures_chosen(chosen: set[str], expected: list[str]) -> None:
    death = BY_CODE["1.011537"].route()
    known = Facts(case="default", chosen=frozenset(chosen | {"death-registration", "residence-removal"}))
    assert described(leave(death, ["signing"], "signing", "completed", known)) == [
        "finish signing completed",
        *expected,
    ]


def test_the_last_branch_begins_the_join_whichever_it_is() -> None:
    death = BY_CODE["1.011537"].route()
    assert described(leave(death, ["residence", "funeral"], "residence", "completed")) == ["finish residence completed"]
    assert described(leave(death, ["funeral"], "funeral", "refused")) == ["finish funeral refused", "assign collect"]


@pytest.mark.parametrize(
    ("case", "expected"), [("plain", ["pass verification", "assign drafting"]), ("verified", ["assign verification"])]
)
def test_the_case_decides_whether_verification_is_done(case: str, expected: list[str]) -> None:
    record = BY_CODE["2.000488"].route(case)
    effects = leave(record, ["search"], "search", "completed", Facts(case=case))
    assert described(effects) == ["finish search completed", *expected]


def test_the_clock_pauses_when_only_the_posting_of_a_first_certificate_is_open() -> None:
    route = BY_CODE["1.013978"].route()
    assert described(leave(route, ["origin"], "origin", "survey_needed")) == [
        "finish origin survey_needed",
        "assign posting",
        "assign survey",
    ]
    assert described(leave(route, ["posting", "survey"], "survey", "completed")) == [
        "finish survey completed",
        "pause posting",
    ]
    assert described(leave(route, ["origin"], "origin", "completed")) == [
        "finish origin completed",
        "pause posting",
        "assign posting",
        "pass survey",
    ]
    assert described(leave(route, ["posting"], "posting", "completed")) == [
        "finish posting completed",
        "resume",
        "assign review",
    ]


@pytest.mark.parametrize(
    ("amount", "expected"), [(0, ["pass receipt-check", "assign printing"]), (1, ["assign receipt-check"])]
)
def test_the_amount_decides_whether_its_receipt_is_checked(amount: int, expected: list[str]) -> None:
    route = BY_CODE["1.013978"].route()
    effects = leave(route, ["tax"], "tax", "completed", Facts(amount=amount))
    assert described(effects) == ["finish tax completed", "resume", *expected]


def test_a_chain_of_passed_over_steps_may_reach_the_end() -> None:
    steps = [
        plain_step("a", {"done": "b"}),
        plain_step("b", {"done": "c"}, when={"cases": ["x"]}, otherwise="c"),
        plain_step("c", {"done": "end"}, when={"outcome": {"step": "b", "in": ["done"]}}, otherwise="end"),
    ]
    route = _made(steps)
    assert described(leave(route, ["a"], "a", "done", Facts(case="y"))) == [
        "finish a done",
        "pass b",
        "pass c",
        "resolve done",
    ]
    assert described(leave(route, ["a"], "a", "done", Facts(case="x"))) == ["finish a done", "assign b"]
    assert described(leave(route, ["b"], "b", "done", Facts(case="x"))) == ["finish b done", "assign c"]


def test_an_outer_join_waits_for_an_inner_one_reached_at_the_same_time() -> None:
    never = {"cases": ["x"]}
    steps = [
        plain_step("a", {"done": ["b", "c"]}),
        plain_step("b", {"done": "outer"}, when=never, otherwise="outer"),
        plain_step("c", {"done": "inner-end"}, when=never, otherwise=["d", "e"]),
        plain_step("d", {"done": "inner"}, when=never, otherwise="inner"),
        plain_step("e", {"done": "inner"}, when=never, otherwise="inner"),
        plain_step("inner", {"done": "inner-end"}, join=True),
        plain_step("inner-end", {"done": "outer"}),
        plain_step("outer", {"done": "end"}, join=True),
    ]
    assert list(check_route({"start": "a", "steps": steps})) == []
    route = _made(steps)
    assert described(leave(route, ["a"], "a", "done")) == [
        "finish a done",
        *("pass b", "pass c", "pass d", "pass e"),
        "assign inner",
    ]
    assert described(leave(route, ["inner-end"], "inner-end", "done")) == ["finish inner-end done", "assign outer"]


def test_a_condition_sees_the_latest_outcome_of_a_step() -> None:
    steps = [
        plain_step("a", {"done": "b", "more": "b"}),
        plain_step("b", {"done": "end"}, when={"outcome": {"step": "a", "in": ["more"]}}, otherwise="end"),
    ]
    route = _made(steps)
    assert described(leave(route, ["a"], "a", "done", Facts(outcomes={"a": "more"})))[-1] == "resolve done"
    assert described(leave(route, ["a"], "a", "more", Facts(outcomes={"a": "done"})))[-1] == "assign b"


def test_a_route_with_no_step_to_do_does_not_begin() -> None:
    route = _made([plain_step("a", {"done": "end"}, when={"cases": ["x"]}, otherwise="end")])
    with pytest.raises(NothingToDo, match='no step of route "r" is to be done for case "y"'):
        begin(route, Facts(case="y"))
    assert described(begin(route, Facts(case="x"))) == ["assign a"]


def _route(*steps: tuple[str, bool, str]) -> Route:
    return _made([_step(id_, counted, following) for id_, counted, following in steps])


def _made(steps: list[dict[str, Any]]) -> Route:
    return Route.from_dict("r", {"start": steps[0]["id"], "steps": steps})


def _step(id_: str, counted: bool, following: str, role: str = "tax", hours: int = 2) -> dict[str, Any]:
    return plain_step(id_, {"done": following}, counted) | {"agency_role": role, "working_hours": hours}

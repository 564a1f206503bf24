"""What follows when a step is done: tables over the real land route, and random walks over every built-in route."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.process import (
    AmountMissing,
    AmountNotAllowed,
    Assign,
    Effect,
    Finish,
    Pause,
    RequestPayment,
    Resolve,
    Resume,
    StepNotOpen,
    agency_roles,
    begin,
    complete,
    handling_step,
    leave,
)
from shared.catalogue import UnknownOutcome, load_builtin
from shared.catalogue.route import Route
from tests.routing.world import LAND

LAND_ROUTE = next(procedure for procedure in load_builtin() if procedure.code == LAND).route("transfer")
ROUTES = {f"{procedure.code}/{route.id}": route for procedure in load_builtin() for route in procedure.routes}


def told(effects: list[Effect]) -> list[str]:
    """Effects in short: ``finish tax obligation``, ``assign printing`` …"""
    return [_short(effect) for effect in effects]


def _short(effect: Effect) -> str:
    match effect:
        case Assign(step):
            return f"assign {step.id}"
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


def test_the_way_begins_with_the_first_step() -> None:
    assert told(begin(LAND_ROUTE)) == ["assign transfer"]


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
def test_what_follows_in_the_land_procedure(step: str, outcome: str, expected: list[str]) -> None:
    assert told(complete(LAND_ROUTE, [step], step, outcome, None)) == expected


def test_an_obligation_is_requested_and_the_step_goes_on_when_it_is_paid() -> None:
    assert told(complete(LAND_ROUTE, ["tax"], "tax", "obligation", 5)) == ["request tax 5 tax obligation"]
    assert told(leave(LAND_ROUTE, ["tax"], "tax", "obligation")) == [
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


def test_an_unknown_outcome_names_those_that_are_allowed() -> None:
    with pytest.raises(UnknownOutcome) as caught:
        complete(LAND_ROUTE, ["assessment"], "assessment", "refused", None)
    assert caught.value.options == ("completed", "no_tax")


@pytest.mark.parametrize("outcome", ["completed", "obligation"])
def test_a_step_at_which_the_dossier_does_not_stand_cannot_be_completed(outcome: str) -> None:
    with pytest.raises(StepNotOpen, match="it stands at printing"):
        complete(LAND_ROUTE, ["printing"], "tax", outcome, 5 if outcome == "obligation" else None)


def test_uncounted_steps_that_follow_each_other_are_one_pause() -> None:
    route = _route(("a", True, "b"), ("b", False, "c"), ("c", False, "d"), ("d", True, "end"))
    assert told(leave(route, ["a"], "a", "done")) == ["finish a done", "pause b", "assign b"]
    assert told(leave(route, ["b"], "b", "done")) == ["finish b done", "assign c"]
    assert told(leave(route, ["c"], "c", "done")) == ["finish c done", "resume", "assign d"]


def test_a_way_may_begin_and_end_with_uncounted_time() -> None:
    route = _route(("a", False, "end"))
    assert told(begin(route)) == ["pause a", "assign a"]
    assert told(leave(route, ["a"], "a", "done")) == ["finish a done", "resume", "resolve done"]


def test_with_several_open_steps_the_clock_runs_while_one_is_counted_and_the_last_one_resolves() -> None:
    route = _route(("a", True, "end"), ("b", False, "end"))
    assert told(leave(route, ["a", "b"], "a", "done")) == ["finish a done", "pause b"]
    assert told(leave(route, ["a", "b"], "b", "done")) == ["finish b done"]
    assert told(leave(route, ["b"], "b", "done")) == ["finish b done", "resume", "resolve done"]


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
    assert handling_step(Route.from_dict("r", {"start": steps[0][0], "steps": made})).id == expected


def test_land_is_handled_by_the_land_registry() -> None:
    assert handling_step(LAND_ROUTE).agency_role == "land_registry"
    assert agency_roles(LAND_ROUTE) == ("one_stop_desk", "land_registry", "tax")


@given(st.data())
def test_whatever_is_done_a_dossier_stays_consistent_until_it_reaches_the_end(data: st.DataObject) -> None:
    """A model of the dossier: where it stands, whether its clock is paused, whether a payment is awaited."""
    route = ROUTES[data.draw(st.sampled_from(sorted(ROUTES)))]
    standing: list[str] = []
    awaited: str | None = None
    paused = resolved = False

    def carry_out(effects: list[Effect]) -> None:
        nonlocal awaited, paused, resolved
        for effect in effects:
            match effect:
                case Assign(step):
                    standing.append(step.id)
                case Finish(step, _):
                    standing.remove(step.id)
                    awaited = None
                case RequestPayment(_, outcome, _, amount):
                    assert amount > 0
                    awaited = outcome
                case Pause():
                    assert not paused
                    paused = True
                case Resume():
                    assert paused
                    paused = False
                case Resolve():
                    assert not resolved
                    resolved = True

    carry_out(begin(route))
    for _ in range(data.draw(st.integers(0, 40))):
        if resolved:
            break
        (step_id,) = standing
        assert paused == (not route.step(step_id).counted)
        if awaited is not None:
            carry_out(leave(route, standing, step_id, awaited))
            continue
        outcome = data.draw(st.sampled_from(sorted(route.step(step_id).outcomes)))
        obligation = route.step(step_id).obligation
        amount = 1000 if obligation and obligation.outcome == outcome else None
        carry_out(complete(route, standing, step_id, outcome, amount))
    assert resolved == (not standing)
    assert not (resolved and paused)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_built_in_route_reaches_its_end_by_its_first_outcomes(name: str) -> None:
    route, effects = ROUTES[name], begin(ROUTES[name])
    for _ in range(len(route.steps)):
        assigned = [effect.step for effect in effects if isinstance(effect, Assign)]
        if not assigned:
            break
        (step,) = assigned
        effects = leave(route, [step.id], step.id, next(iter(step.outcomes)))
    assert isinstance(effects[-1], Resolve)


def _route(*steps: tuple[str, bool, str]) -> Route:
    made = [_step(id_, counted, following) for id_, counted, following in steps]
    return Route.from_dict("r", {"start": steps[0][0], "steps": made})


def _step(id_: str, counted: bool, following: str, role: str = "tax", hours: int = 2) -> dict[str, object]:
    return {
        "id": id_,
        "task": id_,
        "task_en": id_,
        "agency_role": role,
        "official_role": "officer",
        "working_hours": hours,
        "counted": counted,
        "outcomes": {"done": following},
    }

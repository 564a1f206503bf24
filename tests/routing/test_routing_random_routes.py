"""On any valid route every step is open at most once, and the dossier ends in one result."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from shared.catalogue import Facts, Procedure, check_catalogue, load_builtin
from shared.catalogue.graph import END
from shared.catalogue.route import Route
from shared.catalogue.validation.routes import check_route
from tests.routing.route_strategies import facts, nested_routes, walk_to_the_end, wild_routes

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

CASES = [
    pytest.param(procedure, case.code, id=f"{procedure.code}-{case.code}")
    for procedure in load_builtin()
    for case in procedure.cases
]


@patient
@given(nested_routes())
def test_nested_sequences_forks_and_joins_are_valid(data: dict[str, Any]) -> None:
    assert list(check_route(data)) == []


@patient
@given(st.data(), nested_routes(), facts, st.integers(0, 3))
def test_every_walk_ends_in_one_result(data: st.DataObject, route: dict[str, Any], known: Facts, returns: int) -> None:
    walk = walk_to_the_end(data.draw, Route.from_dict("r", route), known, returns)
    assert walk.resolved == 1
    assert walk.open_steps == []
    assert not walk.paused


@patient
@given(st.data(), nested_routes(), facts)
def test_a_join_begins_once_for_each_fork(data: st.DataObject, route: dict[str, Any], known: Facts) -> None:
    made = Route.from_dict("r", route)
    walk = walk_to_the_end(data.draw, made, known, returns=0)
    for fork in made.forks:
        assert walk.forked[fork.step] <= 1
        if fork.meeting != END:
            assert walk.arrivals[fork.meeting] == walk.forked[fork.step]


@patient
@given(st.data(), wild_routes(), facts, st.integers(0, 2))
def test_every_route_found_valid_can_be_walked(
    data: st.DataObject, route: dict[str, Any], known: Facts, returns: int
) -> None:
    assume(not list(check_route(route)))
    made = Route.from_dict("r", route)
    event("with a fork" if made.forks else "without a fork")
    walk = walk_to_the_end(data.draw, made, known, returns)
    assert walk.resolved == 1


@pytest.mark.parametrize(("procedure", "case"), CASES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_built_in_route_reaches_its_end(procedure: Procedure, case: str, data: st.DataObject) -> None:
    choices = list(procedure.linked.choices()) if procedure.linked else [frozenset()]
    known = Facts(case=case, chosen=data.draw(st.sampled_from(choices)))
    walk = walk_to_the_end(data.draw, procedure.route(case), known, data.draw(st.integers(0, 3)))
    assert walk.resolved == 1


def test_the_built_in_catalogue_has_no_fault() -> None:
    assert check_catalogue({"procedures": [procedure.as_dict() for procedure in load_builtin()]}) == []

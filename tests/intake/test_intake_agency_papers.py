"""An agency's own service reads a dossier's papers: only its own step's, only while the step is its, and on record."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.plugin_access import store as step_grants
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, REGISTRY, World, at

GIVEN = "2025-11-20T10:00:00+07:00"
ENDED = "2025-11-21T09:00:00+07:00"
ENDINGS: dict[str, dict[str, Any]] = {
    "step.completed": {"completed_at": ENDED},
    "step.returned": {"returned_at": ENDED},
    "supplement.requested": {"requested_at": ENDED},
    "dossier.stopped": {"stopped_at": ENDED},
    "dossier.resolved": {"resolved_at": ENDED},
}


@pytest.fixture
def code(world: World) -> str:
    made = str(world.file()["code"])
    assign(world, made)
    return made


def assign(world: World, code: str, task: str = "t-1", agency: str = REGISTRY, when: str = GIVEN) -> None:
    world.happen("step.assigned", code, task=task, agency=agency, assigned_at=when)


def read(world: World, task: str = "t-1", agency: str = REGISTRY, role: str = "agency") -> Any:
    return world.get(f"/agency/steps/{task}/papers", agency=agency, role=role)


def test_the_papers_of_a_step(world: World, code: str) -> None:
    answer = read(world)
    assert answer.status_code == 200
    papers = answer.json.pop("papers")
    assert [(paper["code"], paper["kind"], paper["copies"]) for paper in papers] == [
        ("application", "form", 1),
        ("certificate", "original", 1),
        ("contract", "original", 1),
    ]
    assert {**answer.json, "papers": 0} == {
        "dossier": code,
        "procedure": LAND,
        "case": "transfer",
        "received_at": "2025-11-20T08:15:00+07:00",
        "papers": 0,
        "applicant": {
            "name": "Nguyễn Thị Bưởi",
            "id_number": "095185001234",
            "phone": "0912345678",
            "email": "buoi@example.vn",
            "address": "Ấp Long Thành",
        },
    }
    assert [(row["action"], row["agency"], row["role"], row["dossier"]) for row in world.rows("audit")] == [
        ("papers", REGISTRY, "agency", code)
    ]


def test_an_unknown_step(world: World, code: str) -> None:
    assert read(world, "t-9").status_code == 404
    assert world.client.get("/intake/api/agency/steps/t-1/papers").status_code == 401


@pytest.mark.parametrize(
    ("agency", "role"),
    [(OTHER_DESK, "agency"), (DESK, "agency"), ("", "agency"), (REGISTRY, "officer"), (REGISTRY, "clerk")],
)
def test_nobody_else_may(world: World, code: str, agency: str, role: str) -> None:
    assert read(world, agency=agency, role=role).status_code == 403
    assert world.rows("audit") == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_step_that_is_over(world: World, code: str, ending: str) -> None:
    world.happen(ending, code, task="t-1", agency=REGISTRY, **ENDINGS[ending])
    answer = read(world)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:step-over")
    assert read(world, agency=OTHER_DESK).status_code == 403
    assert world.rows("audit") == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_step_whose_end_is_heard_of_first_is_never_open(world: World, ending: str) -> None:
    code = world.file()["code"]
    world.happen(ending, code, 2, task="t-1", agency=REGISTRY, **ENDINGS[ending])
    assign(world, code)
    assert read(world).status_code in (404, 409)
    assign(world, code)
    assert read(world).status_code in (404, 409)


@pytest.mark.parametrize("ending", ["step.completed", "step.returned", "supplement.requested"])
def test_the_end_of_one_step_leaves_the_others_open(world: World, code: str, ending: str) -> None:
    assign(world, code, "t-2", DESK)
    world.happen(ending, code, task="t-1", agency=REGISTRY, **ENDINGS[ending])
    assert (read(world).status_code, read(world, "t-2", DESK).status_code) == (409, 200)


@pytest.mark.parametrize("ending", ["dossier.stopped", "dossier.resolved"])
def test_the_end_of_a_dossier_is_the_end_of_all_its_steps(world: World, code: str, ending: str) -> None:
    assign(world, code, "t-2", DESK)
    other = world.file()["code"]
    assign(world, other, "t-3", DESK)
    world.happen(ending, code, **ENDINGS[ending])
    statuses = [read(world, task, agency).status_code for task, agency in (("t-1", REGISTRY), ("t-2", DESK))]
    assert statuses == [409, 409]
    assert read(world, "t-3", DESK).status_code == 200


def test_a_step_beside_the_newest_one_is_open_too(world: World, code: str) -> None:
    assign(world, code, "t-2", DESK, "2025-11-20T09:59:00+07:00")
    assert read(world, "t-2", DESK).status_code == 200


def test_after_the_supplement_the_step_is_the_agencys_again(world: World, code: str) -> None:
    world.happen("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at=ENDED)
    assert world.post(f"/dossiers/{code}/supplement", {"papers": ["Bản vẽ"]}).status_code == 200
    assert read(world).status_code == 409
    world.happen("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    answer = read(world)
    assert (answer.status_code, answer.json["papers"][-1]["name"]) == (200, "Bản vẽ")
    world.happen("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at=ENDED)
    assert read(world).status_code == 200
    world.happen("step.completed", code, task="t-1", agency=REGISTRY, completed_at="2025-11-26T09:00:00+07:00")
    world.happen("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    assert read(world).status_code == 409


def test_a_supplement_does_not_give_back_a_step_that_has_ended_since(world: World, code: str) -> None:
    world.happen("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at=ENDED)
    world.happen("step.returned", code, task="t-1", agency=REGISTRY, returned_at="2025-11-22T09:00:00+07:00")
    world.happen("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    assert read(world).status_code == 409


def test_after_a_merger_the_successor_reads(world: World) -> None:
    world.hand.seconds = at("2025-06-26 08:00").timestamp()
    code = world.file(receiving_agency="000.21.34.H04")["code"]
    assign(world, code, agency="000.21.34.H04", when="2025-06-26T09:00:00+07:00")
    world.hand.seconds = at("2025-07-03 08:00").timestamp()
    successor = world.store.reference.agencies.successor("000.21.34.H04", at("2025-07-03 08:00").date()).code
    assert read(world, agency=successor).status_code == 200


MOMENTS = [at(f"2025-11-{day} 09:00") for day in range(20, 26)]
TURNS = st.lists(st.tuples(st.booleans(), st.sampled_from(MOMENTS)), unique=True, max_size=5)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TURNS)
def test_what_happened_last_counts_in_whatever_order_it_is_heard(
    world: World, turns: list[tuple[bool, datetime]]
) -> None:
    """At one and the same moment the end counts."""
    begun = max((moment for begins, moment in turns if begins), default=None)
    ended = max((moment for begins, moment in turns if not begins), default=None)
    is_open = begun is not None and (ended is None or begun > ended)
    with world.store.uow() as work:
        work.connection.execute(step_grants.step_grants.delete())
        for number, order in enumerate(itertools.islice(itertools.permutations(turns), 24)):
            task = f"t-{number}"
            for begins, moment in order:
                change = step_grants.grant if begins else step_grants.revoke
                change(work.connection, "D-1", task, REGISTRY, moment)
                change(work.connection, "D-1", task, REGISTRY, moment)
            grant = step_grants.find(work.connection, task)
            assert (grant is not None and grant.is_open) == is_open, order

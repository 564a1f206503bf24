"""Routes with forks, joins, conditions, waits and sub-dossiers: which are sound, and what is reported of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

import shared.catalogue
from shared.agencies import LEVELS
from shared.catalogue.route import AgencyLevel, Route
from shared.catalogue.validation.routes import check_route
from shared.data_files.schema import position

Steps = list[dict[str, Any]]


def step(id_: str, to: Any, **more: Any) -> dict[str, Any]:
    outcomes = to if isinstance(to, dict) else {"completed": to}
    given = {"task": "Việc", "task_en": "Work", "agency_role": "tax", "official_role": "officer"}
    return {"id": id_, **given, "working_hours": 1, "counted": True, "outcomes": outcomes, **more}


def found(steps: Steps) -> list[str]:
    return [f"{position(path)}: {message}" for path, message in check_route({"start": steps[0]["id"], "steps": steps})]


ANY: dict[str, Any] = {"when": {"cases": ["x"]}}

SOUND: dict[str, Steps] = {
    "fork and join": [step("a", ["b", "c"]), step("b", "d"), step("c", "d"), step("d", "end", join=True)],
    "branches that end": [step("a", ["b", "c"]), step("b", "end"), step("c", "end")],
    "return within a branch": [
        *(step("a", ["b", "c"]), step("b", "b2"), step("b2", {"completed": "d", "returned": "b"})),
        *(step("c", "d"), step("d", "end", join=True)),
    ],
    "return from the join to before the fork": [
        *(step("a", ["b", "c"]), step("b", "d"), step("c", "d")),
        step("d", {"completed": "end", "returned": "a"}, join=True),
    ],
    "return from the join into a branch": [
        *(step("a", ["b", "c"]), step("b", "d"), step("c", "d")),
        step("d", {"completed": "end", "returned": "b"}, join=True),
    ],
    "two forks that share a branch": [
        *(step("a", {"few": ["b", "c"], "many": ["b", "c", "d"]}), step("b", "e"), step("c", "e"), step("d", "e")),
        step("e", "end", join=True),
    ],
    "fork in a branch": [
        *(step("a", ["b", "c"]), step("b", ["b1", "b2"]), step("b1", "b3"), step("b2", "b3")),
        *(step("b3", "d", join=True), step("c", "d"), step("d", "end", join=True)),
    ],
    "fork in a branch that meets where all meet": [
        *(step("a", ["b", "c"]), step("b", ["b1", "b2"]), step("b1", "d"), step("b2", "d")),
        *(step("c", "d"), step("d", "end", join=True)),
    ],
    "past the fork to the join": [
        *(step("a", {"completed": ["b", "c"], "direct": "d"}), step("b", "d"), step("c", "d")),
        step("d", "end", join=True),
    ],
}


@pytest.mark.parametrize("steps", SOUND.values(), ids=SOUND)
def test_sound_routes(steps: Steps) -> None:
    assert found(steps) == []


UNSOUND: dict[str, tuple[Steps, list[str]]] = {
    "no join": (
        [step("a", ["b", "c"]), step("b", "d"), step("c", "d"), step("d", "end")],
        ['steps[0].outcomes.completed: the branches meet at step "d", which is no join'],
    ),
    "a branch leaves past the join": (
        [
            step("a", ["b", "c"]),
            step("b", {"completed": "d", "refused": "end"}),
            step("c", "d"),
            step("d", "end", join=True),
        ],
        [
            'steps[0].outcomes.completed: branches "b" and "c" both lead to step "d" before all branches meet',
            'steps[3].join: no branches of a fork meet at step "d"',
        ],
    ),
    "a branch returns to before the fork": (
        [
            *(step("z", "a"), step("a", ["b", "c"]), step("b", {"completed": "d", "returned": "z"})),
            *(step("c", "d"), step("d", "end", join=True)),
        ],
        ['steps[1].outcomes.completed: branch "b" leads back to step "a", before the fork'],
    ),
    "a branch leads into another": (
        [step("a", ["b", "c"]), step("b", "c"), step("c", "end")],
        ['steps[0].outcomes.completed: the other branches lead to branch "c"'],
    ),
    "two of three branches meet earlier": (
        [
            *(step("a", ["b", "c", "e"]), step("b", "d"), step("c", "d"), step("d", "f")),
            *(step("e", "f"), step("f", "end", join=True)),
        ],
        ['steps[0].outcomes.completed: branches "b" and "c" both lead to step "d" before all branches meet'],
    ),
    "a join where nothing meets": (
        [step("a", "b"), step("b", "end", join=True)],
        ['steps[1].join: no branches of a fork meet at step "b"'],
    ),
    "a fork on skipping": (
        [step("a", "b"), step("b", "c", when={"chosen": "x"}, otherwise=["c", "d"]), step("c", "d"), step("d", "end")],
        ['steps[1].otherwise: the other branches lead to branch "d"'],
    ),
    "the end as a branch": (
        [step("a", ["b", "end"]), step("b", "end")],
        ['steps[0].outcomes.completed: "end" is no branch of a fork'],
    ),
    "an unknown branch": (
        [step("a", ["b", "x"]), step("b", "end")],
        ['steps[0].outcomes.completed: names no step "x"'],
    ),
    "out of order": (
        [step("a", "c"), step("b", "end"), step("c", "b")],
        [
            'steps[0]: from step "a" the end is reached only by going back',
            'steps[1]: step "b" is reached only by going back; list the steps in the order of the route',
            'steps[2]: from step "c" the end is reached only by going back',
        ],
    ),
    "when without otherwise": (
        [step("a", "b"), step("b", "end", **ANY)],
        ["steps[1].when: needs otherwise beside it: the target of a dossier that skips the step"],
    ),
    "otherwise without when": (
        [step("a", "b"), step("b", "end", otherwise="end")],
        ["steps[1].otherwise: has no meaning without when"],
    ),
    "otherwise to nowhere": (
        [step("a", "b"), step("b", "end", **ANY, otherwise="x")],
        ['steps[1].otherwise: names no step "x"'],
    ),
    "skipping leads back": (
        [step("a", "b"), step("b", "end", **ANY, otherwise="a")],
        ['steps[1].otherwise: leads back to step "a"; skipping a step must lead forward'],
    ),
    "all may be skipped": (
        [step("a", "b", **ANY, otherwise="b"), step("b", "end", **ANY, otherwise="end")],
        ["start: a dossier could skip every step on its way to the end"],
    ),
    "unknown step and outcome of a condition": (
        [
            *(step("a", "b"), step("b", "c", when={"outcome": {"step": "x", "in": ["completed"]}}, otherwise="c")),
            step("c", "end", when={"outcome": {"step": "a", "in": ["completed", "no_tax"]}}, otherwise="end"),
        ],
        [
            'steps[1].when.outcome.step: names no step "x"',
            'steps[2].when.outcome.in[1]: names no outcome "no_tax" of step "a"',
        ],
    ),
    "amounts that nothing fits": (
        [step("a", "b"), step("b", "end", when={"amount_from": 5, "amount_below": 5}, otherwise="end")],
        ["steps[1].when.amount_from: must be less than amount_below, 5"],
    ),
    "a counted step that waits": (
        [step("a", "end", wait_days=15)],
        ["steps[0].wait_days: only a step that is not counted can wait"],
    ),
    "a sub-dossier with work of its own": (
        [
            step(
                "a",
                "end",
                counted=False,
                wait_days=15,
                sub={"procedure": "1.000001", "case": "a"},
                obligation={"kind": "fee", "name": "Phí", "outcome": "completed"},
            )
        ],
        [
            "steps[0].obligation: a step done by a sub-dossier cannot create an obligation",
            "steps[0].wait_days: a step done by a sub-dossier cannot wait",
        ],
    ),
}


@pytest.mark.parametrize(("steps", "faults"), UNSOUND.values(), ids=UNSOUND)
def test_unsound_routes_are_reported(steps: Steps, faults: list[str]) -> None:
    assert found(steps) == faults


def test_steps_between_fork_and_join() -> None:
    route = Route.from_dict("r", {"start": "a", "steps": SOUND["fork in a branch"]})
    assert route.before_join("d") == {"b", "b1", "b2", "b3", "c"}
    assert route.before_join("b3") == {"b1", "b2"}
    assert route.before_join("a") == frozenset()
    assert {fork.step: fork.meeting for fork in route.forks} == {"a": "d", "b": "b3"}


def test_levels_are_those_of_the_agencies() -> None:
    assert set(get_args(AgencyLevel)) == set(LEVELS)
    schema = json.loads(
        (Path(shared.catalogue.__file__).parent / "schema" / "catalogue.schema.json").read_text("utf-8")
    )
    assert tuple(schema["$defs"]["step"]["properties"]["agency_level"]["enum"]) == LEVELS

"""Procedures for tests: short definitions of routes, published as intake publishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.routing.service_fixture import CODE, RoutingFixture, definition, published

OTHER = "9.000001"


def step(
    id_: str, role: str, outcomes: Mapping[str, Any] | Any = "end", hours: float = 8, **more: Any
) -> dict[str, Any]:
    """A step in the catalogue's JSON format; `outcomes` may be only the target of ``completed``."""
    leads = dict(outcomes) if isinstance(outcomes, Mapping) else {"completed": outcomes}
    return {
        "id": id_,
        "task": f"Việc {id_}",
        "task_en": id_,
        "agency_role": role,
        "official_role": "officer",
        "working_hours": hours,
        "counted": True,
        "outcomes": leads,
    } | more


def procedure(
    steps: Sequence[dict[str, Any]], code: str = OTHER, cases: Sequence[str] = ("default",)
) -> dict[str, Any]:
    """A procedure with one route for all its cases, 20 working days each."""
    base = definition("1.014028")
    case = base["cases"][0] | {"limit": {"working_days": 20}, "route": "way"}
    return base | {
        "code": code,
        "cases": [case | {"code": name} for name in cases],
        "routes": {"way": {"start": steps[0]["id"], "steps": list(steps)}},
    }


def begin(service: RoutingFixture, steps: Sequence[dict[str, Any]], case: str = "default", **data: Any) -> None:
    """Publishes a procedure of these steps and receives a dossier of it."""
    made = procedure(steps, cases=("default", "other"))
    assert service.apply(published(OTHER, definition=made)).applied == 1
    outcome = service.receive(CODE, procedure=OTHER, case=case, promised_at="2025-12-18T17:30:00+07:00", **data)
    assert outcome.applied == 1, service.parked()


def forked() -> list[dict[str, Any]]:
    """A fork at the desk into police and tax, which meet at the desk again."""
    return [
        step("entry", "one_stop_desk", ["police", "tax"]),
        step("police", "police", "collect"),
        step("tax", "tax", "collect"),
        step("collect", "one_stop_desk", "end", join=True),
    ]


def sub_step(code: str, **outcomes: str) -> list[dict[str, Any]]:
    """A way whose second step is done by a sub-dossier."""
    return [
        step("entry", "one_stop_desk", "funeral"),
        step("funeral", "labour", outcomes, hours=24, sub={"procedure": code, "case": "default"}),
        step("collect", "one_stop_desk", "end"),
    ]

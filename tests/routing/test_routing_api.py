"""Routing's JSON API: worklists, completing steps, a dossier's clock; access; problems; audit."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from shared.auth import ROLES
from shared.web.authorization import routes_with_roles
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TAX, Client, Headers, RoutingFixture, at, complete


@pytest.fixture
def land(sqlite_land: RoutingFixture) -> RoutingFixture:
    """On SQLite; what a database may answer differently is asked on both in test_routing_api_stores.py."""
    return sqlite_land


def test_a_step_is_completed(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    task = land.open_task()
    answer = complete(client, task.id, clerk, note="Đủ giấy tờ")
    assert answer.status_code == 200
    assert answer.json["state"] == "done"
    assert answer.json["completed_by"] == "clerk-1"
    assert answer.json["note"] == "Đủ giấy tờ"
    assert answer.json["outcomes"] == []
    assert land.open_task().step == "assessment"
    assert "note" not in land.emitted("step.completed")[0].data


def test_a_step_that_awaits_payment_cannot_be_completed(land: RoutingFixture, client: Client) -> None:
    land.complete("transfer")
    land.complete("assessment")
    tax = land.token("officer", TAX)
    task = land.open_task()
    assert complete(client, task.id, tax, "obligation", amount=5_000_000).json["state"] == "awaiting_payment"
    answer = complete(client, task.id, tax)
    assert (answer.status_code, answer.json["state"]) == (409, "awaiting_payment")
    assert "awaits the citizen's payment" in answer.json["detail_en"]


def test_an_unknown_outcome_lists_those_allowed(land: RoutingFixture, client: Client, officer: Headers) -> None:
    land.complete("transfer")
    answer = complete(client, land.open_task().id, officer, "refused")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "outcome"
    assert answer.json["allowed"] == ["completed", "no_tax"]


@pytest.mark.parametrize("body", [{}, {"amount": 0}, {"amount": -5}, {"amount": 10**15 + 1}, {"amount": "5"}])
def test_an_obligation_needs_an_amount(land: RoutingFixture, client: Client, body: dict[str, Any]) -> None:
    land.complete("transfer")
    land.complete("assessment")
    answer = complete(client, land.open_task().id, land.token("officer", TAX), "obligation", **body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "amount"
    assert land.open_task().state == "open"


def test_another_outcome_takes_no_amount(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    answer = complete(client, land.open_task().id, clerk, amount=5)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "amount")


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("clerk", DESK, 403),  # another agency
        ("officer", TAX, 403),
        ("clerk", REGISTRY, 403),  # too low
        ("officer", REGISTRY, 200),
        ("leader", REGISTRY, 200),  # higher
        ("agency", REGISTRY, 200),  # its own system
        (["clerk", "officer"], REGISTRY, 200),
        ("citizen", REGISTRY, 403),
        ("operator", REGISTRY, 403),
        ("officer", "", 403),
    ],
)
def test_who_completes_an_officers_step(
    land: RoutingFixture, client: Client, role: str | list[str], agency: str, status: int
) -> None:
    land.complete("transfer")
    assert complete(client, land.open_task().id, land.token(role, agency)).status_code == status
    assert (land.open_task().step == "assessment") == (status == 403)


def test_only_a_leader_completes_a_leaders_step(land: RoutingFixture, client: Client, officer: Headers) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    land.complete("printing")
    land.complete("checking")
    answer = complete(client, land.open_task().id, officer)
    assert (answer.status_code, answer.json["roles"]) == (403, ["leader"])


def test_a_step_that_does_not_exist(client: Client, clerk: Headers) -> None:
    assert complete(client, "0198f0a2-0000-7000-8000-000000000000", clerk).status_code == 404
    assert client.get("/routing/api/tasks/none", headers=clerk).status_code == 404
    assert client.get("/routing/api/dossiers/none", headers=clerk).status_code == 404


def test_a_worklist_shows_the_possible_outcomes(land: RoutingFixture, client: Client, officer: Headers) -> None:
    land.complete("transfer")
    task = land.open_task()
    (shown,) = client.get("/routing/api/tasks?state=open", headers=officer).json["items"]
    assert shown == {
        "id": task.id,
        "dossier": CODE,
        "root": CODE,
        "kind": "step",
        "step": "assessment",
        "name": "Thẩm định hồ sơ, lập phiếu chuyển thông tin địa chính",
        "agency": REGISTRY,
        "from_agency": DESK,
        "official_role": "officer",
        "official": None,
        "outcomes": ["completed", "no_tax"],
        "obligation_outcome": None,
        "counted": True,
        "assigned_at": "2025-11-20T08:15:00+07:00",
        "receipt_due_at": "2025-11-21T17:30:00+07:00",
        "accepted_at": None,
        "due_at": "2025-11-24T08:15:00+07:00",
        "wait_until": None,
        "state": "open",
        "refusal": None,
        "overdue": False,
        "due_soon": False,
        "escalation": 0,
    }


def test_a_step_past_its_due_time_is_overdue_in_the_worklist(
    land: RoutingFixture, client: Client, clerk: Headers
) -> None:
    land.advance_to(at("2025-11-21 08:00"))
    (item,) = client.get("/routing/api/tasks", headers=clerk).json["items"]
    assert item["overdue"] is True


@pytest.mark.parametrize("query", ["state=late", "limit=0", "limit=201", "limit=x", "colour=red"])
def test_a_worklist_refuses_unknown_arguments(client: Client, clerk: Headers, query: str) -> None:
    assert client.get(f"/routing/api/tasks?{query}", headers=clerk).status_code == 422


def test_staff_see_their_own_agency_only(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    task = land.open_task()
    stranger = land.token("leader", REGISTRY)
    assert client.get(f"/routing/api/tasks/{task.id}", headers=clerk).json["id"] == task.id
    assert client.get(f"/routing/api/tasks/{task.id}", headers=stranger).status_code == 403
    assert client.get(f"/routing/api/tasks?agency={DESK}", headers=stranger).status_code == 403
    assert client.get("/routing/api/tasks", headers=land.token("officer")).status_code == 403
    assert client.get("/routing/api/tasks", headers=land.token("operator", DESK)).status_code == 403
    assert client.get("/routing/api/tasks").status_code == 401


def test_a_waiting_dossier_shows_its_pause(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    land.complete("transfer")
    land.complete("assessment")
    land.advance(timedelta(hours=2))
    clock = client.get(f"/routing/api/dossiers/{CODE}", headers=clerk).json["clock"]
    assert (clock["paused"], clock["uncounted_minutes"], clock["explanation"]) == (True, 120, [])


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("clerk", DESK, 200),  # the receiving agency
        ("officer", REGISTRY, 200),  # the handling agency
        ("officer", TAX, 403),  # not involved: this dossier owes no tax
        ("leader", "H12.20", 403),
        ("operator", DESK, 403),
        ("citizen", "", 403),
    ],
)
def test_who_sees_a_dossier(land: RoutingFixture, client: Client, role: str, agency: str, status: int) -> None:
    answer = client.get(f"/routing/api/dossiers/{CODE}", headers=land.token(role, agency))
    assert answer.status_code == status


def test_a_read_that_cannot_be_audited_fails(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    with land.store.uow() as work:
        work.connection.exec_driver_sql("DROP TABLE reading_audit")
    answer = client.get(f"/routing/api/dossiers/{CODE}", headers=clerk)
    assert answer.status_code == 500
    assert CODE not in answer.text


def test_every_route_of_the_api_is_for_staff_alone(land: RoutingFixture, client: Client) -> None:
    walked = [
        route for route in routes_with_roles(land.app()) if "/api/" in route.path and route.access.roles != {"auditor"}
    ]
    assert walked
    names = {"<task_id>": land.open_task().id, "<code>": CODE, "<queue_id>": "unit", "<centre>": DESK}
    for route in walked:
        path = route.path
        for name, value in {**names, "<day>": "2025-11-20", "<subject>": "x", "<official>": "x", "<id_>": "x"}.items():
            path = path.replace(name, value)
        assert client.open(path, method=route.method).status_code == 401
        for role in set(ROLES) - {"officer", "leader", "clerk", "agency"}:
            answer = client.open(path, method=route.method, headers=land.token(role, DESK), json={})
            assert answer.status_code == 403, (role, path)


def test_staff_and_queue_routes_are_for_officials_and_decisions_for_leaders(
    land: RoutingFixture, client: Client
) -> None:
    leading = {"assign", "extend", "stop", "officials", "absences", "duties", "mandates"}
    for route in routes_with_roles(land.app()):
        last_words = set(route.path.split("/"))
        if "/api/" not in route.path or route.access.roles is None:
            continue
        if last_words & {"officials", "absences", "duties", "mandates", "queues"} or route.path.endswith("/claim"):
            assert "agency" not in route.access.roles, route.path
        if route.method != "GET" and last_words & leading:
            assert route.access.roles == {"leader"}, route.path


def test_the_api_has_an_openapi_description(land: RoutingFixture, client: Client) -> None:
    described = client.get("/routing/openapi.json").json
    walked = {
        re.sub(r"<(\w+)>", r"{\1}", route.path) for route in routes_with_roles(land.app()) if "/api/" in route.path
    }
    assert set(described["paths"]) == walked

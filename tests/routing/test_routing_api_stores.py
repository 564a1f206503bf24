"""Routing's JSON API on either store: pages, keys, mergers, the clock, the audit of reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from sqlalchemy import select

from shared.agencies import Agencies, Agency, Unit
from shared.persistence.reading_audit import reading_audit
from shared.runtime.reference_data import Reference
from tests.routing.service_fixture import (
    CODE,
    DESK,
    PROMISED,
    REGISTRY,
    TAX,
    Client,
    Headers,
    RoutingFixture,
    at,
    complete,
    reference,
)
from tests.support.prepared import Maker, migrated


def audited(service: RoutingFixture) -> list[tuple[str, str, str, str]]:
    columns = reading_audit.c
    with service.store.read() as connection:
        rows = connection.execute(
            select(columns.subject, columns.agency, columns.action, columns.record).order_by(columns.id)
        )
        return [tuple(row) for row in rows]


def test_an_idempotency_key_completes_once(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    task = land.open_task()
    first, second = (complete(client, task.id, {**clerk, "Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    assert second.headers["Idempotency-Replayed"] == "true"
    assert land.event_names("step.completed") == ["step.completed"]


def test_of_many_who_complete_a_step_at_once_one_succeeds(land: RoutingFixture) -> None:
    app, task, people = land.app(), land.open_task(), 4
    start = threading.Barrier(people)

    def attempt(number: int) -> int:
        start.wait()
        return (
            app.test_client()
            .post(
                f"/routing/api/tasks/{task.id}/complete",
                json={"outcome": "completed"},
                headers=land.token("clerk", DESK, f"clerk-{number}"),
            )
            .status_code
        )

    with ThreadPoolExecutor(people) as pool:
        assert sorted(pool.map(attempt, range(people))) == [200, 409, 409, 409]
    assert land.event_names() == ["step.assigned", "step.completed", "official.completed_step", "step.assigned"]


def test_a_completed_step_says_who_completed_it_and_when(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    task = land.open_task()
    complete(client, task.id, clerk)
    answer = complete(client, task.id, land.token("leader", DESK, "leader-1"))
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"].endswith(":step-completed")
    assert (answer.json["completed_by"], answer.json["completed_at"]) == ("clerk-1", "2025-11-20T08:15:00+07:00")
    assert "clerk-1" in answer.json["detail_en"]


def test_when_no_agency_is_left_for_the_next_step_the_step_stays_open(
    ready_store: Callable[[Maker], str], tmp_path: Path
) -> None:
    unit = Unit("place", "Xã", "commune", date(2025, 7, 1))
    desk = Agency("D", "Một cửa", "commune", "place", ("one_stop_desk",), date(2025, 7, 1))
    others = Agency(
        "O", "Đất, thuế", "commune", "place", ("land_registry", "tax"), date(2025, 7, 1), date(2025, 11, 20)
    )
    known = Reference(Agencies([unit], [desk, others]), reference().regulations)
    service = RoutingFixture(ready_store(migrated("routing")), tmp_path, known=known)
    service.publish()
    service.receive(receiving_agency="D")
    service.advance_to(at("2025-11-21 08:00"))
    client = service.client()
    answer = complete(client, service.open_task().id, service.token("clerk", "D"))
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:unroutable")
    assert "no land_registry near D on 2025-11-21" in answer.json["detail_en"]
    assert (service.open_task().step, service.event_names()) == ("transfer", ["step.assigned"])
    service.store.close()


def test_a_worklist_is_read_page_by_page_without_gaps(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    codes = [f"000.00.14.H57-251120-03{number:02}" for number in range(7)]
    for code in codes:
        land.receive(code)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(f"/routing/api/tasks?limit=3&cursor={cursor}", headers=clerk).json
        assert len(page["items"]) <= 3
        seen += [item["dossier"] for item in page["items"]]
        cursor = page["next"]
    assert seen == [CODE, *codes]


def test_a_worklist_can_be_filtered(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    land.receive("000.00.14.H57-251120-0301")
    land.complete("transfer")

    def listed(query: str) -> list[tuple[str, str]]:
        items = client.get(f"/routing/api/tasks?{query}", headers=clerk).json["items"]
        return [(item["dossier"], item["state"]) for item in items]

    assert listed(f"dossier={CODE}&agency={DESK}") == [(CODE, "done")]
    assert listed("state=open") == [("000.00.14.H57-251120-0301", "open")]
    assert listed("state=awaiting_payment") == []


def test_after_a_merger_the_successor_sees_and_completes_the_old_steps(service: RoutingFixture) -> None:
    service.advance_to(at("2025-06-26 08:00"))
    service.publish()
    service.receive(receiving_agency="000.21.34.H04", received_at="2025-06-26T08:00:00+07:00")
    service.complete("transfer")
    service.advance_to(at("2025-07-02 08:00"))
    officer = service.token("officer", REGISTRY)
    client = service.client()
    (item,) = client.get("/routing/api/tasks?state=open", headers=officer).json["items"]
    assert item["agency"] == "001.34.13.H04"
    assert complete(client, item["id"], officer, "no_tax").status_code == 200
    assert client.get(f"/routing/api/dossiers/{CODE}", headers=service.token("clerk", DESK)).status_code == 200


def test_a_dossier_shows_its_steps_and_its_clock(land: RoutingFixture, client: Client, clerk: Headers) -> None:
    land.advance_to(at("2025-11-20 10:15"))
    land.complete("transfer")
    land.complete("assessment")
    land.advance_to(at("2025-11-21 10:15"))
    land.complete("tax")
    land.advance_to(at("2025-11-21 11:15"))
    shown = client.get(f"/routing/api/dossiers/{CODE}", headers=clerk).json
    assert [step["step"] for step in shown["steps"]] == ["transfer", "assessment", "tax", "printing"]
    assert (shown["state"], shown["handling_agency"], shown["case"]) == ("active", REGISTRY, "transfer")
    clock = shown["clock"]
    assert clock["intervals"] == [
        {
            "kind": "counted",
            "reason": "",
            "from": "2025-11-20T08:15:00+07:00",
            "to": "2025-11-20T10:15:00+07:00",
            "working_minutes": 120,
        },
        {
            "kind": "uncounted",
            "reason": "tax",
            "from": "2025-11-20T10:15:00+07:00",
            "to": "2025-11-21T10:15:00+07:00",
            "working_minutes": 480,
        },
        {
            "kind": "counted",
            "reason": "",
            "from": "2025-11-21T10:15:00+07:00",
            "to": None,
            "working_minutes": 60,
        },
    ]
    assert (clock["counted_minutes"], clock["uncounted_minutes"]) == (180, 480)
    assert (clock["promised_at"], clock["due_at"]) == (PROMISED.isoformat(), "2025-12-03T17:30:00+07:00")
    assert (clock["paused"], clock["overdue_at"]) == (False, None)
    assert clock["explanation"][-1]["vi"] == "Hết hạn lúc 17:30 ngày 03/12/2025"


def test_every_read_by_staff_is_audited_but_no_refused_one(
    land: RoutingFixture, client: Client, clerk: Headers
) -> None:
    task = land.open_task()
    stranger = land.token("officer", TAX, "stranger-1")
    for headers in (clerk, stranger):
        client.get("/routing/api/tasks?agency=H12.31.01", headers=headers)
        client.get(f"/routing/api/tasks?agency=H12.31.01&dossier={CODE}", headers=headers)
        client.get(f"/routing/api/tasks/{task.id}", headers=headers)
        client.get(f"/routing/api/dossiers/{CODE}", headers=headers)
    assert audited(land) == [
        ("clerk-1", DESK, "tasks", DESK),
        ("clerk-1", DESK, "tasks", CODE),
        ("clerk-1", DESK, "task", CODE),
        ("clerk-1", DESK, "dossier", CODE),
    ]

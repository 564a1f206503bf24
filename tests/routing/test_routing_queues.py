"""Work queues: the number on a tile is the length of its list, for every queue and viewer; search; pages without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from services.routing.commands.claim import claim
from services.routing.commands.hand_over import accept, refuse
from services.routing.domain.states import TaskState
from services.routing.domain.step_permissions import Official
from services.routing.queries.work_queues import all_queues, read_queues
from shared.data_files import DataError, Record
from shared.regulations import RuleViolation
from tests.routing.service_fixture import DESK, REGISTRY, TAX, Client, RoutingFixture, complete

VIEWERS = {
    "clerk at the desk": (["clerk"], DESK, "clerk-1"),
    "officer of the registry": (["officer"], REGISTRY, "officer-1"),
    "another officer": (["officer"], REGISTRY, "officer-2"),
    "leader of the registry": (["leader"], REGISTRY, "leader-1"),
    "officer and leader": (["officer", "leader"], TAX, "leader-2"),
    "leader above the desk": (["leader"], "H12.31", "leader-3"),
    "leader of the province": (["leader"], "H12", "leader-4"),
    "clerk of no agency of these": (["clerk"], "H12.20", "clerk-2"),
}
WAY = ("transfer", "assessment", "tax", "printing", "checking", "signing", "hand-over", "receive-result")


@pytest.fixture
def busy(service: RoutingFixture) -> RoutingFixture:
    """Dossiers in all situations: claimed, refused, paid for, supplemented, late, ended."""
    service.publish()
    chance = Random(7)
    for number in range(16):
        service.advance_to(service.store.clock.now() + timedelta(hours=1))
        code = f"000.00.14.H57-251120-{number:04}"
        service.receive(code)
        for step in WAY[: 1 if number == 1 else chance.randint(0, len(WAY))]:
            service.complete(step, code=code)
        _something(service, code, number, chance)
    service.advance_to(service.store.clock.now() + timedelta(days=1))
    service.sweep()
    return service


def _something(service: RoutingFixture, code: str, number: int, chance: Random) -> None:
    open_tasks = service.open_tasks(code)
    if not open_tasks:
        return
    (task,) = open_tasks
    with suppress(RuleViolation):  # an agency refuses no work of its own, and asks for papers in time only
        match number % 5:
            case 0:
                officer = Official(chance.choice(["officer-1", "officer-2"]), task.agency, "leader")
                service.run(lambda work: claim(work, task.id, officer))
            case 1:
                service.run(lambda work: refuse(work, task.id, "Thiếu", "officer-1"))
            case 2:
                service.request_supplement(task.step, code=code)
            case 3:
                service.run(lambda work: accept(work, task.id, "officer-1"))
            case _ if task.step == "tax":
                service.complete("tax", "obligation", 5_000_000, code)


def pages(
    client: Client, queue: str, headers: dict[str, str], limit: int, search: str = ""
) -> Iterator[dict[str, Any]]:
    """A queue's lines, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": limit, "cursor": cursor, "search": search}
        page = client.get(f"/routing/api/queues/{queue}", query_string=query, headers=headers).json
        assert len(page["items"]) <= limit
        yield from page["items"]
        cursor = page["next"]


def test_the_number_on_every_tile_is_the_length_of_its_list(busy: RoutingFixture) -> None:
    client = busy.client()
    seen: dict[str, int] = {}
    for roles, agency, subject in VIEWERS.values():
        headers = busy.token(roles, agency, subject)
        for tile in client.get("/routing/api/queues", headers=headers).json["items"]:
            lines = list(pages(client, tile["id"], headers, 200))
            assert len(lines) == tile["count"], (subject, tile)
            assert [line["id"] for line in pages(client, tile["id"], headers, 2)] == [line["id"] for line in lines]
            assert len({line["id"] for line in lines}) == len(lines)
            dues = [line["due_at"] or "9999" for line in lines]
            assert dues == sorted(dues), "the most urgent first"
            seen[tile["id"]] = seen.get(tile["id"], 0) + tile["count"]
    assert set(seen) == {queue.id for queue in all_queues()}
    empty = {id_ for id_, number in seen.items() if not number}
    assert empty <= {"due_soon"}, "a queue that is never filled is not tested"


def test_completed_steps_are_in_no_queue(busy: RoutingFixture) -> None:
    client, headers = busy.client(), busy.token("leader", REGISTRY, "leader-1")
    over = {TaskState.DONE, TaskState.CANCELLED}
    for queue in all_queues():
        assert not {line["state"] for line in pages(client, queue.id, headers, 200)} & over


def test_a_queue_is_searched_by_code(busy: RoutingFixture) -> None:
    client, headers = busy.client(), busy.token("clerk", DESK, "clerk-1")
    wanted = {line["root"] for line in pages(client, "unit", headers, 200)}
    assert len(wanted) > 1
    one = sorted(wanted)[0]
    assert [line["root"] for line in pages(client, "unit", headers, 200, search=one[-4:])] == [one]
    assert [line["root"] for line in pages(client, "unit", headers, 200, search=one.lower())] == [one]
    assert list(pages(client, "unit", headers, 200, search="%")) == []
    assert list(pages(client, "unit", headers, 200, search="_")) == []


def test_queues_show_each_viewer_their_own_steps(sqlite_land: RoutingFixture) -> None:
    client, clerk = sqlite_land.client(), sqlite_land.token("clerk", DESK)
    assert client.get("/routing/api/queues/escalated", headers=clerk).status_code == 404
    assert client.get("/routing/api/queues/none", headers=clerk).status_code == 404
    ids = [tile["id"] for tile in client.get("/routing/api/queues", headers=clerk).json["items"]]
    assert ids == [queue.id for queue in all_queues() if queue.seen_by(["clerk"])]


def test_a_step_awaiting_the_citizen_is_not_overdue(land: RoutingFixture, client: Client) -> None:
    land.complete("transfer")
    land.request_supplement("assessment")
    land.advance(timedelta(days=7))
    officer = land.token("officer", REGISTRY)
    assert list(pages(client, "overdue", officer, 50)) == []
    (line,) = pages(client, "waiting_citizen", officer, 50)
    assert (line["overdue"], line["due_soon"], line["paused"]) == (False, False, True)


def test_a_bulk_completion_continues_after_a_failure(land: RoutingFixture, client: Client) -> None:
    codes = [f"000.00.14.H57-251120-04{number:02}" for number in range(3)]
    for code in codes:
        land.receive(code)
    done = land.step("transfer", codes[1])
    land.complete("transfer", code=codes[1])
    others = [land.step("transfer", code).id for code in (codes[0], codes[2])]
    body = {"tasks": [*others, done.id, "none"], "outcome": "completed"}
    answer = client.post("/routing/api/tasks/complete", json=body, headers=land.token("clerk", DESK, "clerk-1"))
    assert (answer.status_code, answer.json["done"]) == (200, 2)
    results = {item["id"]: item for item in answer.json["items"]}
    assert [results[id_]["done"] for id_ in others] == [True, True]
    assert results[done.id]["problem"]["status"] == 409
    assert results["none"]["problem"]["status"] == 404
    for code in codes:
        assert land.event_names(code=code) == [
            "step.assigned",
            "step.completed",
            "official.completed_step",
            "step.assigned",
        ]


def test_events_of_a_failed_completion_are_rolled_back(sqlite_service: RoutingFixture) -> None:
    """`dossier.overdue` is emitted before the next step turns out to have no agency."""
    service = sqlite_service
    service.publish()
    good, bad = "000.00.14.H57-251120-0501", "000.00.14.H57-251120-0502"
    for code in (good, bad):
        service.receive(code)
    service.advance_to(service.dossier(good).due_at + timedelta(minutes=1))
    with service.store.uow() as work:
        work.connection.exec_driver_sql(f"UPDATE dossier SET receiving_agency = 'gone' WHERE code = '{bad}'")
    tasks = [service.step("transfer", code).id for code in (good, bad)]
    body = {"tasks": tasks, "outcome": "completed"}
    client = service.client()
    answer = client.post("/routing/api/tasks/complete", json=body, headers=service.token("clerk", DESK))
    assert answer.json["done"] == 1
    completed = ["step.completed", "official.completed_step", "step.assigned"]
    assert service.event_names(code=good)[1:] == ["dossier.overdue", *completed]
    assert service.event_names(code=bad) == ["step.assigned"]
    assert service.dossier(bad).overdue_at is None


def test_a_bulk_completion_has_a_maximum_size(sqlite_land: RoutingFixture) -> None:
    client, clerk = sqlite_land.client(), sqlite_land.token("clerk", DESK)
    for tasks in ([], ["x"] * 101):
        body = {"tasks": tasks, "outcome": "completed"}
        assert client.post("/routing/api/tasks/complete", json=body, headers=clerk).status_code == 422


def test_a_step_completed_between_two_pages_breaks_no_page(land: RoutingFixture, client: Client) -> None:
    codes = [f"000.00.14.H57-251120-06{number:02}" for number in range(5)]
    for code in codes:
        land.receive(code)
    clerk = land.token("clerk", DESK)
    first = client.get("/routing/api/queues/unit?limit=3", headers=clerk).json
    complete(client, first["items"][-1]["id"], clerk)
    rest = client.get(f"/routing/api/queues/unit?limit=9&cursor={first['next']}", headers=clerk).json["items"]
    seen = [line["id"] for line in [*first["items"], *rest]]
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"id": "x", "vi": "x", "en": "x", "who": "all"}, "who: 'all' is none of mine"),
        ({"id": "x", "vi": "x", "en": "x", "who": "unit", "due": "later"}, "due: 'later' is none of soon"),
        ({"id": "x", "vi": "x", "en": "x", "who": "unit", "colour": "red"}, "colour: unknown"),
        ({"id": "x", "vi": "x", "en": "x", "who": "unit", "states": ["late"]}, r"states\[0\]: 'late' is none of open"),
        ({"id": "x", "who": "unit"}, r"queues\[0\] \(x\): vi: missing"),
    ],
)
def test_faults_of_the_queue_data_are_listed(entry: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read_queues(Record({"queues": [entry]}, "queues.json"))


def test_duplicate_queue_ids_and_an_empty_list_are_faults() -> None:
    one = {"id": "x", "vi": "x", "en": "x", "who": "unit"}
    with pytest.raises(DataError, match="queue x is there twice"):
        read_queues(Record({"queues": [one, one]}, "queues.json"))
    with pytest.raises(DataError, match="queues: missing"):
        read_queues(Record({}, "queues.json"))
    with pytest.raises(DataError, match="queues: must have at least 1 entry"):
        read_queues(Record({"queues": []}, "queues.json"))

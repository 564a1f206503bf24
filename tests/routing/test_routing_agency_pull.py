"""Agencies that fetch their events over HTTPS and post their decisions: the same events, the same effects, each once."""

from __future__ import annotations

import threading
import time
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from services.routing.agency_http import commands
from services.routing.agency_http.long_poll import WaitingPlaces, wait_for
from services.routing.agency_http.store import agency_events
from services.routing.commands.hand_over import resend
from services.routing.plugins import store as plugins
from services.routing.plugins.registry import plug_in, send_open_steps
from services.routing.plugins.ways import Way
from services.routing.store.tasks import Task
from shared.messaging import inbox
from shared.messaging.event import Event
from shared.persistence import epoch
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.service_fixture import CODE, REGISTRY, TAX, Client, Headers, RoutingFixture, decision, received

EVENTS, ACK, DECISIONS = (f"/routing/api/agency/{name}" for name in ("events", "events/ack", "decisions"))
SECOND = "000.00.14.H57-251120-0119"
THIRD = "000.00.14.H57-251120-0120"


@pytest.fixture
def pulling(land: RoutingFixture) -> RoutingFixture:
    """The land registry fetches its events, and has its first step."""
    commands.connect(land.store, REGISTRY, Way.PULL)
    land.complete("transfer")
    return land


@pytest.fixture
def web(pulling: RoutingFixture) -> Client:
    return pulling.client()


@pytest.fixture
def registry(pulling: RoutingFixture) -> Headers:
    return pulling.token("agency", REGISTRY, f"agency:{REGISTRY}")


def kept(service: RoutingFixture, agency: str = REGISTRY) -> list[Event]:
    """All events for an agency, in order."""
    columns = agency_events.c
    with service.store.read() as connection:
        bodies = connection.execute(
            select(columns.body).where(columns.agency == agency).order_by(columns.number)
        ).scalars()
        return [Event.from_json(body) for body in bodies]


def listed(web: Client, who: Headers, **asked: int) -> list[dict[str, Any]]:
    answer = web.get(EVENTS, query_string=asked, headers=who)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def acknowledge(web: Client, who: Headers, *ids: str) -> Any:
    return web.post(ACK, json={"ids": list(ids)}, headers=who).json


def post(web: Client, who: Headers, made: Event, **changes: Any) -> Any:
    body = orjson.loads(made.to_json()) | changes
    return web.post(DECISIONS, data=orjson.dumps(body), headers=who, content_type="application/cloudevents+json")


def second_dossier(service: RoutingFixture, code: str = SECOND) -> Task:
    service.receive(code)
    service.complete("transfer", code=code)
    return service.step("assessment", code)


def test_an_agency_fetches_the_same_event_as_by_amqp(pulling: RoutingFixture, web: Client, registry: Headers) -> None:
    task = pulling.step("assessment")
    (item,) = listed(web, registry)
    assert (item["type"], item["source"]) == ("vn.motcua.agency.step.assigned.v1", "/motcua/routing")
    assert (item["partitionkey"], item["sequence"], item["specversion"]) == (CODE, f"{1:016d}", "1.0")
    assert (item["data"]["task"], item["data"]["dossier"], item["data"]["agency"]) == (task.id, CODE, REGISTRY)
    assert item["data"]["outcomes"] == ["completed", "no_tax"]
    assert pulling.emitted("agency.step.assigned") == []
    assert listed(web, registry) == [item], "what is not acknowledged comes again"


def test_the_next_event_of_a_dossier_comes_when_the_one_before_is_acknowledged(
    pulling: RoutingFixture, web: Client, registry: Headers
) -> None:
    second_dossier(pulling)
    pulling.withdraw()
    first, other = listed(web, registry)
    assert (first["partitionkey"], other["partitionkey"]) == (CODE, SECOND)
    assert acknowledge(web, registry, first["id"], "never") == {"acknowledged": [first["id"]], "unknown_ids": ["never"]}
    assert acknowledge(web, registry, first["id"])["acknowledged"] == [first["id"]]
    cancelled = next(item for item in listed(web, registry) if item["partitionkey"] == CODE)
    assert (cancelled["type"], cancelled["sequence"]) == ("vn.motcua.agency.step.cancelled.v1", f"{2:016d}")
    acknowledge(web, registry, cancelled["id"], other["id"])
    assert listed(web, registry) == []


def test_pages_go_on_behind_what_cannot_be_handled_now(pulling: RoutingFixture, web: Client, registry: Headers) -> None:
    second_dossier(pulling)
    second_dossier(pulling, THIRD)
    seen, after = [], 0
    for more in (True, True, False):
        page = web.get(EVENTS, query_string={"limit": 1, "after": after}, headers=registry).json
        seen += [item["partitionkey"] for item in page["items"]]
        after = page["next"]
        assert page["more"] == more
    assert seen == [CODE, SECOND, THIRD]
    assert web.get(EVENTS, query_string={"after": after}, headers=registry).json == {
        "items": [],
        "next": after,
        "more": False,
    }


def test_an_agency_gets_and_acknowledges_only_its_own(pulling: RoutingFixture, web: Client, registry: Headers) -> None:
    commands.connect(pulling.store, TAX, Way.PULL)
    tax = pulling.token("agency", TAX, f"agency:{TAX}")
    (item,) = listed(web, registry)
    assert listed(web, tax) == []
    assert acknowledge(web, tax, item["id"]) == {"acknowledged": [], "unknown_ids": [item["id"]]}
    assert listed(web, registry) == [item]


@pytest.mark.parametrize("way", [None, Way.AMQP, Way.WEBHOOK])
def test_who_is_connected_in_another_way_is_told(land: RoutingFixture, way: Way | None) -> None:
    if way is not None:
        commands.connect(land.store, REGISTRY, way)
    web, who = land.client(), land.token("agency", REGISTRY)
    for answer in (web.get(EVENTS, headers=who), web.post(ACK, json={"ids": ["x"]}, headers=who)):
        assert (answer.status_code, answer.json["type"].rpartition(":")[2]) == (409, "not-by-pull")


def test_a_posted_decision_takes_effect_once(pulling: RoutingFixture, web: Client, registry: Headers) -> None:
    task = pulling.step("assessment")
    made = decision("agency.step.completed", task, outcome="no_tax", by="cb-1", note="Đủ điều kiện")
    answer = post(web, registry, made)
    assert (answer.status_code, answer.json) == (
        200,
        {"id": made.id, "state": "applied", "code": "", "message_vi": "", "message_en": ""},
    )
    done = pulling.task(task.id)
    assert (done.state, done.outcome, done.note, done.completed_by) == (
        "done",
        "no_tax",
        "Đủ điều kiện",
        f"{REGISTRY}:cb-1",
    )
    assert post(web, registry, made).json["state"] == "repeated"
    assert pulling.apply(made).duplicates == 1, "by AMQP it is a repeat too"
    assert [one.data["step"] for one in kept(pulling)] == ["assessment", "printing"]
    pulling.entries()


def test_a_decision_that_came_by_amqp_is_a_repeat_over_https(
    pulling: RoutingFixture, web: Client, registry: Headers
) -> None:
    made = decision("agency.step.completed", pulling.step("assessment"), outcome="no_tax")
    assert pulling.apply(made).applied == 1
    assert post(web, registry, made).json["state"] == "repeated"


def test_a_rejected_decision_is_answered_and_told_by_an_event(
    pulling: RoutingFixture, web: Client, registry: Headers
) -> None:
    task = pulling.step("assessment")
    made = decision("agency.step.completed", task, outcome="refused")
    answer = post(web, registry, made).json
    assert (answer["state"], answer["code"]) == ("rejected", "unknown_outcome")
    assert answer["message_vi"]
    assert answer["message_en"]
    told = kept(pulling)[-1]
    assert (told.name, told.data["decision"], told.data["code"]) == (
        "agency.decision.rejected",
        made.id,
        "unknown_outcome",
    )
    assert pulling.task(task.id).state == "open"


def test_an_id_that_was_used_for_another_decision_is_refused(
    pulling: RoutingFixture, web: Client, registry: Headers
) -> None:
    task = pulling.step("assessment")
    made = decision("agency.step.accepted", task)
    assert post(web, registry, made).json["state"] == "applied"
    other = decision("agency.step.completed", task, id=made.id, outcome="no_tax")
    for _ in range(2):
        answer = post(web, registry, other).json
        assert (answer["state"], answer["code"]) == ("rejected", "decision_id_reused")
        assert answer["message_vi"]
    assert [one.data["code"] for one in kept(pulling) if one.name == "agency.decision.rejected"] == [
        "decision_id_reused"
    ]
    assert pulling.task(task.id).state == "open"


FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another source": ({"source": f"/agency/{TAX}"}, {}, "source"),
    "an event of the platform": ({"type": "vn.motcua.agency.step.assigned.v1"}, {}, "type"),
    "another agency": ({}, {"agency": TAX}, "data.agency"),
    "another key": ({"partitionkey": SECOND}, {}, "partitionkey"),
    "another version": ({"specversion": "0.3"}, {}, "specversion"),
    "no id": ({"id": ""}, {}, "id"),
    "a NUL": ({"id": "x\x00y"}, {}, "id"),
    "no offset": ({"time": "2025-11-20T10:00:00"}, {}, "time"),
    "a long sequence": ({"sequence": "9" * 20}, {}, "id"),
    "a word as sequence": ({"sequence": "first"}, {}, "sequence"),
    "data in a text": ({"data": "{}"}, {}, "data"),
    "no outcome": ({}, {"outcome": None}, "data.outcome"),
    "a long note": ({}, {"note": "x" * 2001}, "data.note"),
    "no date": ({}, {"decided_at": "tomorrow"}, "data.decided_at"),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_bad_decision_is_refused_with_the_name_of_its_field(
    pulling: RoutingFixture, web: Client, registry: Headers, fault: str
) -> None:
    attributes, data, field = FAULTS[fault]
    made = decision("agency.step.completed", pulling.step("assessment"), outcome="no_tax")
    body = {"data": made.data | data} | attributes
    answer = post(web, registry, made, **body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json.get("errors", [])], answer.text
    assert pulling.open_task().state == "open"
    with pulling.store.read() as connection:
        assert inbox.known(connection, made.source, [made.id]) == set()


def test_what_cannot_be_applied_yet_changes_nothing_and_may_be_sent_again(
    pulling: RoutingFixture, web: Client, registry: Headers
) -> None:
    """An event of the dossier is parked, and a person must decide about it first."""
    task = pulling.step("assessment")
    made = decision("agency.step.completed", task, outcome="no_tax")
    assert pulling.apply(received(CODE, sequence=9, case="other")).parked == 1
    answer = post(web, registry, made)
    assert (answer.status_code, answer.json["type"].rpartition(":")[2]) == (503, "not-now")
    assert int(answer.headers["Retry-After"]) > 0
    assert pulling.task(task.id).state == "open"
    with pulling.store.read() as connection:
        assert inbox.known(connection, made.source, [made.id]) == set()


def test_other_roles_get_nothing(pulling: RoutingFixture, web: Client) -> None:
    officer = pulling.token("officer", REGISTRY)
    for answer in (
        web.get(EVENTS, headers=officer),
        web.post(ACK, json={"ids": ["x"]}, headers=officer),
        web.post(DECISIONS, json={}, headers=officer),
    ):
        assert answer.status_code == 403


def test_what_a_rolled_back_transaction_kept_is_gone(pulling: RoutingFixture) -> None:
    before = kept(pulling)

    def send_and_fail(work: UnitOfWork) -> None:
        assert send_open_steps(work, REGISTRY) == 1
        raise LookupError("the transaction fails")

    with pytest.raises(LookupError):
        pulling.run(send_and_fail)
    assert kept(pulling) == before


def test_a_change_of_the_way_sends_the_open_steps_once(land: RoutingFixture) -> None:
    land.plug_in(REGISTRY)
    land.complete("transfer")
    assert len(land.emitted("agency.step.assigned")) == 1
    assert commands.connect(land.store, REGISTRY, Way.PULL) == commands.Connected(True, 1)
    assert commands.connect(land.store, REGISTRY, Way.PULL) == commands.Connected(False, 0)
    assert [one.data["step"] for one in kept(land)] == ["assessment"]
    assert commands.connect(land.store, REGISTRY, Way.WEBHOOK) == commands.Connected(True, 0), "it waits already"
    assert commands.connect(land.store, REGISTRY, Way.AMQP) == commands.Connected(True, 1)
    assert len(land.emitted("agency.step.assigned")) == 2
    assert commands.connect(land.store, REGISTRY, Way.PULL) == commands.Connected(True, 1)
    web, who = land.client(), land.token("agency", REGISTRY)
    assert len(listed(web, who)) == 1, "what waited in the old way is not given twice"


def test_a_disconnected_agency_gets_nothing_and_begins_anew(pulling: RoutingFixture) -> None:
    assert commands.disconnect(pulling.store, REGISTRY)
    assert not commands.disconnect(pulling.store, REGISTRY)
    pulling.withdraw()
    assert len(kept(pulling)) == 1
    commands.connect(pulling.store, REGISTRY, Way.PULL)
    assert listed(pulling.client(), pulling.token("agency", REGISTRY)) == []


def test_a_grant_leaves_the_way_as_it_is(pulling: RoutingFixture) -> None:
    assert plug_in(pulling.store, REGISTRY, signs=True) == 0
    with pulling.store.read() as connection:
        assert plugins.way_of(connection, REGISTRY) == Way.PULL
        assert plugins.signs(connection, REGISTRY)


def test_a_restored_store_numbers_above_what_it_gave_before(pulling: RoutingFixture) -> None:
    pulling.run(lambda work: epoch.begin(work.connection, "a test", 1_760_000_000.0))
    task = pulling.step("assessment")
    pulling.apply(decision("agency.step.returned", task, reason="Thiếu bản đồ"))
    pulling.run(lambda work: resend(work, task.id, "Đã kèm", "clerk-1"))
    first, second = (one.sequence for one in kept(pulling))
    assert (first, epoch.epoch_of(second)) == (1, 1_760_000_000)


def test_a_request_waits_until_an_event_comes(pulling: RoutingFixture, web: Client, registry: Headers) -> None:
    (item,) = listed(web, registry)
    acknowledge(web, registry, item["id"])
    pulling.receive(SECOND)
    later = threading.Timer(0.7, lambda: pulling.complete("transfer", code=SECOND))
    later.start()
    begun = time.monotonic()
    (found,) = listed(web, registry, wait=20)
    later.join()
    assert (found["partitionkey"], found["data"]["step"]) == (SECOND, "assessment")
    assert 0.5 < time.monotonic() - begun < 15


def test_who_may_not_wait_is_told_when_to_ask_again(pulling: RoutingFixture, web: Client, registry: Headers) -> None:
    (item,) = listed(web, registry)
    acknowledge(web, registry, item["id"])
    places = WaitingPlaces(3)
    web.application.extensions["motcua-agency-waiting-places"] = places
    begun = time.monotonic()
    answer = web.get(EVENTS, query_string={"wait": 20}, headers=registry)
    assert (answer.status_code, answer.json["items"], answer.headers["Retry-After"]) == (200, [], "5")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("wait", ["21", "-1", "x", "٣", "9" * 400])
def test_an_impossible_wait_is_refused_at_once(
    pulling: RoutingFixture, web: Client, registry: Headers, wait: str
) -> None:
    answer = web.get(EVENTS, query_string={"wait": wait}, headers=registry)
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json["items"]


def test_waiting_never_uses_up_the_threads() -> None:
    places = WaitingPlaces(8)
    with places.take("A") as first, places.take("A") as same, places.take("B") as second, places.take("C") as third:
        assert (first, same, second, third) == (True, False, True, False)
    with places.take("C") as again:
        assert again


def test_a_wait_ends_when_the_process_ends() -> None:
    begun = time.monotonic()
    assert not wait_for(lambda: False, 20, lambda: True)
    assert not wait_for(lambda: False, 0.01, lambda: False)
    assert time.monotonic() - begun < 5

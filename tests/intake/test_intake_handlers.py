"""What intake hears from routing: in order, twice, late, poisoned, and from newer software."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake import handlers as intake_handlers
from services.intake.dossiers.domain import State, leads_to
from shared.contracts import REGISTRY
from shared.messaging.apply import Applier
from shared.messaging.retry_queue import RetryPolicy
from shared.persistence.store import UnitOfWork
from tests.intake.service_fixture import DESK, World, at
from tests.intake.service_fixture import REGISTRY as LAND_REGISTRY
from tests.support.events import deliveries, event
from tests.support.service import with_unknown_fields, without

TEN = "2025-11-20T10:00:00+07:00"
NOON = "2025-11-20T12:00:00+07:00"


def dossier(world: World, code: str) -> dict[str, Any]:
    (row,) = [row for row in world.rows("dossier") if row["code"] == code]
    return row


def states(world: World, code: str) -> list[int]:
    return [row["state"] for row in world.rows("transition") if row["dossier"] == code]


@pytest.fixture
def code(world: World) -> str:
    return str(world.file()["code"])


def assign(world: World, code: str, when: str = TEN, **data: Any) -> None:
    world.happen("step.assigned", code, agency=LAND_REGISTRY, name="Thẩm định", assigned_at=when, **data)


def test_handlers_are_the_subscriptions() -> None:
    assert tuple(sorted(intake_handlers.HANDLERS)) == REGISTRY.subscriptions()["intake"]


def test_a_step_makes_it_being_processed(world: World, code: str) -> None:
    assign(world, code)
    row = dossier(world, code)
    assert (row["state"], row["place_agency"], row["place_step"]) == (4, LAND_REGISTRY, "Thẩm định")
    assert row["place_due_at"] == at("2025-11-21 10:00")
    assert states(world, code) == [4]


def test_an_older_step_does_not_move_it_back(world: World, code: str) -> None:
    assign(world, code, NOON)
    world.happen("step.assigned", code, agency=DESK, name="Chuyển", assigned_at=TEN)
    assert dossier(world, code)["place_step"] == "Thẩm định"


def test_a_step_without_due_time(world: World, code: str) -> None:
    assign(world, code, due_at=None)
    assert dossier(world, code)["place_due_at"] is None


def test_an_obligation_waits_for_payment(world: World, code: str) -> None:
    assign(world, code)
    world.happen("obligation.requested", code, obligation="tax-1", amount=7_000)
    assert dossier(world, code)["state"] == 6
    (owed,) = world.rows("obligation")
    assert (owed["id"], owed["dossier"], owed["amount"], owed["paid_at"]) == ("tax-1", code, 7_000, None)
    assign(world, code, NOON)
    assert dossier(world, code)["state"] == 6


def test_the_same_obligation_again_changes_nothing(world: World, code: str) -> None:
    assign(world, code)
    world.happen("obligation.requested", code, obligation="tax-1", amount=7_000)
    assert (
        world.post(f"/dossiers/{code}/payments", {"obligation": "tax-1", "amount": 7_000, "method": "cash"}).status_code
        == 201
    )
    world.happen("obligation.requested", code, obligation="tax-1", amount=9_000)
    assert dossier(world, code)["state"] == 4
    assert [row["amount"] for row in world.rows("obligation")] == [7_000]


def test_the_clock_stands_and_runs_again(world: World, code: str) -> None:
    assign(world, code)
    world.happen("dossier.paused", code, paused_at=NOON)
    assert dossier(world, code)["paused"] is True
    world.happen("dossier.resumed", code, resumed_at="2025-11-25T09:00:00+07:00", due_at="2025-12-05T17:30:00+07:00")
    row = dossier(world, code)
    assert (row["paused"], row["due_at"]) == (False, at("2025-12-05 17:30"))
    assert row["promised_at"] < row["due_at"]
    world.happen("dossier.paused", code, paused_at=NOON)
    assert dossier(world, code)["paused"] is False


def test_a_result_is_at_the_desk(world: World, code: str) -> None:
    assign(world, code)
    world.happen("dossier.resolved", code, outcome="completed")
    row = dossier(world, code)
    assert (row["state"], row["outcome"], row["place_agency"], row["place_step"]) == (9, "completed", DESK, "")
    assert row["resolved_at"] == at("2025-12-02 09:00")
    assert states(world, code) == [4, 9]


def test_a_result_before_any_step(world: World, code: str) -> None:
    world.happen("dossier.resolved", code)
    assert dossier(world, code)["state"] == 9


def test_late_news_cannot_reopen_it(world: World, code: str) -> None:
    assign(world, code)
    world.happen("dossier.resolved", code)
    before = dossier(world, code)
    assign(world, code, "2025-12-03T08:00:00+07:00")
    world.happen("dossier.paused", code, paused_at="2025-12-03T08:00:00+07:00")
    world.happen("dossier.resolved", code, outcome="other", resolved_at="2025-12-04T08:00:00+07:00")
    world.happen("obligation.requested", code)
    assert dossier(world, code) == before
    assert world.post(f"/dossiers/{code}/return", {"citizen_notified": True}).status_code == 200
    assign(world, code, "2025-12-05T08:00:00+07:00")
    assert dossier(world, code)["state"] == 10


def test_the_same_event_twice(world: World, code: str) -> None:
    made = event("dossier.resolved", 1, dossier=code)
    assert world.applier.apply(deliveries(made, made)).duplicates == 1
    assert world.applier.apply(deliveries(made)).duplicates == 1
    assert states(world, code) == [9]


def test_an_unknown_dossier_waits_for_it(world: World) -> None:
    outcome = world.happen("step.assigned", "H12.31.01-251120-0001", assigned_at=TEN)
    assert (outcome.applied, outcome.held) == (0, 1)
    code = world.file()["code"]
    world.pass_(timedelta(minutes=1))
    assert world.applier.retry_due() == 1
    assert dossier(world, code)["state"] == 4


def test_poison_is_parked_and_the_rest_goes_on(world: World, code: str) -> None:
    bad_schema = event("dossier.paused", 1, dossier="H12.31.01-251120-0099", paused_at="yesterday")
    unknown = replace(
        event("dossier.resolved", 1, dossier="H12.31.01-251120-0098"), type="vn.motcua.dossier.resolved.v9"
    )
    good = event("dossier.resolved", 1, dossier=code)
    outcome = world.applier.apply(deliveries(b"{not json", bad_schema, unknown, good))
    assert (outcome.applied, outcome.parked) == (1, 3)
    assert dossier(world, code)["state"] == 9


def test_a_handlers_fault_is_held_and_tried_again(world: World, code: str) -> None:
    faults = [ZeroDivisionError("fault in a handler")]

    def faulty(made: Any, work: UnitOfWork) -> None:
        if faults:
            raise faults.pop()
        intake_handlers.HANDLERS["dossier.resolved"](made, work)

    applier = Applier(world.store, {**intake_handlers.HANDLERS, "dossier.resolved": faulty}, RetryPolicy(first=1.0))
    faults.append(ZeroDivisionError("and again, one by one"))
    made = deliveries(event("dossier.resolved", 1, dossier=code))
    assert applier.apply(made).held == 1
    assert dossier(world, code)["state"] == 2
    world.pass_(timedelta(seconds=2))
    assert applier.retry_due() == 1
    assert dossier(world, code)["state"] == 9


def test_fields_of_newer_software_are_ignored(world: World, code: str) -> None:
    outcome = world.happen("dossier.resolved", code, colour="green", also={"nested": [1]})
    assert outcome.applied == 1
    assert dossier(world, code)["state"] == 9


@pytest.mark.parametrize("name", sorted(intake_handlers.HANDLERS))
def test_every_kind_of_news_twice_newer_and_broken(world: World, code: str, name: str) -> None:
    made = event(name, 1, dossier=code)
    newer = with_unknown_fields(event(name, 2, dossier=code))
    broken = without(event(name, 1, dossier="H12.31.01-251120-0099"), "dossier")
    outcome = world.applier.apply(deliveries(made, broken, made, newer))
    assert (outcome.applied, outcome.duplicates, outcome.parked, outcome.held) == (2, 1, 1, 0)
    assert world.applier.apply(deliveries(made)).duplicates == 1


@pytest.mark.parametrize(
    "name", sorted(intake_handlers.HANDLERS.keys() - {"step.completed", "step.returned", "message.sent"})
)
def test_news_of_an_unknown_dossier_waits_for_it(world: World, name: str) -> None:
    outcome = world.happen(name, "H12.31.01-251120-0001")
    assert (outcome.applied, outcome.held) == (0, 1)
    world.file()
    world.pass_(timedelta(minutes=1))
    assert world.applier.retry_due() == 1


MOMENTS = [f"2025-11-{day}T09:00:00+07:00" for day in range(21, 27)]
TIME_FIELDS = {
    "step.assigned": "assigned_at",
    "step.completed": "completed_at",
    "step.returned": "returned_at",
    "obligation.requested": "requested_at",
    "supplement.requested": "requested_at",
    "dossier.paused": "paused_at",
    "dossier.resumed": "resumed_at",
    "dossier.extended": "extended_at",
    "dossier.stopped": "stopped_at",
    "dossier.resolved": "resolved_at",
}
NEWS = st.sampled_from(sorted(TIME_FIELDS))
ENDS = {"dossier.resolved": State.RESOLVED, "dossier.stopped": State.STOPPED}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NEWS, st.sampled_from(MOMENTS), st.booleans()), max_size=8))
def test_whatever_order_news_comes_in(lone_world: World, news: list[tuple[str, str, bool]]) -> None:
    code = lone_world.file()["code"]
    ended: tuple[State, datetime] | None = None
    for number, (name, moment, supplemented) in enumerate(news, 1):
        own = {"obligation": f"{code}-{number}", "task": f"{code}-{number % 3}", "supplemented": supplemented}
        outcome = lone_world.happen(name, code, number, **{TIME_FIELDS[name]: moment}, **own)
        assert outcome.applied == 1
        if name in ENDS and ended is None:
            ended = ENDS[name], datetime.fromisoformat(moment)
        row = dossier(lone_world, code)
        assert (row["state"] in (8, 9)) == (ended is not None)
        if ended is not None:
            assert (row["state"], row["resolved_at"] or row["stopped_at"]) == ended
            assert all(one["revoked_at"] for one in lone_world.rows("step_grant") if one["dossier"] == code)
    passed = [State.RECEIVED, *map(State, states(lone_world, code))]
    assert all(leads_to(before, after) for before, after in pairwise(passed))

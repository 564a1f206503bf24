"""Events from routing: in order, repeated, late, invalid, and from newer software."""

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
from shared.messaging import restored
from shared.messaging.apply import Applier
from shared.messaging.retry_policy import RetryPolicy
from shared.persistence.unit_of_work import UnitOfWork
from tests.intake.service_fixture import DESK, IntakeService, at
from tests.intake.service_fixture import REGISTRY as LAND_REGISTRY
from tests.support.events import deliveries, event
from tests.support.service import with_unknown_fields, without

TEN = "2025-11-20T10:00:00+07:00"
OF_DOSSIERS = intake_handlers.HANDLERS.keys() - restored.HANDLERS.keys()
NOON = "2025-11-20T12:00:00+07:00"


def dossier(intake: IntakeService, code: str) -> dict[str, Any]:
    (row,) = [row for row in intake.rows("dossier") if row["code"] == code]
    return row


def states(intake: IntakeService, code: str) -> list[int]:
    return [row["state"] for row in intake.rows("transition") if row["dossier"] == code]


@pytest.fixture
def code(intake: IntakeService) -> str:
    return str(intake.file()["code"])


def assign(intake: IntakeService, code: str, when: str = TEN, **data: Any) -> None:
    intake.receive_event("step.assigned", code, agency=LAND_REGISTRY, name="Thẩm định", assigned_at=when, **data)


def test_the_handler_table_matches_the_subscriptions() -> None:
    assert tuple(sorted(intake_handlers.HANDLERS)) == REGISTRY.subscriptions()["intake"]


def test_the_first_step_starts_processing(intake: IntakeService, code: str) -> None:
    assign(intake, code)
    row = dossier(intake, code)
    assert (row["state"], row["place_agency"], row["place_step"]) == (4, LAND_REGISTRY, "Thẩm định")
    assert row["place_due_at"] == at("2025-11-21 10:00")
    assert states(intake, code) == [4]


def test_an_older_step_does_not_move_it_back(intake: IntakeService, code: str) -> None:
    assign(intake, code, NOON)
    intake.receive_event("step.assigned", code, agency=DESK, name="Chuyển", assigned_at=TEN)
    assert dossier(intake, code)["place_step"] == "Thẩm định"


@pytest.mark.parametrize(("agency", "due_at"), [(LAND_REGISTRY, "2026-01-05"), ("H99.99", "2026-01-01")])
def test_staff_see_the_next_working_day_when_the_due_day_of_a_step_is_off(
    intake: IntakeService, code: str, agency: str, due_at: str
) -> None:
    intake.receive_event(
        "step.assigned", code, agency=agency, name="Thẩm định", assigned_at=TEN, due_at="2026-01-01T17:30:00+07:00"
    )
    assert intake.get(f"/dossiers/{code}").json["place"]["due_at"].startswith(due_at)


def test_a_step_without_due_time(intake: IntakeService, code: str) -> None:
    assign(intake, code, due_at=None)
    assert dossier(intake, code)["place_due_at"] is None


def test_an_obligation_waits_for_payment(intake: IntakeService, code: str) -> None:
    assign(intake, code)
    intake.receive_event("obligation.requested", code, obligation="tax-1", amount=7_000)
    assert dossier(intake, code)["state"] == 6
    (owed,) = intake.rows("obligation")
    assert (owed["id"], owed["dossier"], owed["amount"], owed["paid_at"]) == ("tax-1", code, 7_000, None)
    assign(intake, code, NOON)
    assert dossier(intake, code)["state"] == 6


def test_the_same_obligation_again_changes_nothing(intake: IntakeService, code: str) -> None:
    assign(intake, code)
    intake.receive_event("obligation.requested", code, obligation="tax-1", amount=7_000)
    assert (
        intake.post(
            f"/dossiers/{code}/payments", {"obligation": "tax-1", "amount": 7_000, "method": "cash"}
        ).status_code
        == 201
    )
    intake.receive_event("obligation.requested", code, obligation="tax-1", amount=7_000)
    assert dossier(intake, code)["state"] == 4
    assert [row["amount"] for row in intake.rows("obligation")] == [7_000]


def test_the_clock_pauses_and_resumes(intake: IntakeService, code: str) -> None:
    assign(intake, code)
    intake.receive_event("dossier.paused", code, paused_at=NOON)
    assert dossier(intake, code)["paused"] is True
    intake.receive_event(
        "dossier.resumed", code, resumed_at="2025-11-25T09:00:00+07:00", due_at="2025-12-05T17:30:00+07:00"
    )
    row = dossier(intake, code)
    assert (row["paused"], row["due_at"]) == (False, at("2025-12-05 17:30"))
    assert row["promised_at"] < row["due_at"]
    intake.receive_event("dossier.paused", code, paused_at=NOON)
    assert dossier(intake, code)["paused"] is False


def test_a_result_is_at_the_desk(intake: IntakeService, code: str) -> None:
    assign(intake, code)
    intake.receive_event("dossier.resolved", code, outcome="completed")
    row = dossier(intake, code)
    assert (row["state"], row["outcome"], row["place_agency"], row["place_step"]) == (9, "completed", DESK, "")
    assert row["resolved_at"] == at("2025-12-02 09:00")
    assert states(intake, code) == [4, 9]


def test_a_result_before_any_step(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.resolved", code)
    assert dossier(intake, code)["state"] == 9


def test_late_events_cannot_reopen_a_dossier(intake: IntakeService, code: str) -> None:
    assign(intake, code)
    intake.receive_event("dossier.resolved", code)
    before = dossier(intake, code)
    assign(intake, code, "2025-12-03T08:00:00+07:00")
    intake.receive_event("dossier.paused", code, paused_at="2025-12-03T08:00:00+07:00")
    intake.receive_event("dossier.resolved", code, resolved_at="2025-12-04T08:00:00+07:00")
    intake.receive_event("obligation.requested", code)
    assert dossier(intake, code) == before
    assert (
        intake.post(f"/dossiers/{code}/return", {"citizen_notified": True, "identity": "citizen_card"}).status_code
        == 200
    )
    assign(intake, code, "2025-12-05T08:00:00+07:00")
    assert dossier(intake, code)["state"] == 10


def test_the_same_event_twice(intake: IntakeService, code: str) -> None:
    incoming = event("dossier.resolved", 1, dossier=code)
    assert intake.applier.apply(deliveries(incoming, incoming)).duplicates == 1
    assert intake.applier.apply(deliveries(incoming)).duplicates == 1
    assert states(intake, code) == [4, 9]


def test_a_lost_first_step_is_in_the_history_once_whether_it_comes_late_or_never(
    intake: IntakeService, code: str
) -> None:
    intake.receive_event("dossier.resolved", code)
    assert states(intake, code) == [4, 9]
    assert intake.receive_event("step.assigned", code, assigned_at=TEN).applied == 1
    assert states(intake, code) == [4, 9]
    assert dossier(intake, code)["state"] == 9


def test_an_unknown_dossier_waits_for_it(intake: IntakeService) -> None:
    outcome = intake.receive_event("step.assigned", "H12.31.01-251120-0001", assigned_at=TEN)
    assert (outcome.applied, outcome.queued) == (0, 1)
    code = intake.file()["code"]
    intake.advance(timedelta(minutes=1))
    assert intake.applier.retry_due() == 1
    assert dossier(intake, code)["state"] == 4


def test_poison_is_parked_and_the_rest_goes_on(intake: IntakeService, code: str) -> None:
    bad_schema = event("dossier.paused", 1, dossier="H12.31.01-251120-0099", paused_at="yesterday")
    unknown = replace(
        event("dossier.resolved", 1, dossier="H12.31.01-251120-0098"), type="vn.motcua.dossier.resolved.v9"
    )
    good = event("dossier.resolved", 1, dossier=code)
    outcome = intake.applier.apply(deliveries(b"{not json", bad_schema, unknown, good))
    assert (outcome.applied, outcome.parked) == (1, 3)
    assert dossier(intake, code)["state"] == 9


def test_a_handlers_failure_is_held_and_retried(intake: IntakeService, code: str) -> None:
    faults = [ZeroDivisionError("fault in a handler")]

    def faulty(incoming: Any, work: UnitOfWork) -> None:
        if faults:
            raise faults.pop()
        intake_handlers.HANDLERS["dossier.resolved"](incoming, work)

    applier = Applier(intake.store, {**intake_handlers.HANDLERS, "dossier.resolved": faulty}, RetryPolicy(first=1.0))
    faults.append(ZeroDivisionError("and again, one by one"))
    incoming = deliveries(event("dossier.resolved", 1, dossier=code))
    assert applier.apply(incoming).queued == 1
    assert dossier(intake, code)["state"] == 2
    intake.advance(timedelta(seconds=2))
    assert applier.retry_due() == 1
    assert dossier(intake, code)["state"] == 9


def test_fields_of_newer_software_are_ignored(intake: IntakeService, code: str) -> None:
    outcome = intake.receive_event("dossier.resolved", code, colour="green", also={"nested": [1]})
    assert outcome.applied == 1
    assert dossier(intake, code)["state"] == 9


@pytest.mark.parametrize("name", sorted(OF_DOSSIERS))
def test_every_event_type_repeated_newer_and_invalid(intake: IntakeService, code: str, name: str) -> None:
    incoming = event(name, 1, dossier=code)
    newer = with_unknown_fields(event(name, 2, dossier=code))
    broken = without(event(name, 1, dossier="H12.31.01-251120-0099"), "dossier")
    outcome = intake.applier.apply(deliveries(incoming, broken, incoming, newer))
    assert (outcome.applied, outcome.duplicates, outcome.parked, outcome.queued) == (2, 1, 1, 0)
    assert intake.applier.apply(deliveries(incoming)).duplicates == 1


OF_NO_USE_EARLY = {"step.completed", "step.returned", "message.sent", "contact.erased"}
OF_NO_USE_EARLY |= {"personal_data.messages_provided", "personal_data.rating_provided"}
"""Events that say nothing of a dossier that is not known."""


KEPT_EARLY = {name for name in OF_DOSSIERS if name.startswith("parcel.")}
"""Events that are kept by themselves: what they tell is shown once the dossier is known."""


@pytest.mark.parametrize("name", sorted(OF_DOSSIERS - OF_NO_USE_EARLY - KEPT_EARLY))
def test_an_event_of_an_unknown_dossier_waits_for_it(intake: IntakeService, name: str) -> None:
    outcome = intake.receive_event(name, "H12.31.01-251120-0001")
    assert (outcome.applied, outcome.queued) == (0, 1)
    intake.file()
    intake.advance(timedelta(minutes=1))
    assert intake.applier.retry_due() == 1


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
EVENT_NAMES = st.sampled_from(sorted(TIME_FIELDS))
ENDING_STATES = {"dossier.resolved": State.RESOLVED, "dossier.stopped": State.STOPPED}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(EVENT_NAMES, st.sampled_from(MOMENTS), st.booleans()), max_size=8))
def test_states_are_valid_in_any_order_of_events(
    sqlite_intake: IntakeService, events: list[tuple[str, str, bool]]
) -> None:
    code = sqlite_intake.file()["code"]
    ended: tuple[State, datetime] | None = None
    for number, (name, moment, supplemented) in enumerate(events, 1):
        own = {"obligation": f"{code}-{number}", "task": f"{code}-{number % 3}", "supplemented": supplemented}
        if name == "supplement.requested":
            moment = MOMENTS[number % 3]  # a step has one request, which may come twice
        outcome = sqlite_intake.receive_event(name, code, number, **{TIME_FIELDS[name]: moment}, **own)
        assert outcome.applied == 1
        if name in ENDING_STATES and ended is None:
            ended = ENDING_STATES[name], datetime.fromisoformat(moment)
        row = dossier(sqlite_intake, code)
        assert (row["state"] in (8, 9)) == (ended is not None)
        if ended is not None:
            assert (row["state"], row["resolved_at"] or row["stopped_at"]) == ended
            assert all(one["revoked_at"] for one in sqlite_intake.rows("step_grant") if one["dossier"] == code)
    passed = [State.RECEIVED, *map(State, states(sqlite_intake, code))]
    assert all(leads_to(before, after) for before, after in pairwise(passed))

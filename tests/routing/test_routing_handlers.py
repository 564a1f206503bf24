"""Routing's event handlers: the land procedure from its receipt to its result, on either store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.clock import Kind
from shared.messaging.event import Event
from tests.routing.service_fixture import (
    CODE,
    DESK,
    LAND,
    PROMISED,
    REGISTRY,
    TAX,
    THURSDAY,
    RoutingFixture,
    at,
    definition,
    published,
    received,
)
from tests.support.events import event

OBLIGATION = 12_500_000


def test_a_receipt_starts_the_clock_and_assigns_the_first_step(land: RoutingFixture) -> None:
    dossier, (task,) = land.dossier(), land.tasks()
    assert (dossier.state, dossier.paused, dossier.due_at) == ("active", False, PROMISED)
    assert (dossier.receiving_agency, dossier.handling_agency) == (DESK, REGISTRY)
    assert (task.step, task.agency, task.official_role, task.state) == ("transfer", DESK, "clerk", "open")
    assert task.due_at == at("2025-11-20 14:15")  # four working hours, with the midday break
    (interval,) = land.intervals()
    assert (interval.kind, interval.begins_at, interval.ends_at) == (Kind.COUNTED, THURSDAY, None)
    (emitted,) = land.emitted()
    assert emitted.name == "step.assigned"
    assert emitted.data["task"] == task.id
    assert emitted.data["due_at"] == "2025-11-20T14:15:00+07:00"


def test_the_whole_land_procedure(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.advance(timedelta(hours=1))
    land.complete("assessment")
    assert (land.open_task().agency, land.open_task().due_at) == (TAX, None)
    assert land.dossier().paused
    asked = land.complete("tax", "obligation", amount=OBLIGATION)
    assert asked.state == "awaiting_payment"
    land.advance(timedelta(days=1))
    assert land.pay(asked.obligation).applied == 1
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    dossier = land.dossier()
    assert (dossier.state, dossier.outcome, dossier.on_time) == ("resolved", "completed", True)
    assert land.event_names() == [
        "step.assigned",
        *("step.completed", "official.completed_step", "step.assigned"),
        *("step.completed", "official.completed_step", "dossier.paused", "step.assigned"),
        *("obligation.requested", "official.completed_step"),  # the citizen's payment completes the step
        *("step.completed", "dossier.resumed", "step.assigned"),
        *("step.completed", "official.completed_step", "step.assigned") * 4,
        *("step.completed", "official.completed_step", "dossier.resolved"),
    ]
    resolved = land.emitted()[-1].data
    assert (resolved["agency"], resolved["on_time"], resolved["promised_at"]) == (REGISTRY, True, PROMISED.isoformat())
    assert land.apply(event("dossier.returned", 3, returned_at=land.store.clock.now().isoformat())).applied == 1
    assert land.dossier().state == "returned"


def test_an_obligation_is_requested_with_its_kind_and_name(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    task = land.complete("tax", "obligation", amount=OBLIGATION)
    (emitted,) = land.emitted("obligation.requested")
    assert emitted.data == {
        "dossier": CODE,
        "obligation": task.obligation,
        "kind": "tax",
        "name": "Thuế thu nhập cá nhân và lệ phí trước bạ nhà, đất",
        "amount": OBLIGATION,
        "agency": TAX,
        "requested_at": "2025-11-20T08:15:00+07:00",
    }


def test_a_pause_moves_the_due_time_by_the_working_time_it_took(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.advance_to(at("2025-11-21 09:00"))
    land.complete("assessment")
    land.advance_to(at("2025-11-25 09:00"))  # a weekend and two working days later
    land.complete("tax")
    (emitted,) = land.emitted("dossier.resumed")
    assert emitted.data["uncounted_minutes"] == 2 * 8 * 60
    assert emitted.data["due_at"] == land.dossier().due_at.isoformat() == "2025-12-04T17:30:00+07:00"
    assert [(interval.kind, interval.reason) for interval in land.intervals()] == [
        ("counted", ""),
        ("uncounted", "tax"),
        ("counted", ""),
    ]


def test_a_payment_ends_the_pause_when_it_was_made_not_when_its_event_came(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    task = land.complete("tax", "obligation", amount=OBLIGATION)
    land.advance_to(at("2025-11-24 10:00"))
    land.pay(task.obligation, paid_at="2025-11-21T09:00:00+07:00")
    assert land.emitted("dossier.resumed")[0].data["resumed_at"] == "2025-11-21T09:00:00+07:00"
    done = next(done for done in land.tasks() if done.step == "tax")
    assert (done.completed_at, done.completed_by) == (at("2025-11-21 09:00"), "official-7")
    assert land.open_task().assigned_at == at(
        "2025-11-24 10:00"
    )  # the next agency is not blamed for the message's delay


def test_a_payment_completes_the_step_once(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    task = land.complete("tax", "obligation", amount=OBLIGATION)
    land.pay(task.obligation)
    before = land.event_names()
    assert land.pay(task.obligation, sequence=3).applied == 1
    assert land.event_names() == before
    assert land.open_task().step == "printing"
    assert land.parked() == []


def test_another_payment_of_a_paid_obligation_is_parked(land: RoutingFixture) -> None:
    """Intake was restored from a backup and the payment entered again, or the citizen has paid twice: a person looks."""
    land.complete("transfer")
    land.complete("assessment")
    task = land.complete("tax", "obligation", amount=OBLIGATION)
    land.pay(task.obligation)
    before = land.event_names(), land.tasks()
    assert land.pay(task.obligation, sequence=3, payment="another-payment").parked == 1
    assert land.parked()[0][1].endswith("is known with another payment")
    names, tasks = before
    assert (land.event_names(), land.tasks()) == ([*names, "store.conflicted"], tasks)


def test_a_payment_of_a_step_that_was_cancelled_meanwhile_is_no_contradiction(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    task = land.complete("tax", "obligation", amount=OBLIGATION)
    land.withdraw()
    assert land.pay(task.obligation, sequence=7).applied == 1
    assert land.dossier().state == "withdrawn"
    assert land.parked() == []


def test_a_fee_without_obligation_is_ignored(land: RoutingFixture) -> None:
    before = land.event_names()
    assert land.pay(None, amount=550_000).applied == 1
    assert land.event_names() == before


def test_a_payment_of_an_unknown_obligation_waits(land: RoutingFixture) -> None:
    assert land.pay("0198f0a2-0000-7000-8000-000000000000").queued == 1
    ((state, reason),) = land.parked()
    assert state == "waiting"
    assert "is not known yet" in reason


def test_too_small_a_payment_is_parked(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    task = land.complete("tax", "obligation", amount=OBLIGATION)
    assert land.pay(task.obligation, amount=OBLIGATION - 1).parked == 1
    assert land.open_task().state == "awaiting_payment"
    assert "12499999 VND paid of 12500000" in land.parked()[0][1]


def test_a_returned_dossier_that_is_not_resolved_yet_waits(land: RoutingFixture) -> None:
    assert land.apply(event("dossier.returned", 2)).queued == 1
    assert land.dossier().state == "active"


def test_late_events_cannot_reopen_a_returned_dossier(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    land.apply(event("dossier.returned", 2, returned_at="2025-11-20T09:00:00+07:00"))
    before = land.dossier()
    land.apply(event("dossier.returned", 3, returned_at="2025-11-21T09:00:00+07:00"))
    land.receive(CODE, case="lease")
    assert land.dossier() == before


def test_rework_reopens_the_step(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    land.complete("printing")
    land.complete("checking", "rework")
    assert land.open_task().step == "printing"
    assert [task.step for task in land.tasks()] == ["transfer", "assessment", "printing", "checking", "printing"]


@pytest.mark.parametrize(("on_time", "completed"), [(True, "2025-11-20 14:15:59"), (False, "2025-11-20 14:16:00")])
def test_a_step_is_on_time_up_to_its_due_time(land: RoutingFixture, completed: str, on_time: bool) -> None:
    land.advance_to(at(completed))
    assert land.complete("transfer").on_time is on_time
    assert land.emitted("step.completed")[0].data["on_time"] is on_time


def test_an_uncounted_step_is_on_time_however_long_it_took(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    land.advance(timedelta(days=200))
    assert land.complete("tax").on_time is True


def test_a_dossier_resolved_late_is_marked_overdue_first(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over"):
        land.complete(step)
    land.advance_to(PROMISED + timedelta(minutes=1))
    land.complete("receive-result")
    done = ["dossier.overdue", "step.completed", "official.completed_step"]
    assert land.event_names()[-5:] == [*done, "apology.withdrawn", "dossier.resolved"]
    assert land.emitted("dossier.overdue")[0].data["step"] == "receive-result"
    assert (land.dossier().on_time, land.emitted()[-1].data["on_time"]) == (False, False)


def test_a_pause_that_begins_late_does_not_make_a_dossier_timely(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.advance_to(PROMISED + timedelta(minutes=1))
    land.complete("assessment")  # the sweep has not come by yet
    assert land.event_names("dossier.overdue", "dossier.paused") == ["dossier.overdue", "dossier.paused"]
    land.advance(timedelta(days=30))
    land.complete("tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    assert land.dossier().on_time is False
    assert land.event_names("dossier.overdue") == ["dossier.overdue"]


def test_a_route_without_an_agency_is_parked_with_the_reason(service: RoutingFixture) -> None:
    posted = definition("1.012786")
    odd = posted | {
        "routes": {"days-10": {"start": "a", "steps": [_step("a", "one_stop_desk", "b"), _step("b", "justice", "end")]}}
    }
    service.apply(published("1.012786", definition=odd))
    outcome = service.receive(procedure="1.012786", case=posted["cases"][0]["code"], receiving_agency="X99")
    assert outcome.parked == 1
    assert "the route cannot go on: no agency 'X99'" in service.parked()[0][1]
    assert service.event_names() == []


def _step(step: str, role: str, following: str) -> dict[str, object]:
    return {
        "id": step,
        "task": step,
        "task_en": step,
        "agency_role": role,
        "official_role": "clerk",
        "working_hours": 2,
        "counted": True,
        "outcomes": {"completed": following},
    }


@pytest.mark.parametrize(
    "other",
    [
        {"case": "gift"},
        {"received_at": "2025-11-03T09:00:00+07:00"},
        {"receiving_agency": "H12.31.02"},
        {"chosen": ["1.000000"]},
        {"procedure_version": 2},
        {"remote": True},
    ],
)
def test_another_dossier_of_a_known_code_is_parked(service: RoutingFixture, other: dict[str, Any]) -> None:
    """Intake was restored from a backup, and gave the code to another citizen."""
    service.publish()
    service.receive()
    before = service.dossier()
    assert service.receive(id="after the restore", **other).parked == 1
    assert service.parked()[0][1].startswith("Conflict: dossier")
    assert service.dossier() == before
    assert service.receive(id="the same again").applied == 1


def test_an_unknown_case_is_parked(service: RoutingFixture) -> None:
    service.publish()
    assert service.receive(case="barter").parked == 1
    assert 'has no case "barter"' in service.parked()[0][1]


def test_an_unusable_procedure_is_parked(service: RoutingFixture) -> None:
    broken = definition(LAND) | {"routes": {}}
    assert (
        service.apply(published(definition=broken), published("2.000815", definition={"code": "2.000815"})).parked == 2
    )
    assert all(reason.startswith("Permanent: procedure") for _, reason in service.parked())


def test_a_version_is_published_once(service: RoutingFixture) -> None:
    assert service.publish().applied == 1
    again = published(definition=definition(LAND))
    assert service.apply(_renamed(again, "the same again")).applied == 1
    other = published(definition=definition(LAND) | {"name": "Khác"})
    assert service.apply(_renamed(other, "another content")).parked == 1


def _renamed(entry: Event, id_: str) -> Event:
    return type(entry)(id_, entry.source, entry.type, entry.time, entry.key, entry.sequence + 1, entry.data)


def test_a_dossier_pins_its_version(service: RoutingFixture) -> None:
    service.publish(version=1)
    changed = definition(LAND) | {"cases": [case | {"route": "with-tax-4-days"} for case in definition(LAND)["cases"]]}
    service.receive()
    service.apply(
        published(version=2, definition=changed | {"routes": {"with-tax-4-days": changed["routes"]["with-tax-4-days"]}})
    )
    service.complete("transfer")
    assert service.open_task().due_at == at("2025-11-24 08:15")  # 16 hours as in version 1, not 8


def test_dossiers_in_flight_survive_a_merger(service: RoutingFixture) -> None:
    service.advance_to(at("2025-06-26 08:00"))
    service.publish()
    service.apply(
        received(
            receiving_agency="000.21.34.H04",
            received_at="2025-06-26T08:00:00+07:00",
            promised_at="2025-07-08T17:00:00+07:00",
        )
    )
    service.complete("transfer")
    assert (service.open_task().agency, service.dossier().handling_agency) == ("001.34.13.H04", "001.34.13.H04")
    service.advance_to(at("2025-07-02 08:00"))
    service.complete("assessment", "no_tax")
    assert (service.open_task().agency, service.dossier().handling_agency) == (REGISTRY, REGISTRY)

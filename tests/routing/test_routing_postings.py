"""A public posting is uncounted for its days only: then the clock resumes by itself, and idle days count."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.routing.commands.closure import stop_dossier
from services.routing.commands.sweeps import check_dossiers
from shared.calendar import TimeLimit
from shared.calendar.deadlines import due
from shared.catalogue import parse_data
from tests.routing.route_builders import begin, step
from tests.routing.service_fixture import CODE, DESK, THURSDAY, RoutingFixture, at, published, reference
from tests.routing.test_routing_day_off import declare_off
from tests.shared.catalogue.test_catalogue_importing import SAMPLE
from tests.support.events import event

CALENDAR = reference().calendar(DESK, THURSDAY.date())
PROMISED = at("2025-12-18 17:30")
OVER = at("2025-12-05 17:30")
"""A Friday: the end of fifteen days of posting that began on Thursday."""
MONDAY = at("2025-12-08 10:00")
POSTING: dict[str, Any] = step("posting", "peoples_committee", "collect", hours=0, counted=False, wait_days=15)
COLLECT = step("collect", "one_stop_desk", "end")


def beside(*branches: dict[str, Any]) -> list[dict[str, Any]]:
    """A fork into a posting and other branches, which meet at the desk."""
    entry = step("entry", "one_stop_desk", ["posting", *(branch["id"] for branch in branches)])
    return [entry, POSTING, *branches, COLLECT | {"join": True}]


def posted(service: RoutingFixture, steps: list[dict[str, Any]] | None = None) -> None:
    """A dossier whose posting begins on Thursday."""
    begin(service, steps or [step("entry", "one_stop_desk", "posting"), POSTING, COLLECT])
    service.complete("entry")


def lives(service: RoutingFixture) -> list[tuple[str, str]]:
    """The clock of the dossier: kind and reason of its intervals, which must cover its life."""
    intervals = service.intervals()
    for before, after in pairwise(intervals):
        assert before.ends_at == after.begins_at
    return [(interval.kind.value, interval.reason) for interval in intervals]


COUNTED, POSTED, TAXED = ("counted", ""), ("uncounted", "posting"), ("uncounted", "tax")
TAX = step("tax", "tax", "collect", hours=0, counted=False)
POLICE = step("police", "police", "collect")


@pytest.mark.parametrize("seen", [OVER, OVER + timedelta(seconds=20), MONDAY], ids=["at once", "soon", "days later"])
def test_the_clock_resumes_at_the_end_of_the_posting_however_late_the_sweep_runs(
    service: RoutingFixture, seen: Any
) -> None:
    posted(service)
    assert service.dossier().next_check_at == OVER
    service.advance_to(OVER - timedelta(seconds=1))
    assert (check_dossiers(service.context), service.dossier().paused) == (0, True)
    service.advance_to(seen)
    assert check_dossiers(service.context) == 1
    assert (lives(service), service.dossier().paused) == ([COUNTED, POSTED, COUNTED], False)
    assert service.intervals()[-1].begins_at == OVER
    moved = due(PROMISED, CALENDAR.working_minutes_between(THURSDAY, OVER), CALENDAR)
    assert (service.dossier().due_at, service.dossier().index_due_at) == (moved, moved)
    (emitted,) = service.emitted("dossier.resumed")
    assert (emitted.data["resumed_at"], emitted.data["due_at"]) == (OVER.isoformat(), moved.isoformat())
    service.sweep()
    assert len(service.emitted("dossier.resumed")) == 1


def test_a_posting_completed_late_is_counted_since_its_end_without_a_sweep(service: RoutingFixture) -> None:
    posted(service)
    service.advance_to(MONDAY)
    service.complete("posting")
    assert lives(service) == [COUNTED, POSTED, COUNTED]
    assert service.intervals()[-1].begins_at == OVER
    assert service.event_names("dossier.paused", "dossier.resumed") == ["dossier.paused", "dossier.resumed"]
    service.complete("collect")
    assert service.intervals()[-1].ends_at == service.dossier().resolved_at == MONDAY


def test_a_posting_completed_at_its_end_costs_no_counted_time(service: RoutingFixture) -> None:
    posted(service)
    service.advance_to(OVER)
    service.complete("posting")
    assert lives(service) == [COUNTED, POSTED, COUNTED]
    assert service.intervals()[-1].begins_at == OVER


def test_a_posting_that_is_never_completed_makes_the_dossier_late_by_both_measures(service: RoutingFixture) -> None:
    posted(service)
    service.advance_to(OVER)
    service.sweep()
    late = service.dossier().due_at + timedelta(minutes=1)
    service.advance_to(late)
    service.sweep()
    assert service.event_names("dossier.overdue") == ["dossier.overdue"]
    service.complete_steps("posting", "collect")
    dossier = service.dossier()
    assert (dossier.on_time, dossier.index_on_time) == (False, False)


def test_a_posting_beside_a_counted_branch_does_not_pause_the_clock(service: RoutingFixture) -> None:
    posted(service, beside(POLICE))
    service.advance_to(MONDAY)
    service.sweep()
    service.complete("police")
    assert (lives(service), service.dossier().paused) == ([COUNTED], False)
    service.complete_steps("posting", "collect")
    assert (lives(service), service.event_names("dossier.paused", "dossier.resumed")) == ([COUNTED], [])


def test_after_the_counted_branch_the_rest_of_the_posting_pauses_the_clock(service: RoutingFixture) -> None:
    posted(service, beside(POLICE))
    service.advance(timedelta(days=1))
    service.complete("police")
    assert (service.dossier().paused, service.dossier().next_check_at) == (True, OVER)
    service.advance_to(MONDAY)
    service.sweep()
    assert lives(service) == [COUNTED, POSTED, COUNTED]
    assert service.intervals()[-1].begins_at == OVER


@pytest.mark.parametrize("swept", [True, False])
def test_a_tax_notice_after_the_posting_pauses_the_clock_again(service: RoutingFixture, swept: bool) -> None:
    steps = [step("entry", "one_stop_desk", "posting"), POSTING | {"outcomes": {"completed": "tax"}}, TAX, COLLECT]
    posted(service, steps)
    service.advance_to(MONDAY)
    if swept:
        service.sweep()
    service.complete("posting")
    assert (lives(service), service.dossier().paused) == ([COUNTED, POSTED, COUNTED, TAXED], True)
    assert [one.begins_at for one in service.intervals()][2:] == [OVER, MONDAY]
    assert service.dossier().next_check_at is None
    service.advance(timedelta(days=1))
    service.complete_steps("tax", "collect")
    assert lives(service) == [COUNTED, POSTED, COUNTED, TAXED, COUNTED]
    waited = CALENDAR.working_minutes_between(THURSDAY, OVER) + CALENDAR.working_minutes_between(
        MONDAY, MONDAY + timedelta(days=1)
    )
    assert service.dossier().due_at == due(PROMISED, waited, CALENDAR)


def test_a_tax_notice_beside_the_posting_keeps_the_clock_paused(service: RoutingFixture) -> None:
    posted(service, beside(TAX))
    service.advance_to(MONDAY)
    service.sweep()
    assert (lives(service), service.dossier().paused, service.dossier().next_check_at) == ([COUNTED, TAXED], True, None)
    service.complete("tax")
    assert lives(service) == [COUNTED, TAXED, COUNTED]
    assert service.intervals()[-1].begins_at == MONDAY


def test_a_payment_made_before_the_end_but_received_later(service: RoutingFixture) -> None:
    obligation = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
    asks = TAX | {"outcomes": {"completed": "collect", "obligation": "collect"}, "obligation": obligation}
    posted(service, beside(asks))
    task = service.complete("tax", "obligation", 1000)
    service.advance_to(MONDAY)
    service.pay(task.obligation, 1000, paid_at=at("2025-12-01 09:00").isoformat())
    assert (service.dossier().paused, service.dossier().next_check_at) == (True, OVER)
    service.sweep()
    assert lives(service) == [COUNTED, TAXED, COUNTED]
    assert service.intervals()[-1].begins_at == OVER


def test_of_two_postings_the_longer_one_decides(service: RoutingFixture) -> None:
    posted(service, beside(POSTING | {"id": "longer", "wait_days": 30}))
    until = service.step("longer").wait_until
    assert until is not None
    assert until > OVER
    assert service.dossier().next_check_at == until
    service.advance_to(MONDAY)
    service.complete("posting")
    assert service.dossier().paused
    service.advance_to(until + timedelta(days=2))
    service.sweep()
    assert lives(service) == [COUNTED, ("uncounted", "longer"), COUNTED]
    assert service.intervals()[-1].begins_at == until


def asked_beside(service: RoutingFixture) -> None:
    """Police, beside the posting, ask for more papers on Friday."""
    posted(service, beside(POLICE))
    service.advance(timedelta(days=1))
    service.request_supplement("police")


def test_during_a_supplement_the_end_of_the_posting_changes_nothing(service: RoutingFixture) -> None:
    asked_beside(service)
    service.advance_to(OVER)
    service.sweep()
    assert (service.dossier().state, service.dossier().paused) == ("supplement", True)
    assert lives(service) == [COUNTED, ("supplement", "police")]
    service.supplement()
    service.complete("police")
    assert lives(service) == [COUNTED, ("supplement", "police"), COUNTED]


def test_a_supplement_handed_in_before_the_end_of_the_posting(service: RoutingFixture) -> None:
    posted(service)
    service.advance(timedelta(days=1))
    service.request_supplement("posting")
    service.advance(timedelta(days=3))
    service.supplement()
    assert (service.dossier().paused, service.dossier().next_check_at) == (True, OVER)
    service.advance_to(MONDAY)
    service.sweep()
    assert lives(service)[-2:] == [POSTED, COUNTED]
    assert service.intervals()[-1].begins_at == OVER
    assert service.dossier().state == "active"


def test_a_supplement_requested_after_the_posting_is_over(service: RoutingFixture) -> None:
    steps = [step("entry", "one_stop_desk", "posting"), POSTING | {"wait_days": 1}, COLLECT]
    posted(service, steps)
    over = service.step("posting").wait_until
    assert over == at("2025-11-21 17:30")
    service.advance_to(at("2025-11-24 10:00"))
    service.request_supplement("posting")
    assert lives(service) == [COUNTED, POSTED, COUNTED, ("supplement", "posting")]
    assert service.intervals()[2].begins_at == over


@pytest.mark.parametrize("end", ["stopped", "withdrawn"])
def test_a_dossier_that_ends_after_its_posting_is_counted_since(service: RoutingFixture, end: str) -> None:
    posted(service)
    service.advance_to(MONDAY)
    if end == "stopped":
        service.run(lambda work: stop_dossier(work, CODE, "Có tranh chấp", "leader-1"))
    else:
        service.apply(event("dossier.withdrawn", 6, dossier=CODE, withdrawn_at=MONDAY.isoformat()))
    assert service.dossier().state == end
    assert lives(service) == [COUNTED, POSTED, COUNTED]
    assert [one.ends_at for one in service.intervals()][-2:] == [OVER, MONDAY]


def listed(code: str) -> dict[str, Any]:
    """A procedure as it is published from a province's list."""
    return next(procedure for procedure in parse_data(SAMPLE) if procedure.code == code).as_dict()


def test_a_posting_that_a_list_names_only_in_words_is_not_counted(service: RoutingFixture) -> None:
    """1.012785: 8 working days, "Không tính thời gian 30 ngày niêm yết công khai"."""
    monday = at("2025-11-03 08:00")
    service.advance_to(monday)
    service.apply(published("1.012785", definition=listed("1.012785")))
    promise = CALENDAR.promise(monday, TimeLimit(working_days=8), reference().regulation(monday.date()), 0).at
    service.receive(
        procedure="1.012785", case="default", received_at=monday.isoformat(), promised_at=promise.isoformat()
    )
    service.complete("assessment")
    for day in (15, 29):
        service.advance_to(monday + timedelta(days=day))
        service.sweep()
        assert (service.dossier().paused, service.event_names("dossier.overdue")) == (True, [])
    service.advance_to(at("2025-12-04 08:00"))
    service.complete_steps("posting", "completion")
    assert service.dossier().on_time is True
    assert service.event_names("dossier.overdue") == []


def test_a_posting_whose_last_day_is_declared_off_lasts_until_the_next_working_day(service: RoutingFixture) -> None:
    posted(service)
    declare_off(service, OVER.date())
    over = at("2025-12-08 17:30")
    service.advance_to(MONDAY)
    service.sweep()
    assert (service.dossier().paused, service.dossier().next_check_at) == (True, over)
    assert (service.step("posting").wait_until, service.step("posting").due_at) == (over, at("2025-12-09 17:30"))
    service.advance_to(over + timedelta(minutes=1))
    service.sweep()
    assert (service.dossier().paused, service.intervals()[-1].begins_at) == (False, over)


def test_a_posting_that_is_over_stays_over_when_its_last_day_is_declared_off_later(service: RoutingFixture) -> None:
    posted(service)
    service.advance_to(MONDAY)
    service.sweep()
    declare_off(service, OVER.date())
    service.sweep()
    assert (service.dossier().paused, service.step("posting").wait_until) == (False, OVER)


def test_the_citizen_is_told_when_the_promised_day_is_declared_off_while_time_is_not_counted(
    service: RoutingFixture,
) -> None:
    posted(service)
    declare_off(service, PROMISED.date())
    service.advance_to(MONDAY)
    service.sweep()
    service.sweep()
    (emitted,) = service.emitted("dossier.deadline_moved")
    assert (emitted.data["was_at"], emitted.data["moved_to"]) == (
        PROMISED.isoformat(),
        service.dossier().due_at.isoformat(),
    )

"""A public posting is uncounted for its days only: then the clock runs again by itself, and idle days count."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.routing.commands.closure import stop_dossier
from services.routing.commands.sweeps import check_dossiers
from services.routing.domain.clock import due
from tests.routing.route_builders import begin, step
from tests.routing.service_fixture import CODE, DESK, THURSDAY, World, at, reference
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


def posted(world: World, steps: list[dict[str, Any]] | None = None) -> None:
    """A dossier whose posting begins on Thursday."""
    begin(world, steps or [step("entry", "one_stop_desk", "posting"), POSTING, COLLECT])
    world.complete("entry")


def lives(world: World) -> list[tuple[str, str]]:
    """The clock of the dossier: kind and reason of its intervals, which must cover its life."""
    intervals = world.intervals()
    for before, after in pairwise(intervals):
        assert before.ends_at == after.begins_at
    return [(interval.kind.value, interval.reason) for interval in intervals]


COUNTED, POSTED, TAXED = ("counted", ""), ("uncounted", "posting"), ("uncounted", "tax")
TAX = step("tax", "tax", "collect", hours=0, counted=False)
POLICE = step("police", "police", "collect")


@pytest.mark.parametrize("seen", [OVER, OVER + timedelta(seconds=20), MONDAY], ids=["at once", "soon", "days later"])
def test_the_clock_runs_again_when_the_posting_is_over_whenever_the_sweep_sees_it(world: World, seen: Any) -> None:
    posted(world)
    assert world.dossier().next_check_at == OVER
    world.go_to(OVER - timedelta(seconds=1))
    assert (check_dossiers(world.context), world.dossier().paused) == (0, True)
    world.go_to(seen)
    assert check_dossiers(world.context) == 1
    assert (lives(world), world.dossier().paused) == ([COUNTED, POSTED, COUNTED], False)
    assert world.intervals()[-1].begins_at == OVER
    moved = due(PROMISED, CALENDAR.working_minutes_between(THURSDAY, OVER), CALENDAR)
    assert (world.dossier().due_at, world.dossier().index_due_at) == (moved, moved)
    (said,) = world.emitted("dossier.resumed")
    assert (said.data["resumed_at"], said.data["due_at"]) == (OVER.isoformat(), moved.isoformat())
    world.sweep()
    assert len(world.emitted("dossier.resumed")) == 1


def test_a_posting_taken_down_late_is_counted_since_its_end_though_no_sweep_saw_it(world: World) -> None:
    posted(world)
    world.go_to(MONDAY)
    world.complete("posting")
    assert lives(world) == [COUNTED, POSTED, COUNTED]
    assert world.intervals()[-1].begins_at == OVER
    assert world.said("dossier.paused", "dossier.resumed") == ["dossier.paused", "dossier.resumed"]
    world.complete("collect")
    assert world.intervals()[-1].ends_at == world.dossier().resolved_at == MONDAY


def test_a_posting_taken_down_at_its_end_costs_nothing(world: World) -> None:
    posted(world)
    world.go_to(OVER)
    world.complete("posting")
    assert lives(world) == [COUNTED, POSTED, COUNTED]
    assert world.intervals()[-1].begins_at == OVER


def test_a_posting_that_nobody_takes_down_makes_the_dossier_late_by_both_measures(world: World) -> None:
    posted(world)
    world.go_to(OVER)
    world.sweep()
    late = world.dossier().due_at + timedelta(minutes=1)
    world.go_to(late)
    world.sweep()
    assert world.said("dossier.overdue") == ["dossier.overdue"]
    world.go_through("posting", "collect")
    dossier = world.dossier()
    assert (dossier.on_time, dossier.index_on_time) == (False, False)


def test_beside_a_counted_branch_nothing_stands_still(world: World) -> None:
    posted(world, beside(POLICE))
    world.go_to(MONDAY)
    world.sweep()
    world.complete("police")
    assert (lives(world), world.dossier().paused) == ([COUNTED], False)
    world.go_through("posting", "collect")
    assert (lives(world), world.said("dossier.paused", "dossier.resumed")) == ([COUNTED], [])


def test_after_the_counted_branch_the_rest_of_the_posting_is_waited_for(world: World) -> None:
    posted(world, beside(POLICE))
    world.pass_(timedelta(days=1))
    world.complete("police")
    assert (world.dossier().paused, world.dossier().next_check_at) == (True, OVER)
    world.go_to(MONDAY)
    world.sweep()
    assert lives(world) == [COUNTED, POSTED, COUNTED]
    assert world.intervals()[-1].begins_at == OVER


@pytest.mark.parametrize("swept", [True, False])
def test_a_tax_notice_after_the_posting_stands_still_again(world: World, swept: bool) -> None:
    steps = [step("entry", "one_stop_desk", "posting"), POSTING | {"outcomes": {"completed": "tax"}}, TAX, COLLECT]
    posted(world, steps)
    world.go_to(MONDAY)
    if swept:
        world.sweep()
    world.complete("posting")
    assert (lives(world), world.dossier().paused) == ([COUNTED, POSTED, COUNTED, TAXED], True)
    assert [one.begins_at for one in world.intervals()][2:] == [OVER, MONDAY]
    assert world.dossier().next_check_at is None
    world.pass_(timedelta(days=1))
    world.go_through("tax", "collect")
    assert lives(world) == [COUNTED, POSTED, COUNTED, TAXED, COUNTED]
    waited = CALENDAR.working_minutes_between(THURSDAY, OVER) + CALENDAR.working_minutes_between(
        MONDAY, MONDAY + timedelta(days=1)
    )
    assert world.dossier().due_at == due(PROMISED, waited, CALENDAR)


def test_a_tax_notice_beside_the_posting_is_still_waited_for(world: World) -> None:
    posted(world, beside(TAX))
    world.go_to(MONDAY)
    world.sweep()
    assert (lives(world), world.dossier().paused, world.dossier().next_check_at) == ([COUNTED, TAXED], True, None)
    world.complete("tax")
    assert lives(world) == [COUNTED, TAXED, COUNTED]
    assert world.intervals()[-1].begins_at == MONDAY


def test_a_payment_of_before_the_end_that_is_heard_of_later(world: World) -> None:
    obligation = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
    asks = TAX | {"outcomes": {"completed": "collect", "obligation": "collect"}, "obligation": obligation}
    posted(world, beside(asks))
    task = world.complete("tax", "obligation", 1000)
    world.go_to(MONDAY)
    world.pay(task.obligation, 1000, paid_at=at("2025-12-01 09:00").isoformat())
    assert (world.dossier().paused, world.dossier().next_check_at) == (True, OVER)
    world.sweep()
    assert lives(world) == [COUNTED, TAXED, COUNTED]
    assert world.intervals()[-1].begins_at == OVER


def test_of_two_postings_the_longer_is_waited_for(world: World) -> None:
    posted(world, beside(POSTING | {"id": "longer", "wait_days": 30}))
    until = world.step("longer").wait_until
    assert until is not None
    assert until > OVER
    assert world.dossier().next_check_at == until
    world.go_to(MONDAY)
    world.complete("posting")
    assert world.dossier().paused
    world.go_to(until + timedelta(days=2))
    world.sweep()
    assert lives(world) == [COUNTED, ("uncounted", "longer"), COUNTED]
    assert world.intervals()[-1].begins_at == until


def asked_beside(world: World) -> None:
    """Police, beside the posting, ask for more papers on Friday."""
    posted(world, beside(POLICE))
    world.pass_(timedelta(days=1))
    world.ask("police")


def test_while_the_citizen_is_waited_for_the_end_of_the_posting_changes_nothing(world: World) -> None:
    asked_beside(world)
    world.go_to(OVER)
    world.sweep()
    assert (world.dossier().state, world.dossier().paused) == ("supplement", True)
    assert lives(world) == [COUNTED, ("supplement", "police")]
    world.supply()
    world.complete("police")
    assert lives(world) == [COUNTED, ("supplement", "police"), COUNTED]


def test_a_supplement_handed_in_before_the_end_of_the_posting(world: World) -> None:
    posted(world)
    world.pass_(timedelta(days=1))
    world.ask("posting")
    world.pass_(timedelta(days=3))
    world.supply()
    assert (world.dossier().paused, world.dossier().next_check_at) == (True, OVER)
    world.go_to(MONDAY)
    world.sweep()
    assert lives(world)[-2:] == [POSTED, COUNTED]
    assert world.intervals()[-1].begins_at == OVER
    assert world.dossier().state == "active"


def test_more_papers_asked_for_after_the_posting_is_over(world: World) -> None:
    steps = [step("entry", "one_stop_desk", "posting"), POSTING | {"wait_days": 1}, COLLECT]
    posted(world, steps)
    over = world.step("posting").wait_until
    assert over == at("2025-11-21 17:30")
    world.go_to(at("2025-11-24 10:00"))
    world.ask("posting")
    assert lives(world) == [COUNTED, POSTED, COUNTED, ("supplement", "posting")]
    assert world.intervals()[2].begins_at == over


@pytest.mark.parametrize("end", ["stopped", "withdrawn"])
def test_a_dossier_that_ends_after_its_posting_is_counted_since(world: World, end: str) -> None:
    posted(world)
    world.go_to(MONDAY)
    if end == "stopped":
        world.run(lambda work: stop_dossier(work, CODE, "Có tranh chấp", "leader-1"))
    else:
        world.apply(event("dossier.withdrawn", 6, dossier=CODE, withdrawn_at=MONDAY.isoformat()))
    assert world.dossier().state == end
    assert lives(world) == [COUNTED, POSTED, COUNTED]
    assert [one.ends_at for one in world.intervals()][-2:] == [OVER, MONDAY]

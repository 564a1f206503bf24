"""The sweep `calendar`: pages, queues and periods follow a changed calendar as soon as the worker has started with it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from services.routing.commands.sweeps import check_calendar
from services.routing.store.tables import dossiers as dossier_table
from tests.routing.service_fixture import CODE, DESK, REGISTRY, RoutingFixture, at
from tests.routing.test_routing_day_off import declare_off, moved
from tests.routing.test_routing_postings import OVER, posted

OTHER = "000.00.14.H57-251120-0119"


def test_queue_and_pages_show_the_rolled_time_of_a_step_at_once(land: RoutingFixture) -> None:
    declare_off(land, date(2025, 11, 20))
    assert check_calendar(land.context) == 1
    due_at = "2025-11-21T17:30:00+07:00"
    client, clerk = land.client(), land.token("clerk", DESK)
    (shown,) = client.get("/routing/api/tasks", headers=clerk).json["items"]
    assert shown["due_at"] == due_at
    assert client.get(f"/routing/api/tasks/{shown['id']}", headers=clerk).json["due_at"] == due_at
    assert check_calendar(land.context) == 0


def test_the_time_to_acknowledge_a_hand_over_follows_too(land: RoutingFixture) -> None:
    land.complete("transfer")
    due_at = land.step("assessment").receipt_due_at
    assert due_at is not None
    declare_off(land, due_at.date())
    assert check_calendar(land.context) == 1
    assert land.step("assessment").receipt_due_at == at("2025-11-24 17:30")
    assert land.step("assessment").agency == REGISTRY


def test_a_posting_is_extended_before_anybody_looks_at_its_dossier(service: RoutingFixture) -> None:
    posted(service)
    declare_off(service, OVER.date())
    assert check_calendar(service.context) == 1
    over = at("2025-12-08 17:30")
    assert (service.step("posting").wait_until, service.step("posting").due_at) == (over, at("2025-12-09 17:30"))
    assert service.dossier().next_check_at == over
    assert check_calendar(service.context) == 0


def test_the_citizens_time_for_a_supplement_ends_at_24_00_of_the_next_working_day(service: RoutingFixture) -> None:
    """Papers that would be too late at 17:45 of the day off are in time on the next morning."""
    service.publish()
    service.advance_to(at("2026-11-18 08:15"))
    service.receive(received_at="2026-11-18T08:15:00+07:00", promised_at="2026-12-01T17:30:00+07:00")
    service.complete("transfer")
    service.request_supplement("assessment")
    assert service.dossier().supplement_until == at("2026-12-03 23:59")
    declare_off(service, date(2026, 12, 3))
    service.advance_to(at("2026-12-03 17:45"))
    service.sweep()
    check_calendar(service.context)
    assert (service.dossier().state, service.dossier().supplement_until) == ("supplement", at("2026-12-04 23:59"))
    assert moved(service) == [("supplement", "2026-12-03T23:59:00+07:00", "2026-12-04T23:59:00+07:00")]
    service.advance_to(at("2026-12-04 08:00"))
    service.supplement()
    assert (service.dossier().state, service.dossier().stop_cause) == ("active", None)


def test_without_papers_the_dossier_is_closed_after_the_next_working_day(service: RoutingFixture) -> None:
    service.publish()
    service.advance_to(at("2026-11-18 08:15"))
    service.receive(received_at="2026-11-18T08:15:00+07:00", promised_at="2026-12-01T17:30:00+07:00")
    service.complete("transfer")
    service.request_supplement("assessment")
    declare_off(service, date(2026, 12, 3))
    service.advance_to(at("2026-12-05 00:00"))
    service.sweep()
    assert (service.dossier().state, service.dossier().stopped_at) == ("stopped", at("2026-12-04 23:59"))


def test_a_dossier_whose_desk_the_data_have_lost_stops_no_other(service: RoutingFixture) -> None:
    service.publish()
    service.receive()
    service.receive(OTHER)
    with service.store.uow() as work:
        lost = update(dossier_table).where(dossier_table.c.code == CODE)
        work.execute(lost.values(receiving_agency="H99.99"))
    declare_off(service, date(2025, 12, 2))
    check_calendar(service.context)
    assert service.dossier(OTHER).due_at == at("2025-12-03 17:30")

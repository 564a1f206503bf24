"""The clock of applications: the alert, the limit, its escalation, supplements, late and repeated events, and what is shown of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from services.routing.commands.sweeps import check_applications
from services.routing.metrics import ApplicationGauges
from services.routing.store import applications
from services.routing.store.applications import TimedApplication
from shared.messaging.event import Event
from shared.observability.metrics import applications_overdue, applications_waiting
from shared.runtime.clock import VIETNAM
from tests.routing.service_fixture import CODE, DESK, REGISTRY, RoutingFixture
from tests.support.events import event


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


FILED_AT = at("2025-11-20 08:15")
FILED = event("dossier.filed", 1, dossier=CODE, receiving_agency=DESK, filed_at=FILED_AT.isoformat())
ASKED = event(
    "application.supplement_requested",
    2,
    dossier=CODE,
    receiving_agency=DESK,
    requested_at="2025-11-20T09:00:00+07:00",
)
CAME = event(
    "application.supplemented", 3, dossier=CODE, receiving_agency=DESK, supplemented_at="2025-11-21T08:15:00+07:00"
)
ACCEPTED = event(
    "dossier.accepted_online",
    4,
    dossier=CODE,
    receiving_agency=DESK,
    filed_at=FILED_AT.isoformat(),
    accepted_at="2025-11-21T09:00:00+07:00",
)


def stored(service: RoutingFixture, code: str = CODE) -> TimedApplication:
    found = service.run(lambda work: applications.lock(work.connection, code))
    assert found is not None
    return found


def sweep_at(service: RoutingFixture, moment: str) -> list[tuple[str, Any]]:
    """Sweeps at a moment twice; returns what was announced: name and level of escalation."""
    before = len(service.emitted())
    service.advance_to(at(moment))
    check_applications(service.context)
    check_applications(service.context)
    return [(one.name, one.data.get("escalation")) for one in service.emitted()[before:]]


def test_the_desk_is_alerted_after_two_hours_and_leaders_are_told_after_eight_working_hours(
    service: RoutingFixture,
) -> None:
    service.apply(FILED)
    assert sweep_at(service, "2025-11-20 10:14") == []
    assert sweep_at(service, "2025-11-20 10:15") == [("application.unanswered", None)]
    assert sweep_at(service, "2025-11-21 08:15") == [], "the last minute is still in time"
    assert sweep_at(service, "2025-11-21 08:16") == [("application.overdue", 1)]
    assert sweep_at(service, "2025-11-21 17:30") == []
    assert sweep_at(service, "2025-11-24 08:16") == [("application.overdue", 2)]
    assert sweep_at(service, "2025-12-24 08:16") == [], "nobody is told twice"


def test_a_weekend_does_not_count_for_the_answer_but_the_alert_comes_at_night_too(
    sqlite_service: RoutingFixture,
) -> None:
    sqlite_service.advance_to(at("2025-11-21 22:00"))
    sqlite_service.apply(
        event("dossier.filed", 1, dossier=CODE, receiving_agency=DESK, filed_at="2025-11-21T22:00:00+07:00")
    )
    assert sweep_at(sqlite_service, "2025-11-22 00:00") == [("application.unanswered", None)]
    assert sweep_at(sqlite_service, "2025-11-24 16:59") == []
    assert sweep_at(sqlite_service, "2025-11-25 00:00") == [("application.overdue", 1)]


def test_nothing_is_announced_while_the_applicant_is_waited_for_and_the_time_then_runs_anew(
    service: RoutingFixture,
) -> None:
    service.apply(FILED, ASKED)
    assert sweep_at(service, "2025-11-21 08:16") == []
    service.apply(CAME)
    assert sweep_at(service, "2025-11-21 10:15") == [("application.unanswered", None)]
    assert sweep_at(service, "2025-11-24 08:16") == [("application.overdue", 1)]


@pytest.mark.parametrize("name", ["dossier.accepted_online", "dossier.refused", "application.closed"])
def test_an_answer_ends_the_clock(service: RoutingFixture, name: str) -> None:
    times: dict[str, Any] = {"filed_at": FILED_AT.isoformat()} if name == "dossier.accepted_online" else {}
    service.apply(FILED, event(name, 2, dossier=CODE, receiving_agency=DESK, **times))
    assert stored(service).next_check_at is None
    assert sweep_at(service, "2025-12-21 08:16") == []


def test_repeated_events_change_nothing(service: RoutingFixture) -> None:
    everything: list[Event] = [FILED, ASKED, CAME, ACCEPTED]
    service.apply(*everything)
    before = stored(service)
    again = [event(one.name, 10 + place, id=f"again-{place}", **one.data) for place, one in enumerate(everything)]
    service.apply(*again)
    assert stored(service) == before


def test_the_order_of_events_does_not_matter(sqlite_service: RoutingFixture) -> None:
    ends = set()
    for number, order in enumerate(permutations([ASKED, CAME, ACCEPTED])):
        code = f"{CODE}-{number}"
        sqlite_service.apply(event("dossier.filed", 1, **FILED.data | {"dossier": code}))
        for place, one in enumerate(order):
            sqlite_service.apply(event(one.name, 2 + place, **one.data | {"dossier": code}))
        found = stored(sqlite_service, code)
        ends.add((found.next_check_at, found.ended_at))
    assert ends == {(None, at("2025-11-21 09:00"))}


def test_another_application_of_a_known_code_is_parked(service: RoutingFixture) -> None:
    service.apply(FILED)
    outcome = service.apply(event("dossier.filed", 2, **FILED.data | {"receiving_agency": REGISTRY}))
    assert outcome.parked == 1
    assert stored(service).agency == DESK


def test_the_desk_and_the_leaders_above_see_how_many_wait(sqlite_service: RoutingFixture) -> None:
    sqlite_service.apply(FILED)
    sweep_at(sqlite_service, "2025-11-21 08:16")
    client = sqlite_service.client()
    for role, agency, seen in (("clerk", DESK, True), ("leader", "H12", True), ("clerk", "H12.32.01", False)):
        page = client.get("/routing/", headers=sqlite_service.token(role, agency)).text
        assert ("Hồ sơ đăng ký chờ tiếp nhận: 1" in page) is seen, (role, agency)
        assert ("quá hạn trả lời: 1" in page) is seen


def test_the_metrics_count_those_that_wait_and_go_back_to_zero(sqlite_service: RoutingFixture) -> None:
    gauges = ApplicationGauges()
    sqlite_service.apply(FILED)
    sweep_at(sqlite_service, "2025-11-21 08:16")
    labels = ("routing", DESK, "online")
    gauges.update(sqlite_service.context)
    assert [one.labels(*labels)._value.get() for one in (applications_waiting, applications_overdue)] == [1, 1]
    sqlite_service.advance(timedelta(hours=1))
    sqlite_service.apply(ACCEPTED)
    gauges.update(sqlite_service.context)
    assert [one.labels(*labels)._value.get() for one in (applications_waiting, applications_overdue)] == [0, 0]

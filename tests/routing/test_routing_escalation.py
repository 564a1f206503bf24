"""Leaders whom an escalation tells about a step find it in their queue and may read it; nobody else does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from services.routing.domain.step_permissions import Actor
from services.routing.dossier.jurisdiction import day_of
from services.routing.queries.viewer import viewer_of
from services.routing.queries.work_queues import find_queue
from services.routing.store import worklists
from services.routing.store.tables import tasks
from shared.agencies.escalation import centre_leaders, leaders_told, unit_leaders
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.service_fixture import CODE, DESK, REGISTRY, THURSDAY, Client, RoutingFixture, at, reference

PROVINCE_CENTRE = "H12.20"
TODAY = day_of(THURSDAY)
AGENCIES = sorted(agency.code for agency in reference().agencies.all(TODAY))
DESKS = [agency.code for agency in reference().agencies.all(TODAY) if "one_stop_desk" in agency.roles]


def test_the_rule_follows_the_tree() -> None:
    agencies = reference().agencies
    assert unit_leaders(agencies, REGISTRY, TODAY) == {REGISTRY, "H12.14.01", "H12.14", "H12"}
    assert centre_leaders(agencies, DESK, TODAY) == {DESK, "H12.31", "H12", PROVINCE_CENTRE}
    assert centre_leaders(agencies, PROVINCE_CENTRE, TODAY) == {PROVINCE_CENTRE, "H12"}
    assert leaders_told(agencies, REGISTRY, DESK, 0, TODAY) == frozenset()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agency=st.sampled_from(AGENCIES), desk=st.sampled_from(DESKS), level=st.integers(0, 2), viewer=st.data())
def test_whoever_is_told_sees_it(
    sqlite_land: RoutingFixture, agency: str, desk: str, level: int, viewer: st.DataObject
) -> None:
    queue = find_queue("escalated")
    assert queue is not None
    told = leaders_told(reference().agencies, agency, desk, level, TODAY)
    asked = viewer.draw(st.sets(st.sampled_from(AGENCIES), max_size=5)) | told

    def seeing(work: UnitOfWork) -> set[str]:
        connection, here = work.connection, sqlite_land.context
        connection.execute(update(tasks).values(agency=agency, desk=desk, escalation=level))
        viewers = {one: viewer_of(connection, here, Actor("x", one, frozenset({"leader"}))) for one in asked}
        return {one for one, viewer in viewers.items() if worklists.counts(connection, [queue], viewer) == [1]}

    assert sqlite_land.run(seeing) == told


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2025-11-20 14:00", set()),
        ("2025-11-20 14:16", {DESK, "H12.31", "H12"}),
        ("2025-11-21 14:16", {DESK, "H12.31", "H12", PROVINCE_CENTRE}),
    ],
)
def test_a_leader_who_was_told_opens_the_step_and_the_dossier(
    land: RoutingFixture, client: Client, until: str, told: set[str]
) -> None:
    land.advance_to(at(until))
    land.sweep()
    task = land.open_task()
    for agency in (DESK, "H12.31", "H12", PROVINCE_CENTRE, REGISTRY, "H12.32.01", "G12.12"):
        leader = land.token("leader", agency, f"leader-{agency}")
        lines = client.get("/routing/api/queues/escalated", headers=leader).json["items"]
        assert [line["id"] for line in lines] == ([task.id] if agency in told else []), agency
        own = agency in (DESK, "H12.31", "H12")
        expected = 200 if agency in told or own else 403
        assert client.get(f"/routing/api/tasks/{task.id}", headers=leader).status_code == expected
        if agency not in (REGISTRY,):
            assert client.get(f"/routing/api/dossiers/{CODE}", headers=leader).status_code == expected
        clerk = land.token("clerk", agency, f"clerk-{agency}")
        if not own or agency != DESK:
            assert client.get(f"/routing/api/tasks/{task.id}", headers=clerk).status_code == 403


def test_the_escalation_of_a_dossier_counts_for_its_open_steps_and_the_next_ones(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", "printing", "checking")
    land.run(lambda work: work.connection.execute(update(tasks).values(due_at=None, next_check_at=None)))
    land.advance_to(at("2025-12-02 17:31"))
    land.sweep()
    assert (land.dossier().escalation, land.step("signing").escalation) == (1, 1)
    land.complete("signing")
    assert land.step("hand-over").escalation == 1
    land.advance_to(at("2025-12-04 08:00"))
    land.sweep()
    assert (land.dossier().escalation, land.step("hand-over").escalation) == (2, 2)
    assert land.step("hand-over").desk == DESK

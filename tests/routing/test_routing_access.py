"""One rule of access for people and for agencies' own software."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.routing.access import Access, RoleNeeded, WrongAgency
from services.routing.commands.errors import ClaimedByAnother
from services.routing.domain.step_permissions import Actor
from services.routing.store import tasks
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TAX, RoutingFixture


class Checks:
    """Access of some actor to the land registry's open step, and how many checks have passed."""

    def __init__(self, land: RoutingFixture) -> None:
        self.passed = 0
        self._land = land
        land.complete("transfer")
        self.task = land.step("assessment")

    @contextmanager
    def access(self, agency: str, *roles: str, subject: str = "official-1") -> Iterator[Access]:
        """Access of an actor with these roles."""
        with self._land.store.read() as connection:
            actor = Actor(subject, agency, frozenset(roles))
            yield Access(
                connection, self._land.context.reference.agencies, actor, self._land.store.clock.now(), self._count
            )

    def _count(self) -> None:
        self.passed += 1

    def complete(self, agency: str, *roles: str, subject: str = "official-1") -> None:
        """Checks whether an actor may complete the step."""
        with self.access(agency, *roles, subject=subject) as access:
            access.require_may_complete(self.task)


@pytest.fixture
def checks(sqlite_land: RoutingFixture) -> Checks:
    return Checks(sqlite_land)


@pytest.mark.parametrize("role", ["officer", "leader", "agency"])
def test_the_agencys_people_and_its_software_may_complete_a_step(checks: Checks, role: str) -> None:
    checks.complete(REGISTRY, role)
    assert checks.passed == 1


@pytest.mark.parametrize("role", ["clerk", "officer", "leader", "agency"])
@pytest.mark.parametrize("agency", [DESK, TAX, ""])
def test_another_agency_may_not(checks: Checks, agency: str, role: str) -> None:
    with pytest.raises(WrongAgency):
        checks.complete(agency, role)


def test_a_role_that_is_too_low_gets_the_list_of_sufficient_ones(checks: Checks) -> None:
    with pytest.raises(RoleNeeded) as refused:
        checks.complete(REGISTRY, "clerk")
    assert refused.value.roles == ("leader", "officer", "agency")


def test_a_claimed_step_is_completed_by_its_official_a_leader_or_the_software(
    checks: Checks, sqlite_land: RoutingFixture
) -> None:
    sqlite_land.run(lambda work: tasks.change(work.connection, checks.task.id, official="official-1"))
    checks.task = sqlite_land.step("assessment")
    checks.complete(REGISTRY, "officer", subject="official-1")
    checks.complete(REGISTRY, "leader", subject="leader-1")
    checks.complete(REGISTRY, "agency", subject=f"agency:{REGISTRY}")
    with pytest.raises(ClaimedByAnother):
        checks.complete(REGISTRY, "officer", subject="official-2")


def test_only_checks_that_pass_are_counted(checks: Checks) -> None:
    with checks.access(TAX, "officer") as access:
        with pytest.raises(WrongAgency):
            access.require_may_read_task(checks.task)
        with pytest.raises(WrongAgency):
            access.require_may_receive(checks.task)
        assert not access.may_lead(REGISTRY)
    assert checks.passed == 0


def test_the_sender_and_the_receiver_read_a_step_and_only_the_sender_sends_it_again(
    checks: Checks, sqlite_land: RoutingFixture
) -> None:
    with checks.access(DESK, "clerk") as access:
        access.require_may_read_task(checks.task)
        access.require_may_read_dossier(sqlite_land.dossier(CODE))
        access.require_may_resend(checks.task)
        with pytest.raises(WrongAgency):
            access.require_may_receive(checks.task)


def test_a_leader_leads_the_agency_and_no_officer_does(checks: Checks) -> None:
    with checks.access(REGISTRY, "leader") as access:
        access.require_may_lead(REGISTRY)
        with pytest.raises(WrongAgency):
            access.require_may_lead(TAX)
    with checks.access(REGISTRY, "officer") as access, pytest.raises(RoleNeeded):
        access.require_may_lead(REGISTRY)

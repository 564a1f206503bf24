"""What tests of apologies share: a dossier that is late, its letters, and a leader who signs them."""

from __future__ import annotations

from datetime import date, datetime

from services.routing.access import Access
from services.routing.apologies import commands, store
from services.routing.apologies.domain import Letter
from services.routing.apologies.store import Apology
from services.routing.apologies.sweeps import check_apologies
from services.routing.domain.step_permissions import Actor
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.service_fixture import CODE, PROMISED, REGISTRY, RoutingFixture, at

LATE = at("2025-12-02 18:00")
NEXT_MORNING = at("2025-12-03 08:00")
NEW = at("2025-12-10 17:00")
LETTER = Letter("verification", "Cần đo đạc lại ranh giới.", NEW)
NUMBER = f"01/PXL-{REGISTRY}"


def make_late(service: RoutingFixture, code: str = CODE, moment: datetime = LATE) -> Apology:
    """Lets a dossier become late at the land registry; returns its draft."""
    service.complete("transfer", code=code)
    service.advance_to(moment)
    service.sweep()
    assert service.dossier(code).overdue_at == PROMISED
    return newest(service, code)


def letters(service: RoutingFixture, code: str = CODE) -> list[Apology]:
    """All letters for a dossier."""
    with service.store.read() as connection:
        return store.of_dossier(connection, code)


def newest(service: RoutingFixture, code: str = CODE) -> Apology:
    """The last one."""
    return letters(service, code)[-1]


def leader(service: RoutingFixture, work: UnitOfWork, agency: str = REGISTRY, role: str = "leader") -> Access:
    """What a leader of an agency may do."""
    actor = Actor("leader-1", agency, frozenset({role}))
    return Access(work.connection, work.reference.agencies, actor, work.now)


def sign(service: RoutingFixture, id_: str, letter: Letter = LETTER, agency: str = REGISTRY) -> Apology:
    """Signs a letter as a leader."""
    return service.run(lambda work: commands.sign(work, leader(service, work, agency), id_, missing=letter))


def report(service: RoutingFixture) -> int:
    """Runs the sweep of apologies once."""
    return check_apologies(service.context)


def reported_days(service: RoutingFixture, code: str = CODE) -> list[str]:
    """The days on which a missing letter was reported."""
    return [entry.data["day"] for entry in service.emitted("apology.missing", code=code)]


def days_in_table(service: RoutingFixture) -> list[date]:
    """The days in the table of reports."""
    with service.store.read() as connection:
        return sorted(connection.execute(store.reports.select().with_only_columns(store.reports.c.day)).scalars())

"""Business metrics: dossiers decided, counted after the commit; dossiers overdue and applications waiting, counted in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import Gauge

from services.routing.domain import process
from services.routing.store import applications, definitions, dossiers, procedures
from services.routing.store.dossiers import Dossier
from shared.catalogue import Procedure
from shared.catalogue.condition import Facts
from shared.observability.metrics import (
    MeasuredGauges,
    applications_overdue,
    applications_waiting,
    dossiers_decided,
    dossiers_overdue,
    start_at_zero,
)
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

SERVICE = "routing"


def count_decided(work: UnitOfWork, dossier: Dossier, on_time: bool) -> None:
    """Counts a dossier as decided once the transaction has committed.

    Args:
        work: the transaction in which it is resolved or ends without a result.
        dossier: the citizen's.
        on_time: by the law.
    """
    labels = (SERVICE, dossier.handling_agency, dossier.field, str(on_time).lower())
    work.after_commit(lambda: dossiers_decided.labels(*labels).inc())


def show_decided(agency: str, field: str) -> None:
    """Shows the dossiers decided of an agency and field, as 0 at first, so that Prometheus' ``increase()`` sees the first one too."""
    start_at_zero(dossiers_decided, SERVICE, [agency], [field], ["true", "false"])


def show_decided_of_procedures(context: Context) -> int:
    """Does so for all agencies that today handle a published procedure, in each process that may decide; returns 0."""
    agencies = context.reference.agencies.all(context.clock.now().date())
    with context.store.read() as connection:
        newest = procedures.newest_versions(connection)
        found = [definitions.find_procedure(connection, code, version) for code, version in newest]
    for field, role in {pair for procedure in found if procedure for pair in _handling_roles(procedure)}:
        for agency in agencies:
            if role in agency.roles:
                show_decided(agency.code, field)
    return 0


def _handling_roles(procedure: Procedure) -> Iterator[tuple[str, str]]:
    for case in procedure.cases:
        facts = Facts(case=case.code, chosen=frozenset())
        yield procedure.field, process.handling_step(procedure.route(case.code), facts).agency_role


class OverdueGauge:
    """Shows the overdue dossiers of each agency and field. A combination of labels that has none any more becomes 0, so that alerts end."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts the overdue dossiers of each agency and field; returns 0, since it changes no row."""
        with context.store.read() as connection:
            counts = dossiers.count_overdue(connection)
        found = {(context.service, agency, field): count for (agency, field), count in counts.items()}
        self._seen |= found.keys()
        self._gauges.show({(dossiers_overdue, labels): found.get(labels, 0) for labels in self._seen})
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


class ApplicationGauges:
    """Shows the applications of each desk and channel that wait for its answer, and those that wait too long."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts them; returns 0, since it changes no row."""
        with context.store.read() as connection:
            counts = applications.count_waiting(connection)
        found = {(context.service, one.agency, one.channel): one for one in counts}
        self._seen |= found.keys()
        shown: dict[tuple[Gauge, tuple[str, ...]], float] = {}
        for labels in self._seen:
            one = found.get(labels)
            shown[applications_waiting, labels] = one.waiting if one else 0
            shown[applications_overdue, labels] = one.overdue if one else 0
        self._gauges.show(shown)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


_gauge = OverdueGauge()
_applications = ApplicationGauges()
DECIDED = Sweep("decided", timedelta(hours=1), show_decided_of_procedures)
OVERDUE = Sweep("overdue", timedelta(minutes=1), _gauge.update, withdraw=_gauge.withdraw)
APPLICATIONS_WAITING = Sweep(
    "applications waiting", timedelta(minutes=1), _applications.update, withdraw=_applications.withdraw
)

"""Business metrics: dossiers decided and dossiers overdue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.event import listens_for

from services.routing.commands.closure import stop_dossier
from services.routing.metrics import DECIDED, OverdueGauge
from services.routing.store import dossiers
from shared.observability.metrics import dossiers_decided, dossiers_overdue, exposition
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.service_fixture import CODE, DESK, PROMISED, REGISTRY, TO_THE_RESULT, RoutingFixture

OTHER_CODE = "000.00.14.H57-251120-0119"
ON_TIME, LATE = "true", "false"


class Decided:
    """How many dossiers of the land registry were counted as decided since this was made."""

    def __init__(self, service: RoutingFixture) -> None:
        self._field = service.dossier().field
        self._before = {on_time: self._value(on_time) for on_time in (ON_TIME, LATE)}

    def _value(self, on_time: str) -> float:
        return float(dossiers_decided.labels("routing", REGISTRY, self._field, on_time)._value.get())

    def __call__(self) -> tuple[float, float]:
        """On time, and late."""
        return self._value(ON_TIME) - self._before[ON_TIME], self._value(LATE) - self._before[LATE]


def to_the_last_step(service: RoutingFixture) -> None:
    service.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT[:-1])


def test_a_resolved_dossier_is_counted_once(land: RoutingFixture) -> None:
    decided = Decided(land)
    to_the_last_step(land)
    assert decided() == (0, 0)
    land.complete(TO_THE_RESULT[-1])
    assert decided() == (1, 0)


def test_a_late_dossier_is_counted_as_late(sqlite_land: RoutingFixture) -> None:
    decided = Decided(sqlite_land)
    sqlite_land.advance_to(PROMISED + timedelta(minutes=1))
    to_the_last_step(sqlite_land)
    sqlite_land.complete(TO_THE_RESULT[-1])
    assert decided() == (0, 1)


def test_a_dossier_that_ends_without_a_result_is_counted(sqlite_land: RoutingFixture) -> None:
    decided = Decided(sqlite_land)
    sqlite_land.run(lambda work: stop_dossier(work, CODE, "Trùng hồ sơ", "leader-1"))
    assert decided() == (1, 0)


def test_a_transaction_that_is_rolled_back_counts_nothing(sqlite_land: RoutingFixture) -> None:
    decided = Decided(sqlite_land)

    def stop_and_fail(work: UnitOfWork) -> None:
        stop_dossier(work, CODE, "Trùng hồ sơ", "leader-1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sqlite_land.run(stop_and_fail)
    assert decided() == (0, 0)


def overdue(service: RoutingFixture) -> float:
    return float(dossiers_overdue.labels("routing", REGISTRY, service.dossier().field)._value.get())


def test_the_gauge_of_overdue_dossiers_follows_the_database(land: RoutingFixture) -> None:
    gauge = OverdueGauge()
    dossiers_overdue.labels("routing", REGISTRY, land.dossier().field).set(0)  # other tests have set it
    land.receive(OTHER_CODE)
    land.advance_to(PROMISED)
    land.sweep()
    gauge.update(land.context)
    assert overdue(land) == 0
    land.advance(timedelta(minutes=1))
    land.sweep()
    gauge.update(land.context)
    assert overdue(land) == 2
    land.complete_steps("transfer", "assessment")
    gauge.update(land.context)
    assert land.dossier().paused
    assert overdue(land) == 2
    land.run(lambda work: stop_dossier(work, OTHER_CODE, "Trùng hồ sơ", "leader-1"))
    gauge.update(land.context)
    assert overdue(land) == 1


def test_labels_without_an_overdue_dossier_go_back_to_0(sqlite_land: RoutingFixture) -> None:
    gauge = OverdueGauge()
    sqlite_land.advance_to(PROMISED + timedelta(minutes=1))
    sqlite_land.sweep()
    gauge.update(sqlite_land.context)
    assert overdue(sqlite_land) == 1
    sqlite_land.run(lambda work: stop_dossier(work, CODE, "Trùng hồ sơ", "leader-1"))
    gauge.update(sqlite_land.context)
    assert overdue(sqlite_land) == 0


def test_the_count_reads_only_its_own_index(land: RoutingFixture) -> None:
    seen: list[str] = []
    with land.store.read() as connection:

        @listens_for(connection, "before_cursor_execute")
        def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        dossiers.count_overdue(connection)
        (query,) = seen
        if connection.dialect.name == "postgresql":
            for scan in ("seqscan", "bitmapscan"):  # otherwise a table of one row is read whole
                connection.execute(text(f"SET LOCAL enable_{scan} = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {query}").scalars().all()
        else:
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert any("ix_dossier_overdue" in line for line in plan), plan


def shown(agency: str, field: str) -> list[str]:
    """The values of the counter of an agency and field, on time or late, as Prometheus reads them."""
    head = "motcua_dossiers_decided_total{"
    wanted = (f'agency="{agency}"', f'field="{field}"')
    lines = [line for line in exposition("routing")[0].decode().splitlines() if line.startswith(head)]
    return [line.rsplit(" ", 1)[1] for line in lines if all(label in line for label in wanted)]


@pytest.fixture
def no_decisions() -> None:
    """As in a process that has just started."""
    dossiers_decided.clear()


def test_the_counter_of_a_received_dossier_starts_at_0(no_decisions: None, sqlite_service: RoutingFixture) -> None:
    """Else increase() misses the first decision of each agency and field."""
    sqlite_service.publish()
    assert shown(REGISTRY, "land") == []
    sqlite_service.receive()
    assert shown(REGISTRY, "land") == ["0.0", "0.0"]


def test_the_counters_of_a_web_process_start_at_0(no_decisions: None, service: RoutingFixture) -> None:
    """Officials decide there, long after the dossier was received by a worker."""
    service.app()
    assert shown(REGISTRY, "land") == [], "no procedure is published"
    service.publish()
    service.app()
    assert shown(REGISTRY, "land") == ["0.0", "0.0"]
    assert shown(DESK, "land") == [], "it handles no land procedure"


def test_the_counters_of_a_procedure_published_later_appear(no_decisions: None, sqlite_service: RoutingFixture) -> None:
    sqlite_service.app()
    sqlite_service.publish()
    DECIDED.run(sqlite_service.context)
    assert shown(REGISTRY, "land") == ["0.0", "0.0"]

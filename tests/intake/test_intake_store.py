"""The tables, their migrations, and numbers without gaps under concurrency."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from services.intake.components import PATTERN_VARIABLE, make_components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State
from services.intake.filing.domain.dossier_code import CodePattern
from services.intake.filing.dossier_number import defer_dossier_number
from services.intake.payments.domain import Obligation, Payment
from services.intake.plugin_access.domain import StepGrant
from services.intake.supplements.domain import SupplementRequest
from services.registry import find_service
from shared.persistence.migrations import differences, head, migrate
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import Clock
from shared.runtime.settings import SettingsError, read_settings
from tests.intake.service_fixture import DESK, LAND_TRANSFER, THURSDAY, IntakeService, changed


def test_migrations_make_the_tables_of_the_code(store_url: str) -> None:
    store = Store(store_url, "intake", Clock())
    intake = find_service("intake").migrations()
    assert migrate(store.engine, intake.location) == head(intake.location)
    with store.read() as connection:
        assert differences(connection, intake.metadata) == []
    store.close()


@pytest.mark.parametrize(
    ("record", "table"),
    [
        (Dossier, "dossier"),
        (dossiers.Reappointment, "reappointment"),
        (Obligation, "obligation"),
        (Payment, "payment"),
        (SupplementRequest, "supplement_request"),
        (StepGrant, "step_grant"),
    ],
)
def test_records_have_the_columns_of_their_table_in_order(record: Any, table: str) -> None:
    assert [field.name for field in fields(record)] == list(
        find_service("intake").migrations().metadata.tables[table].columns.keys()
    )


def test_concurrent_filings_leave_no_gaps(intake: IntakeService) -> None:
    clerks, each = 5, 4
    barrier = Barrier(clerks)
    statuses: list[int] = []

    def clerk(number: int) -> None:
        barrier.wait()
        for turn in range(each):
            incomplete = turn == 1
            body = changed(LAND_TRANSFER, papers=[]) if incomplete else LAND_TRANSFER
            statuses.append(intake.post("/dossiers", body, key=f"{number}-{turn}").status_code)

    threads = [Thread(target=clerk, args=(number,)) for number in range(clerks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    filed = clerks * (each - 1)
    assert sorted(statuses) == [201] * filed + [422] * clerks
    numbers = sorted(CodePattern().parse(row["code"]).number for row in intake.rows("dossier"))  # type: ignore[union-attr]
    assert numbers == list(range(1, filed + 1))


def test_numbers_are_of_an_agency_and_a_day(intake: IntakeService) -> None:
    day = THURSDAY.date()

    def number(agency: str, day: date) -> str:
        with intake.store.uow() as work:
            placeholder = defer_dossier_number(work, agency, day, 4)
        return work.resolve_placeholder(placeholder)

    def fails(work: UnitOfWork) -> None:
        defer_dossier_number(work, DESK, day, 4)
        work.flush()
        raise LookupError

    with pytest.raises(LookupError):
        intake.store.run(fails)
    assert [number(DESK, day) for _ in range(2)] == ["0001", "0002"]
    assert number("H12.31.02", day) == "0001"
    assert number(DESK, day + timedelta(days=1)) == "0001"


def test_filing_needs_few_statements(intake: IntakeService) -> None:
    intake.file()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement.strip())

    sqlalchemy_event.listen(intake.store.engine, "before_cursor_execute", note)
    intake.post("/dossiers", LAND_TRANSFER, key="k-1")
    sqlalchemy_event.remove(intake.store.engine, "before_cursor_execute", note)
    if intake.store.engine.dialect.name == "postgresql":
        assert statements == [], "the only statement goes to the driver directly"
        return
    writes = [statement for statement in statements if "INSERT INTO" in statement]
    assert writes[0].startswith("INSERT INTO dossier_number"), "other filings at the desk wait from here on"
    assert sum("INSERT INTO dossier " in statement for statement in writes) == 1
    assert len(writes) == 5


def test_a_dossier_in_another_state_is_not_changed(intake: IntakeService) -> None:
    code = intake.file()["code"]
    with intake.store.uow() as work:
        dossier = dossiers.lock(work.connection, code)
        dossiers.change(work, dossier, State.PROCESSING, work.now)
        with pytest.raises(dossiers.StaleState):
            dossiers.change(work, dossier, State.RESOLVED, work.now)
        work.flush()
        assert dossiers.history(work.connection, code) == [(State.PROCESSING, THURSDAY)]


def test_the_pattern_is_a_setting(tmp_path: Path) -> None:
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)})
    assert make_components(settings, {}).pattern == CodePattern()
    pattern = "{agency}-{yyyymmdd}-{number:07d}"
    assert make_components(settings, {PATTERN_VARIABLE: pattern}).pattern == CodePattern(pattern)
    with pytest.raises(SettingsError) as caught:
        make_components(settings, {PATTERN_VARIABLE: "{number}"})
    assert PATTERN_VARIABLE in caught.value.faults[0]

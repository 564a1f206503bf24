"""Verifying: totals and lists are recounted from the facts, every difference is named, and repaired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from services.operations import stats as operations
from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.subjects import facts_of
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.recount import Difference
from services.stats.totals.spans import DAYS, block
from services.stats.totals.tables import agency_pairs, dossier_totals
from shared.cli.stats_verify import verify
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.stats.stored_facts import fold_totals, store_dossiers
from tests.support.service import ServiceUnderTest

START = datetime(2025, 10, 30, 8, tzinfo=VIETNAM)
ROWS: list[Mapping[str, Any]] = [
    {"code": "D-1", "agency": "A", "field": "f", "procedure": "p", "received_at": START, "channel": "online"},
    {
        "code": "D-2",
        "received_at": START,
        "overdue_at": START + timedelta(days=2),
        "late_at": START + timedelta(days=2),
    },
    {
        **{"code": "D-3", "agency": "B", "handling_agency": "H", "received_at": START, "on_time": True},
        **{
            "resolved_at": START + timedelta(hours=17),
            "returned_at": START + timedelta(days=1),
            "return_method": "post",
        },
    },
]


@pytest.fixture
def filled(both: ServiceUnderTest) -> ServiceUnderTest:
    """Stats with some dossiers; everything is folded."""
    store_dossiers(both, ROWS)
    fold_totals(both)
    return both


def run(stats: ServiceUnderTest, statement: str) -> None:
    """Spoils what is kept."""
    with stats.store.engine.begin() as connection:
        connection.execute(text(statement))


def test_what_the_handlers_write_has_no_difference(filled: ServiceUnderTest) -> None:
    assert operations.verify_totals(filled.store) == []


def cells(level: int, span: int) -> str:
    """The condition for the cells of a level and a length of intervals."""
    first = block(level, (span, 0))
    return f"block BETWEEN {first} AND {first + DAYS - 1}"


def number(code: str) -> str:
    """The number of a code."""
    return f"(SELECT id FROM total_code WHERE code = '{code}')"


@pytest.mark.parametrize(
    "spoil",
    [
        f"UPDATE dossier_total SET received = received + 1 WHERE {cells(0, 64)} AND agency = {number('A')}",
        f"DELETE FROM dossier_total WHERE {cells(6, 512)}",
        f"UPDATE dossier_total SET on_time = 0 WHERE {cells(3, 1)} AND agency = {number('B')} AND on_time = 1",
    ],
)
def test_a_wrong_cell_is_named_and_repaired(filled: ServiceUnderTest, spoil: str) -> None:
    before = filled.rows(dossier_totals)
    run(filled, spoil)
    found = operations.verify_totals(filled.store)
    assert found
    assert all(one.counted != one.kept for one in found)
    assert operations.verify_totals(filled.store) == found, "looking changes nothing"
    assert operations.verify_totals(filled.store, repair=True) == [one for one in found if "dossier_total" in one.what]
    assert operations.verify_totals(filled.store) == []
    assert filled.rows(dossier_totals) == before


def test_totals_are_made_from_facts_alone(filled: ServiceUnderTest) -> None:
    before, pairs = filled.rows(dossier_totals), filled.rows(agency_pairs)
    run(filled, "DELETE FROM dossier_total")
    run(filled, "DELETE FROM agency_pair")
    operations.verify_totals(filled.store, repair=True)
    assert (filled.rows(dossier_totals), filled.rows(agency_pairs)) == (before, pairs)
    with filled.store.read() as connection:
        counts = count_measures(
            connection, Scope(Period(date(2025, 10, 1), date(2025, 10, 31)), START, {"agency": "A"})
        )
    assert (counts["received"], counts["in_progress"]) == (1, 1)


def test_a_list_that_has_another_number_than_the_totals_is_named(filled: ServiceUnderTest) -> None:
    """A row that was changed by nobody's handler: the list has it, the total does not."""
    run(filled, "UPDATE dossier SET return_method = 'counter' WHERE code = 'D-3'")
    found = operations.verify_totals(filled.store)
    assert Difference("list of 2025-10-31 at B", "returned_at_counter", 1, 0) in found
    assert any(one.what.startswith("dossier_total: B/H/*/*/*,") and one.name == "returned_by_post" for one in found)


def test_the_facts_go_on_after_a_repair(filled: ServiceUnderTest) -> None:
    run(filled, "UPDATE dossier_total SET received = 7")
    operations.verify_totals(filled.store, repair=True)

    def move(work: UnitOfWork) -> None:
        facts_of(work).change(DOSSIERS, ("D-1",), lambda row: {**row, "agency": "Z"})

    filled.store.run(move)
    assert operations.verify_totals(filled.store) == []


def test_the_command_names_differences_and_fails(filled: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr("shared.cli.stats_verify.migrated_store", lambda *_: nullcontext(filled.store))
    monkeypatch.setattr("shared.cli.stats_verify.read_settings", lambda: None)
    assert CliRunner().invoke(verify).output == "0 differences\n"
    run(filled, f"UPDATE dossier_total SET received = 5 WHERE {cells(6, 1)}")
    found = CliRunner().invoke(verify)
    assert found.exit_code == 1
    assert "received is 5, the facts say" in found.output
    assert CliRunner().invoke(verify, ["--repair"]).output.endswith("differences, repaired\n")
    assert CliRunner().invoke(verify).exit_code == 0

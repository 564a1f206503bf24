"""A late dossier without a signed apology is reported once on each local day, whatever happens to workers and clocks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.routing.apologies import sweeps
from services.routing.apologies.metrics import MissingGauge
from shared.observability.metrics import apologies_missing, apologies_signed
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.apology_letters import (
    NEXT_MORNING,
    days_in_table,
    letters,
    make_late,
    newest,
    report,
    reported_days,
    sign,
)
from tests.routing.service_fixture import CODE, REGISTRY, RoutingFixture, at
from tests.routing.test_routing_day_off import TUESDAY, declare_off


def test_a_missing_letter_is_reported_once_a_day_until_it_is_signed(land: RoutingFixture) -> None:
    draft = make_late(land)
    for moment in ("2025-12-02 18:00", "2025-12-02 18:01", "2025-12-03 00:00", "2025-12-03 17:00", "2025-12-06 09:00"):
        land.advance_to(at(moment))
        report(land)
    assert reported_days(land) == ["2025-12-02", "2025-12-03", "2025-12-06"]
    assert [entry.data["reports"] for entry in land.emitted("apology.missing")] == [1, 2, 3]
    first = land.emitted("apology.missing")[0].data
    assert (first["apology"], first["agency"], first["was_due_at"]) == (draft.id, REGISTRY, "2025-12-02T17:30:00+07:00")
    assert newest(land).reports == 3
    sign(land, draft.id)
    land.advance_to(at("2025-12-07 09:00"))
    assert report(land) == 0
    assert len(reported_days(land)) == 3


def test_several_workers_report_a_day_once(land: RoutingFixture) -> None:
    make_late(land)
    start = threading.Barrier(4)

    def worker(_: int) -> int:
        start.wait()
        return report(land)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(worker, range(4))) == 1
    assert reported_days(land) == ["2025-12-02"]


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=st.lists(st.integers(-5 * 24 * 60, 5 * 24 * 60), min_size=1, max_size=8))
def test_no_jump_of_the_clock_reports_a_day_twice(sqlite_land: RoutingFixture, jumps: list[int]) -> None:
    if not letters(sqlite_land):
        make_late(sqlite_land)
    for minutes in jumps:
        moment = max(sqlite_land.store.clock.now() + timedelta(minutes=minutes), at("2025-12-02 18:00"))
        sqlite_land.advance_to(moment)
        report(sqlite_land)
        report(sqlite_land)
        assert newest(sqlite_land).reported_on == sqlite_land.store.clock.now().date()
    days = reported_days(sqlite_land)
    assert len(set(days)) == len(days)
    assert sorted(days) == [day.isoformat() for day in days_in_table(sqlite_land)]


def test_a_crash_before_the_commit_reports_nothing_and_the_next_run_does(
    land: RoutingFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_late(land)
    real = sweeps.report_missing

    def killed(work: UnitOfWork, id_: str, day: object) -> bool:
        real(work, id_, day)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeps, "report_missing", killed)
    with pytest.raises(KeyboardInterrupt):
        report(land)
    assert (reported_days(land), newest(land).reports) == ([], 0)
    monkeypatch.undo()
    report(land)
    assert reported_days(land) == ["2025-12-02"]


def test_a_lateness_that_was_an_error_is_not_reported(land: RoutingFixture) -> None:
    make_late(land)
    land.advance_to(NEXT_MORNING)
    declare_off(land, TUESDAY)
    report(land)
    assert (reported_days(land), newest(land).state) == ([], "withdrawn")


def test_one_letter_that_cannot_be_reported_does_not_stop_the_others(
    land: RoutingFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "000.00.14.H57-251120-0119"
    land.receive(other)
    land.complete("transfer", code=other)
    make_late(land)
    broken, real = newest(land).id, sweeps.report_missing

    def check(work: UnitOfWork, id_: str, day: object) -> bool:
        if id_ == broken:
            raise ValueError("broken")
        return real(work, id_, day)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeps, "report_missing", check)
    report(land)
    assert (reported_days(land, CODE), reported_days(land, other)) == ([], ["2025-12-02"])


def test_metrics_say_how_many_letters_are_missing_and_signed(land: RoutingFixture) -> None:
    draft = make_late(land)
    gauge = MissingGauge()
    gauge.update(land.context)
    assert apologies_missing.labels("routing", REGISTRY)._value.get() == 1
    before = apologies_signed.labels("routing", REGISTRY, "late")._value.get()
    sign(land, draft.id)
    assert apologies_signed.labels("routing", REGISTRY, "late")._value.get() == before + 1
    gauge.update(land.context)
    assert apologies_missing.labels("routing", REGISTRY)._value.get() == 0

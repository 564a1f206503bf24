"""Rebuilding: the same numbers from the archive, beside the running ones, from wherever it was killed, while events go on arriving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from services.stats.archive.commands import seal_ended_month
from services.stats.archive.domain import BrokenChain
from services.stats.archive.rebuild import commands, compare
from services.stats.archive.rebuild.commands import OtherArchive, Progress, Rebuild
from services.stats.archive.rebuild.compare import Difference
from services.stats.archive.rebuild.tables import rebuilt_tables
from services.stats.archive.store import heads, segments
from services.stats.facts.store import dossiers, payments, waivers
from services.stats.facts.subjects import prepare
from services.stats.handlers import FACTS, HANDLERS, UNLINKED
from services.stats.totals.spans import DAYS
from shared.messaging import restored
from tests.stats.archive.support import MONTH, fill
from tests.stats.stored_facts import fold_totals
from tests.support.events import event
from tests.support.service import ServiceUnderTest


def everything(stats: ServiceUnderTest) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables that are made from events; nothing waits to be folded into the totals."""
    fold_totals(stats)
    return {table.name: stats.rows(table) for table in rebuilt_tables()}


def rebuild_of(stats: ServiceUnderTest, report: Callable[[Progress], None] = lambda _: None) -> Rebuild:
    return Rebuild(stats.context, FACTS, UNLINKED, prepare, report)


@pytest.fixture
def filled(both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    """One event of each type, and two sealed months with several dossiers; a step applies two batches."""
    monkeypatch.setattr(commands, "STEP_EVENTS", 4)
    fill(both)
    both.apply(*(event(name, 1) for name in HANDLERS if name not in restored.HANDLERS))
    return both


def test_the_rebuilt_numbers_are_the_same(filled: ServiceUnderTest) -> None:
    before = everything(filled)
    told: list[Progress] = []
    work = rebuild_of(filled, told.append)
    assert not work.build()
    found = work.compare(10)
    of_days = {
        name: [row for row in rows if row.get("block", 0) < DAYS]  # of totals those by day and whole place
        for name, rows in before.items()
        if name != "agency_pair" and not name.endswith("_total_change")
    }
    assert {one.table: (one.running, one.rebuilt, one.different) for one in found} == {
        name: (len(rows), len(rows), 0) for name, rows in of_days.items()
    }
    assert all(of_days.values()), "every table was compared with something in it"
    assert [one.events for one in told][:4] == [4, 6, 10, 12]  # a step ends with a segment
    assert told[-1].events == told[-1].of
    assert work.switch(accept_differences=False) == 0
    work.side.close()
    assert everything(filled) == before


def test_each_difference_is_named_and_the_switch_mends_it(filled: ServiceUnderTest) -> None:
    right = everything(filled)
    (code,) = {row["code"] for row in right["dossier"]} - {f"D-{month}-{n}" for month in range(3) for n in range(3)}
    with filled.store.uow() as unit:
        unit.execute(update(dossiers).where(dossiers.c.code == "D-0-1").values(channel="post", outcome=None))
        unit.execute(delete(dossiers).where(dossiers.c.code == code))
        stray = right["payment"][0] | {"payment": "P-2"}
        unit.execute(payments.insert(), stray)
    work = rebuild_of(filled)
    work.build()
    found = {one.table: one for one in work.compare(10)}
    assert {name for name, one in found.items() if one.different} == {"dossier", "payment"}
    assert found["dossier"].differences == (
        Difference("dossier", ("D-0-1",), {"channel": ("post", "counter"), "outcome": (None, "completed")}, "both"),
        Difference("dossier", (code,), {}, "rebuilt"),
    )
    assert found["payment"].differences == (Difference("payment", ("P-2",), {}, "running"),)
    wrong = everything(filled)
    assert work.switch(accept_differences=False) is None
    assert everything(filled) == wrong
    assert work.switch(accept_differences=True) == 4
    assert everything(filled) == right
    work.side.close()


def test_only_as_many_differences_are_named_as_asked_and_all_are_counted(filled: ServiceUnderTest) -> None:
    with filled.store.uow() as unit:
        unit.execute(update(dossiers).values(fee=7))
    work = rebuild_of(filled)
    work.build()
    (found,) = (one for one in work.compare(3) if one.different)
    assert (found.different, len(found.differences)) == (10, 3)
    work.side.remove()
    work.side.close()


def test_a_total_that_went_back_to_nothing_is_no_difference(both: ServiceUnderTest) -> None:
    """A dossier whose handling agency is known later leaves cells with zeros, which one that is rebuilt in one step never had."""
    both.apply(event("dossier.received", 1))
    both.apply(event("dossier.resolved", 2))
    both.apply(event("ticket.issued", 1))
    both.apply(event("ticket.missed", 2))
    both.apply(event("ticket.served", 3))
    before = everything(both)
    assert any(not row["received"] for row in before["dossier_total"])
    work = rebuild_of(both)
    work.build()
    found = {one.table: one for one in work.compare(10)}
    assert not any(one.different for one in found.values())
    assert found["dossier_total"].running < len(before["dossier_total"])
    assert work.switch(accept_differences=False) == 0
    work.side.close()
    assert everything(both) == before


class Killed(Exception):
    """Stands for a kill."""


def test_killed_after_any_step_it_goes_on_where_it_was(filled: ServiceUnderTest) -> None:
    before = everything(filled)
    seen: list[int] = []

    def die(progress: Progress) -> None:
        seen.append(progress.events)
        raise Killed

    while True:
        work = rebuild_of(filled, die)
        try:
            work.build()
        except Killed:
            work.side.close()
            continue
        break
    assert seen == sorted(set(seen)), "no step was done twice"
    assert len(seen) > 4
    assert not any(one.different for one in work.compare(10))
    work.side.close()
    assert everything(filled) == before


def test_a_step_that_was_killed_within_has_done_nothing(
    filled: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = update
    calls: list[Any] = []

    def die(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) % 2:
            raise Killed
        return inner(*arguments)

    monkeypatch.setattr("services.stats.archive.rebuild.commands.update", die)
    while True:
        work = rebuild_of(filled)
        try:
            work.build()
        except Killed:
            work.side.close()
            continue
        break
    assert len(calls) > 8
    assert not any(one.different for one in work.compare(10))
    work.side.close()


def test_killed_during_the_switch_the_running_numbers_are_as_before(
    filled: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = everything(filled)
    with filled.store.uow() as unit:
        unit.execute(update(dossiers).values(fee=7))
    wrong = everything(filled)
    work = rebuild_of(filled)
    work.build()
    inner = compare.replace

    def die(*arguments: Any) -> int:
        inner(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(compare, "replace", die)
        with pytest.raises(Killed):
            work.switch(accept_differences=True)
    work.side.close()
    assert everything(filled) == wrong
    again = rebuild_of(filled)
    assert again.build()
    again.compare(1)
    again.switch(accept_differences=True)
    again.side.close()
    assert everything(filled) == right


def test_what_arrives_meanwhile_is_rebuilt_too(filled: ServiceUnderTest) -> None:
    """During the steps, between the last one and the comparison, and between the comparison and the switch."""
    number = 0

    def more(*_: object) -> None:
        nonlocal number
        if number < 12:
            number += 1
            filled.apply(event("dossier.received", 1, dossier=f"M-{number}"), event("fee.waived", waiver=f"W-{number}"))

    work = rebuild_of(filled, more)
    work.build()
    filled.apply(event("dossier.received", 1, dossier="M-compare"))
    assert not any(one.different for one in work.compare(10))
    filled.apply(event("dossier.received", 1, dossier="M-switch"), event("fee.waived", waiver="W-switch"))
    assert work.switch(accept_differences=False) == 0
    work.side.close()
    assert {f"M-{n}" for n in range(1, 13)} | {"M-compare", "M-switch"} < {row["code"] for row in filled.rows(dossiers)}
    assert {row["waiver"] for row in filled.rows(waivers)} > {"W-1", "W-12", "W-switch"}


def test_the_worker_goes_on_after_a_switch(filled: ServiceUnderTest) -> None:
    work = rebuild_of(filled)
    work.build()
    work.switch(accept_differences=False)
    work.side.close()
    filled.apply(event("dossier.returned", 9, dossier="D-0-0"))
    (row,) = (row for row in filled.rows(dossiers) if row["code"] == "D-0-0")
    assert row["returned_at"] is not None


def test_an_archive_that_was_changed_is_not_rebuilt_to_the_end(filled: ServiceUnderTest) -> None:
    with filled.store.uow() as unit:
        unit.execute(update(heads).values(link="0" * 64))
    work = rebuild_of(filled)
    work.build()
    with pytest.raises(BrokenChain, match="motcua stats archive verify"):
        work.compare(10)
    work.side.close()


def test_what_an_older_archive_does_not_have_is_not_gone_on_with(filled: ServiceUnderTest) -> None:
    """Stats was restored from a backup between two rebuilds."""
    work = rebuild_of(filled)
    work.build()
    work.side.close()
    with filled.store.uow() as unit:
        unit.execute(update(heads).values(batches=2))
        unit.execute(delete(segments))
    again = rebuild_of(filled)
    with pytest.raises(OtherArchive):
        again.build()
    again.side.remove()
    again.side.close()


def test_tables_of_another_version_are_made_anew(filled: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    work = rebuild_of(filled)
    work.build()
    work.side.close()
    monkeypatch.setattr("services.stats.archive.rebuild.side.shape", lambda: "another")
    again = rebuild_of(filled)
    assert not again.build()
    assert not any(one.different for one in again.compare(10))
    again.side.close()


def test_a_month_that_is_sealed_between_two_steps_is_read_on(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "STEP_EVENTS", 4)
    fill(both, months=2, batches=4, sealed=False)
    both.hand.pass_(MONTH)

    def seal(_: Progress) -> None:
        seal_ended_month(both.context)

    work = rebuild_of(both, seal)
    work.build()
    assert not any(one.different for one in work.compare(10))
    work.side.close()
    assert len(both.rows(segments)) == 2

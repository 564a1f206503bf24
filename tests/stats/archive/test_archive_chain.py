"""The chain: what is changed, moved, added or left out is found, in open batches and sealed months, and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, delete, insert, select, update

from services.stats.archive import store
from services.stats.archive.commands import seal_ended_month
from services.stats.archive.domain import (
    GENESIS,
    Batch,
    BrokenChain,
    batches_of,
    content_hash,
    link,
    pack_events,
    seal_batches,
    unpack_events,
)
from services.stats.archive.queries import verify
from shared.messaging import tables as bus_tables
from tests.stats.archive.support import MONTH, archived, fill, verified
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

LINES = st.binary(min_size=1, max_size=40).map(lambda line: line.replace(b"\n", b" "))
BATCHES = st.lists(st.lists(LINES, min_size=1, max_size=4), min_size=1, max_size=5)


def chained(texts: list[list[bytes]]) -> list[Batch]:
    found, first = [], 1
    for number, events in enumerate(texts, 1):
        found.append(Batch(number, "2025-11", MONDAY + timedelta(microseconds=number), first, tuple(events)))
        first += len(events)
    return found


@given(BATCHES)
def test_a_segment_gives_back_what_was_sealed(texts: list[list[bytes]]) -> None:
    batches = chained(texts)
    segment, content = seal_batches(batches, GENESIS, 1, GENESIS, MONDAY)
    assert list(batches_of(content)) == batches
    assert (segment.events, segment.first_batch, segment.last_batch) == (sum(map(len, texts)), 1, len(texts))
    assert all(unpack_events(pack_events(batch.events)) == batch.events for batch in batches)


@given(BATCHES, st.data())
def test_any_change_of_any_batch_changes_the_last_link(texts: list[list[bytes]], data: st.DataObject) -> None:
    batches = chained(texts)
    place = data.draw(st.integers(0, len(batches) - 1))
    one = batches[place]
    changed = data.draw(
        st.sampled_from(
            [
                [*batches[:place], *batches[place + 1 :]],
                [*batches[: place + 1], *batches[place:]],
                [*batches[:place], replace(one, at=one.at + timedelta(microseconds=1)), *batches[place + 1 :]],
                [*batches[:place], replace(one, events=one.events[1:]), *batches[place + 1 :]],
                [*batches[:place], replace(one, events=(*one.events, b"{}")), *batches[place + 1 :]],
                [*batches[:place], replace(one, month="2025-10"), *batches[place + 1 :]],
            ]
        )
    )
    assert last_link(changed) != last_link(batches)


def last_link(batches: list[Batch]) -> str:
    found = GENESIS
    for batch in batches:
        found = link(found, batch)
    return found


@given(BATCHES, st.data())
def test_any_changed_byte_of_a_segment_is_found(texts: list[list[bytes]], data: st.DataObject) -> None:
    segment, content = seal_batches(chained(texts), GENESIS, 1, GENESIS, MONDAY)
    place, other = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(1, 255))
    changed = content[:place] + bytes([content[place] ^ other]) + content[place + 1 :]
    assert replace(segment, content_hash=content_hash(changed)).seal != segment.seal
    cut = content[:place]
    with pytest.raises(BrokenChain):
        list(batches_of(cut))


def test_ended_months_are_sealed_and_the_present_one_stays_open(both: ServiceUnderTest) -> None:
    fill(both, sealed=False)
    before = archived(both)
    assert [seal_ended_month(both.context) for _ in range(3)] == [6, 6, 0]
    assert archived(both) == before
    assert [row["month"] for row in both.rows(store.segments)] == ["2025-11", "2025-12"]
    assert {row["month"] for row in both.rows(store.batches)} == {"2026-01"}
    found = verified(both)
    assert (found.segments, found.batches, found.events, found.fault) == (2, 9, 18, "")


def test_a_late_event_goes_into_the_open_month_and_a_clock_that_went_back_opens_none(both: ServiceUnderTest) -> None:
    fill(both, months=2)
    both.apply(event("dossier.erased", 9, time=MONDAY))
    both.hand.pass_(-2 * MONTH)
    both.apply(event("dossier.erased", 10))
    assert [row["month"] for row in both.rows(store.batches)] == ["2025-12"] * 5
    assert verified(both).fault == ""


def test_a_month_with_more_than_fits_has_several_segments(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.stats.archive.commands.SEGMENT_BYTES", 2000)
    fill(both, months=2, batches=5)
    assert [row["month"] for row in both.rows(store.segments)] == ["2025-11"] * 5
    assert verified(both).fault == ""
    assert len(archived(both)) == 20


def test_what_two_processes_seal_at_once_is_sealed_once(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second comes while the first one compresses."""
    fill(both, months=2, sealed=False)
    inner = seal_batches
    nested: list[int] = []

    def meanwhile(*arguments: Any) -> Any:
        if not nested:
            nested.append(-1)
            nested.append(seal_ended_month(both.context))
        return inner(*arguments)

    monkeypatch.setattr("services.stats.archive.commands.seal_batches", meanwhile)
    assert seal_ended_month(both.context) == 0
    assert nested == [-1, 6]
    assert len(both.rows(store.segments)) == 1
    assert verified(both).fault == ""


def change(both: ServiceUnderTest, statement: Any) -> None:
    with both.store.uow() as work:
        assert work.execute(statement).rowcount == 1


def remove(table: Table, number: int) -> Any:
    return delete(table).where(table.c.number == number)


def put(table: Table, number: int, **values: Any) -> Any:
    return update(table).where(table.c.number == number).values(**values)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (remove(store.segments, 1), "segment 1 is missing"),
        (remove(store.segments, 2), "batch 4 is missing before batch 7"),
        (remove(store.batches, 7), "batch 7 is missing before batch 8"),
        (remove(store.batches, 9), "9 batches with 18 events were archived; the last ones are missing"),
        (put(store.segments, 1, content=b""), "segment 1 (2025-11): its content was changed"),
        (put(store.segments, 2, events=5), "segment 2 (2025-12) is not the one that was sealed"),
        (put(store.segments, 2, sealed_at=MONDAY), "segment 2 (2025-12) is not the one that was sealed"),
        (put(store.segments, 2, seal="0" * 64), "segment 2 (2025-12) is not the one that was sealed"),
        (put(store.batches, 8, at=MONDAY), "batch 8 was changed"),
        (put(store.batches, 8, packed=pack_events([b"{}"])), "batch 8 was changed"),
        (put(store.batches, 8, packed=b"?"), "batch 8: its content cannot be read"),
        (put(store.batches, 8, events=1), "batch 8 was changed"),
        (put(store.batches, 8, size=1), "batch 8 was changed"),
        (put(store.batches, 8, link="0" * 64), "batch 8 was changed"),
        (put(store.batches, 8, first_event=1), "batch 8 is not in its place"),
        (put(store.batches, 8, month="2025-01"), "batch 8 is not in its place"),
        (update(store.heads).values(events=17), "9 batches with 17 events were archived"),
        (update(store.heads).values(segments=3), "3 segments were sealed; the last ones are missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_change_is_found_and_named(stats: ServiceUnderTest, statement: Any, fault: str) -> None:
    fill(stats)
    change(stats, statement)
    assert fault in verified(stats).fault


def test_a_changed_archive_is_found_on_both_databases(both: ServiceUnderTest) -> None:
    fill(both)
    change(both, put(store.batches, 8, at=MONDAY))
    found = verified(both)
    assert (found.fault, found.batches, found.events) == ("batch 8 was changed", 7, 14)


def test_two_segments_that_changed_places_are_found(stats: ServiceUnderTest) -> None:
    fill(stats)
    first, second = (dict(row) for row in stats.rows(store.segments))
    with stats.store.uow() as work:
        work.execute(delete(store.segments))
        work.execute(insert(store.segments), [first | {"number": 2}, second | {"number": 1}])
    assert "segment 1 (2025-12) does not follow the segment before it" in verified(stats).fault


def test_who_knows_a_seal_finds_a_history_that_was_written_anew(stats: ServiceUnderTest) -> None:
    """Whoever may write everything can write a chain that agrees with itself; it does not agree with what was noted outside."""
    fill(stats)
    known = {row["number"]: row["seal"] for row in stats.rows(store.segments)}
    assert verified(stats, known).fault == ""
    with stats.store.uow() as work:
        work.execute(delete(store.segments))
        work.execute(delete(store.batches))
        start = {"batches": 0, "events": 0, "month": "", "link": GENESIS, "segments": 0, "seal": GENESIS}
        work.execute(update(store.heads).values(**start))
        work.execute(delete(bus_tables.inbox))
    assert verified(stats).fault == ""
    assert "segment 1 is missing: its seal is known" in verified(stats, known).fault
    fill(stats)
    assert verified(stats).fault == ""
    assert "segment 1 (2026-01) is not the one that was sealed" in verified(stats, known).fault


def test_what_was_changed_is_not_sealed(stats: ServiceUnderTest) -> None:
    fill(stats, sealed=False)
    change(stats, put(store.batches, 2, at=MONDAY - MONTH))
    with pytest.raises(BrokenChain, match="batch 2 was changed"):
        seal_ended_month(stats.context)
    assert stats.rows(store.segments) == []


def test_verifying_sees_one_moment_on_postgresql(both: ServiceUnderTest) -> None:
    """What is sealed during the check is neither missed nor found twice."""
    fill(both, sealed=False)
    with both.store.snapshot(long=True) as connection:
        connection.execute(select(store.heads))
        assert seal_ended_month(both.context)
        both.apply(event("dossier.erased", 99))
        assert verify(connection).fault == ""

"""The process control sheet: allowed entries, the time to acknowledge, and detection of changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.acknowledgement import acknowledge_by
from services.routing.domain.control_sheet import Fault, FaultKind, verify
from services.routing.domain.handover import (
    NEXT,
    ORIGIN,
    Entry,
    Handover,
    HandoverKind,
    HandoverNotAllowed,
    HandoverResult,
    Head,
    canonical,
    digest,
    enter,
    result_of,
)
from shared.calendar import WorkingCalendar
from shared.regulations import Regulation
from tests.routing.domain.rule_fixtures import (
    BOTH,
    MOMENTS,
    ND61,
    ND118,
    OFFICE,
    QD09,
    THURSDAY,
    at,
    calendars,
    in_working_time,
    patient,
)

GIVEN, RECEIVED, REFUSED = HandoverKind.GIVEN, HandoverKind.RECEIVED, HandoverKind.REFUSED
RESENT, LAPSED = HandoverKind.RESENT, HandoverKind.LAPSED
DOSSIER = "H12.31.01-251120-0001"


def handover(kind: HandoverKind, task: str = "t1", minutes: int = 0, **more: object) -> Handover:
    cause = "Không thuộc thẩm quyền" if kind == REFUSED else ""
    due_at = THURSDAY if kind == LAPSED else None
    made = Handover(
        DOSSIER,
        task,
        "appraise",
        kind,
        "H12.31.01",
        "H12.14.02",
        "u-17",
        THURSDAY + timedelta(minutes=minutes),
        due_at,
        cause,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def sheet(*entered: tuple[HandoverKind, str]) -> list[Entry]:
    """A control sheet of these kinds and tasks, a minute apart."""
    entries: list[Entry] = []
    kinds: dict[str, HandoverKind] = {}
    for minutes, (kind, task) in enumerate(entered, start=1):
        last = entries[-1] if entries else None
        entries.append(enter(last, kinds.get(task), handover(kind, task, minutes)))
        kinds[task] = kind
    return entries


FIVE = sheet((GIVEN, "t1"), (REFUSED, "t1"), (RESENT, "t1"), (RECEIVED, "t1"), (GIVEN, "t2"))
LEGAL = {
    (None, GIVEN),
    (GIVEN, RECEIVED),
    (GIVEN, REFUSED),
    (GIVEN, LAPSED),
    (RECEIVED, REFUSED),
    (REFUSED, RESENT),
    (RESENT, RECEIVED),
    (RESENT, REFUSED),
    (RESENT, LAPSED),
    (LAPSED, RECEIVED),
    (LAPSED, REFUSED),
    (LAPSED, RESENT),
    (LAPSED, LAPSED),
    *((before, HandoverKind.RESCHEDULED) for before in (None, *HandoverKind)),
}


@pytest.mark.parametrize(("before", "after"), list(product([None, *HandoverKind], HandoverKind)))
def test_form_06_which_entry_may_follow_which(before: HandoverKind | None, after: HandoverKind) -> None:
    made = handover(after, minutes=1)
    if (before, after) in LEGAL:
        assert enter(None, before, made).kind == after
    else:
        with pytest.raises(HandoverNotAllowed, match="handover_out_of_order"):
            enter(None, before, made)


def test_the_table_of_entries_is_closed() -> None:
    assert set(NEXT) == {None, *HandoverKind}


@pytest.mark.parametrize("cause", ["", "  "])
def test_form_06_a_refused_hand_over_needs_a_reason(cause: str) -> None:
    with pytest.raises(HandoverNotAllowed) as refused:
        enter(None, GIVEN, handover(REFUSED, cause=cause))
    assert refused.value.code == "handover_refused_without_reason"
    assert refused.value.vi == "Từ chối nhận hồ sơ phải nêu lý do."


@pytest.mark.parametrize("due_at", [None, THURSDAY + timedelta(minutes=1)])
def test_a_hand_over_lapses_only_at_its_due_time(due_at: datetime | None) -> None:
    with pytest.raises(HandoverNotAllowed, match="handover_not_lapsed_yet"):
        enter(None, GIVEN, handover(LAPSED, due_at=due_at))
    assert enter(None, GIVEN, handover(LAPSED, due_at=THURSDAY)).result == HandoverResult.LATE


def test_form_06_officials_are_identifiers_not_names() -> None:
    with pytest.raises(ValueError, match="identifiers hold no spaces"):
        enter(None, None, handover(GIVEN, by="Trần Thị Bích"))
    assert enter(None, None, handover(GIVEN, by="")).by == ""


def test_an_entry_of_another_dossier_is_refused() -> None:
    with pytest.raises(ValueError, match="takes no entry of H12-1"):
        enter(FIVE[-1], None, handover(GIVEN, dossier="H12-1"))


@pytest.mark.parametrize(
    ("happened", "due", "result"),
    [
        ("2025-11-20 09:00", None, HandoverResult.NONE),
        ("2025-11-20 17:30", "2025-11-21 07:30", HandoverResult.EARLY),
        ("2025-11-21 07:31", "2025-11-21 17:30", HandoverResult.ON_TIME),
        ("2025-11-21 17:30", "2025-11-21 17:30", HandoverResult.ON_TIME),
        ("2025-11-21 17:31", "2025-11-21 17:30", HandoverResult.LATE),
    ],
)
def test_form_06_early_on_time_or_late(happened: str, due: str | None, result: HandoverResult) -> None:
    assert result_of(at(happened), at(due) if due else None) == result


def test_entries_are_numbered_and_chained() -> None:
    assert [entry.number for entry in FIVE] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in FIVE] == [ORIGIN, *(entry.hash for entry in FIVE[:-1])]
    assert len({entry.hash for entry in FIVE}) == 5


def test_the_hash_is_sha_256_over_canonical_json_that_anybody_can_compute() -> None:
    entry = enter(None, GIVEN, handover(REFUSED, cause='Không "thuộc" thẩm quyền'))
    values = json.loads(canonical(entry))
    assert "hash" not in values
    assert values["at"] == "2025-11-20T01:15:00.000000Z"
    assert values["due_at"] is None
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert text.encode() == canonical(entry)
    assert "Không" in text
    assert hashlib.sha256(text.encode()).hexdigest() == entry.hash


def test_the_same_moment_in_another_zone_has_the_same_hash() -> None:
    entry = FIVE[0]
    assert digest(replace(entry, at=entry.at.astimezone(UTC))) == entry.hash


def test_the_same_kind_read_back_as_text_has_the_same_hash() -> None:
    read_back = replace(FIVE[1], kind="refused", result="none")  # type: ignore[arg-type]
    assert digest(read_back) == FIVE[1].hash


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        enter(None, None, handover(GIVEN, at=datetime(2025, 11, 20, 8)))


def head_of(entries: Sequence[Entry]) -> Head:
    """The last entry of a sheet as stored elsewhere."""
    return Head(entries[-1].number, entries[-1].hash)


def test_a_complete_sheet_has_no_fault() -> None:
    assert verify([]) is None
    assert verify(FIVE) is None
    assert verify(FIVE, head_of(FIVE)) is None
    assert verify(FIVE, head_of(FIVE[:3])) is None, "a sheet may have grown since its head was noted"


CHANGES = [
    ("task", "t9"),
    ("step", "sign"),
    ("kind", RECEIVED),
    ("from_agency", "H12.1"),
    ("to_agency", "H12.2"),
    ("by", "u-99"),
    ("at", THURSDAY),
    ("due_at", THURSDAY),
    ("cause", "khác"),
    ("result", HandoverResult.EARLY),
    ("previous", "1" * 64),
    ("hash", "1" * 64),
]


@pytest.mark.parametrize(("field", "value"), CHANGES)
@pytest.mark.parametrize("place", [0, 1, 4])
def test_an_altered_field_is_found(field: str, value: object, place: int) -> None:
    entries = list(FIVE)
    entries[place] = replace(entries[place], **{field: value})  # type: ignore[arg-type]
    assert entries[place] != FIVE[place]
    assert_fault(verify(entries), place + 1, FaultKind.ALTERED)


def rewritten(entries: list[Entry], place: int) -> list[Entry]:
    """The entry altered and its own hash made to fit again."""
    changed = replace(entries[place], to_agency="H12.99")
    return [*entries[:place], replace(changed, hash=digest(changed)), *entries[place + 1 :]]


def rewritten_from(entries: list[Entry], place: int) -> list[Entry]:
    """The entry altered, and all hashes from there on made to fit again."""
    result = rewritten(entries, place)
    for later in range(place + 1, len(result)):
        chained = replace(result[later], previous=result[later - 1].hash)
        result[later] = replace(chained, hash=digest(chained))
    return result


def swapped(a: int, b: int) -> list[Entry]:
    entries = list(FIVE)
    entries[a], entries[b] = entries[b], entries[a]
    return entries


HEAD = head_of(FIVE)
FOREIGN = replace(FIVE[2], dossier="H12-1")
FAULTS = [
    # what was done, entries, head, number, kind
    ("one left out", [*FIVE[:2], *FIVE[3:]], None, 3, FaultKind.GAP),
    ("the first left out", FIVE[1:], None, 1, FaultKind.GAP),
    ("two left out", [FIVE[0], *FIVE[3:]], None, 2, FaultKind.GAP),
    ("neighbours swapped", swapped(1, 2), None, 2, FaultKind.REORDERED),
    ("first and last swapped", swapped(0, 4), None, 1, FaultKind.REORDERED),
    ("one twice", [*FIVE[:3], FIVE[2], *FIVE[3:]], None, 3, FaultKind.REPEATED),
    ("another dossier's", [*FIVE[:2], FOREIGN, *FIVE[3:]], None, 3, FaultKind.FOREIGN),
    ("rewritten with its hash", rewritten(FIVE, 1), None, 3, FaultKind.ALTERED),
    ("the last rewritten with its hash", rewritten(FIVE, 4), HEAD, 5, FaultKind.ALTERED),
    ("all rewritten with their hashes", rewritten_from(FIVE, 0), HEAD, 5, FaultKind.ALTERED),
    ("all rewritten, an old head", rewritten_from(FIVE, 0), head_of(FIVE[:2]), 2, FaultKind.ALTERED),
    ("the last cut off", FIVE[:4], HEAD, 5, FaultKind.TRUNCATED),
    ("all cut off", [], HEAD, 1, FaultKind.TRUNCATED),
]


@pytest.mark.parametrize(
    ("entries", "head", "number", "kind"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_the_first_fault_of_a_sheet(entries: list[Entry], head: Head | None, number: int, kind: FaultKind) -> None:
    assert_fault(verify(entries, head), number, kind)


@pytest.mark.parametrize("entries", [FIVE[:4], rewritten(FIVE, 4), rewritten_from(FIVE, 0)])
def test_without_a_head_a_truncated_and_a_rewritten_sheet_look_sound(entries: list[Entry]) -> None:
    assert verify(entries) is None


def assert_fault(fault: Fault | None, number: int, kind: FaultKind) -> None:
    assert fault is not None
    assert (fault.number, fault.kind) == (number, kind)
    assert str(number) in fault.vi
    assert str(number) in fault.en


@given(st.permutations(range(5)), st.integers(0, 5))
def test_reordered_and_partial_sheets_are_faulty(order: list[int], kept: int) -> None:
    entries = [FIVE[place] for place in order][:kept]
    assert (verify(entries, HEAD) is None) == (entries == FIVE)


ACKNOWLEDGED = [
    # given, by when at the same level
    ("2025-11-20 08:15", "2025-11-20 17:30"),
    ("2025-11-20 15:00", "2025-11-20 17:30"),
    ("2025-11-20 15:00:59", "2025-11-20 17:30"),  # to the minute, as on a receipt
    ("2025-11-20 15:01", "2025-11-21 07:30"),
    ("2025-11-20 20:00", "2025-11-21 07:30"),
    ("2025-11-21 15:01", "2025-11-24 07:30"),  # a Friday
    ("2025-11-22 09:00", "2025-11-24 07:30"),  # a Saturday
    ("2025-08-29 16:00", "2025-09-03 07:30"),  # over the National Day
]


@pytest.mark.parametrize("regulation", BOTH, ids=["nd61_18", "nd118_18_2"])
@pytest.mark.parametrize(("given_at", "until"), ACKNOWLEDGED)
def test_nd118_18_2_acknowledged_the_same_day_or_at_the_start_of_the_next(
    regulation: Regulation, given_at: str, until: str
) -> None:
    assert acknowledge_by(regulation, at(given_at), OFFICE, other_level=False) == at(until)


def test_nd118_18_2_the_start_of_a_day_lasts_as_long_as_practice_says() -> None:
    given_at = at("2025-11-20 15:01")
    assert acknowledge_by(ND118, given_at, OFFICE, other_level=False, start_of_day_minutes=60) == at("2025-11-21 08:30")


@pytest.mark.parametrize(
    ("regulation", "given_at", "until"),
    [
        (ND118, "2025-11-20 08:15", "2025-11-21 17:30"),
        (ND118, "2025-11-21 16:00", "2025-11-24 17:30"),
        (ND61, "2025-11-20 08:15", "2025-11-20 17:30"),  # no transfer time of its own is known
    ],
)
def test_nd118_20_1a_another_level_acknowledges_within_a_working_day(
    regulation: Regulation, given_at: str, until: str
) -> None:
    assert acknowledge_by(regulation, at(given_at), OFFICE, other_level=True) == at(until)


def test_qd09_a_version_without_the_rule_sets_no_time_to_acknowledge() -> None:
    assert acknowledge_by(QD09, THURSDAY, OFFICE, other_level=True) is None


@patient
@given(calendars(), MOMENTS, st.booleans(), st.integers(0, 120))
def test_a_time_to_acknowledge_lies_ahead_and_never_in_closed_time(
    calendar: WorkingCalendar, given_at: datetime, other_level: bool, start: int
) -> None:
    for regulation in BOTH:
        until = acknowledge_by(regulation, given_at, calendar, other_level=other_level, start_of_day_minutes=start)
        assert until is not None
        assert until >= given_at
        assert in_working_time(calendar, until)

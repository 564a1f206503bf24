"""Apologies for late dossiers: who is responsible, what a letter needs, and since when another is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.apologies.causes import ApologyRules, apology_rules, read_rules
from services.routing.apologies.domain import (
    ApologyNotAllowed,
    Letter,
    StepTime,
    check_letter,
    owed_after,
    reason_in_words,
    responsible_agency,
    written_number,
)
from shared.data_files import DataError, Record
from shared.regulations import Regulation
from tests.routing.domain.rule_fixtures import MOMENTS, ND61, ND118, OFFICE, at

NOW = at("2025-12-03 08:15")
RULES: ApologyRules = apology_rules()
GOOD = Letter("verification", "Chờ kết quả đo đạc.", at("2025-12-10 17:30"))


def refusal_of(letter: Letter) -> ApologyNotAllowed:
    with pytest.raises(ApologyNotAllowed) as refused:
        check_letter(RULES, ND118, letter, OFFICE, NOW)
    return refused.value


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"cause": ""}, "apology_without_cause", "cause"),
        ({"cause": "other", "reason": " "}, "apology_without_reason", "reason"),
        ({"new_due_at": None}, "apology_without_date", "new_due_at"),
        ({"new_due_at": NOW}, "apology_date_not_later", "new_due_at"),
        ({"new_due_at": at("2025-12-02 17:30")}, "apology_date_not_later", "new_due_at"),
        ({"new_due_at": at("2025-12-06 09:00")}, "apology_outside_working_time", "new_due_at"),  # a Saturday
        ({"new_due_at": at("2026-01-01 09:00")}, "apology_outside_working_time", "new_due_at"),
        ({"new_due_at": at("2025-12-10 12:00")}, "apology_outside_working_time", "new_due_at"),
        ({"new_due_at": at("2026-05-29 17:31")}, "apology_outside_working_time", "new_due_at"),
        ({"new_due_at": at("2026-06-02 09:00")}, "apology_date_too_far", "new_due_at"),
        ({"new_due_at": at("9999-12-31 09:00")}, "apology_date_too_far", "new_due_at"),
    ],
)
def test_a_letter_needs_cause_and_a_new_date_in_working_time(change: dict[str, object], code: str, field: str) -> None:
    letter = replace(GOOD, **change)  # type: ignore[arg-type]
    refused = refusal_of(letter)
    assert (refused.code, refused.field, refused.article) == (code, field, "19.6")


@pytest.mark.parametrize("regulation", [ND118, ND61], ids=lambda one: one.id)
def test_a_good_letter_may_be_signed(regulation: Regulation) -> None:
    check_letter(RULES, regulation, GOOD, OFFICE, NOW)
    check_letter(RULES, ND118, replace(GOOD, reason=""), OFFICE, NOW)


@given(MOMENTS, MOMENTS)
def test_no_letter_promises_the_past_or_a_day_off(now: datetime, new: datetime) -> None:
    letter = replace(GOOD, new_due_at=new)
    try:
        check_letter(RULES, ND118, letter, OFFICE, now)
    except ApologyNotAllowed:
        return
    assert new > now
    assert OFFICE.is_working_day(new.date())


DUE = at("2025-11-24 17:30")
STEPS = {
    "nobody was late": ([("A", DUE, DUE)], "holder"),
    "the one open step": ([("A", DUE, DUE), ("B", DUE, None)], "B"),
    "a step that is done, and was later": ([("A", DUE, DUE + timedelta(days=4)), ("B", NOW - timedelta(hours=1), None)], "A"),
    "two steps of one agency together": (
        [
            ("A", DUE, DUE + timedelta(days=1)),
            ("B", DUE, DUE + timedelta(days=2)),
            ("A", DUE, DUE + timedelta(days=2)),
        ],
        "A",
    ),
    "of equals the first": ([("A", DUE, None), ("B", DUE, None)], "A"),
    "no steps": ([], "holder"),
    "late within the minute is not late": ([("A", DUE, DUE + timedelta(seconds=59))], "holder"),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "agency"), STEPS.values(), ids=STEPS)
def test_who_made_the_dossier_late(steps: list[tuple[str, datetime, datetime | None]], agency: str) -> None:
    times = [StepTime(*step) for step in steps]
    assert responsible_agency(times, NOW, OFFICE, "holder") == agency


@given(st.lists(st.tuples(st.sampled_from("ABC"), MOMENTS, st.one_of(st.none(), MOMENTS)), max_size=6), MOMENTS)
def test_the_responsible_agency_is_one_that_was_late_or_holds_the_dossier(
    steps: list[tuple[str, datetime, datetime | None]], now: datetime
) -> None:
    times = [StepTime(*step) for step in steps]
    found = responsible_agency(times, now, OFFICE, "holder")
    late = {one.agency for one in times if min(one.ended_at or now, now) > one.due_at}
    assert found in late | {"holder"}


@given(MOMENTS, MOMENTS, MOMENTS)
def test_another_letter_is_owed_only_after_all_that_was_promised(
    new: datetime, due: datetime, rolled: datetime
) -> None:
    owed = owed_after(new, due, rolled)
    assert owed >= new
    assert owed in (new, due, rolled)


def test_the_reason_is_the_causes_sentence_and_what_was_added() -> None:
    assert reason_in_words(RULES, GOOD).endswith("hơn dự kiến. Chờ kết quả đo đạc.")
    assert reason_in_words(RULES, replace(GOOD, reason="")).endswith("hơn dự kiến.")
    assert reason_in_words(RULES, Letter("other", " Mất điện. ")) == "Mất điện."


def test_numbers_are_written_as_the_form_has_them() -> None:
    assert written_number(7, "H12.31.01") == "07/PXL-H12.31.01"
    assert written_number(10_021, "H12.31.01") == "10021/PXL-H12.31.01"


@pytest.mark.parametrize(
    "content",
    [
        {"causes": [], "new_date_within_days": 10},
        {"causes": [{"id": "a", "vi": "A", "en": "A"}], "new_date_within_days": 10},
        {"causes": [{"id": "other", "vi": "A", "en": "A"}] * 2, "new_date_within_days": 10},
        {"causes": [{"id": "other", "vi": "A", "en": "A"}], "new_date_within_days": 0},
        {"causes": [{"id": "other", "vi": "A"}], "new_date_within_days": 1},
    ],
)
def test_faulty_rules_are_named_when_they_are_loaded(content: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_rules(Record(content, "apologies.json"))

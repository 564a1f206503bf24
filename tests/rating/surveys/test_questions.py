"""What may be asked and answered, the states of a campaign, and the shipped data file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from services.rating.surveys.domain import (
    TRANSITIONS,
    AnswersClosed,
    Fault,
    Invalid,
    State,
    WrongState,
    plan_faults,
    require_answerable,
    require_transition,
)
from services.rating.surveys.questions import (
    Factor,
    Kind,
    Option,
    Question,
    question_faults,
    question_json,
    question_of,
    questionnaire_faults,
    read_answers,
)
from services.rating.surveys.template import SURVEYS_FILE, read_survey_data, survey_data
from shared.data_files import DataError, Record
from shared.runtime.clock import VIETNAM
from tests.rating.surveys.support import FIRST, LAST, OPEN_PLAN, PLAN

SHIPPED: dict[str, Any] = json.loads(SURVEYS_FILE.read_text(encoding="utf-8"))
SEATS = Question("seats", Kind.SCALE, "Chỗ ngồi", "Seats", Factor.ACCESS, required=True)
TOLD = Question("told", Kind.SCALE, "Thông báo", "Told", Factor.FEEDBACK)
WAY = Question("way", Kind.CHOICE, "Cách nộp", "How", options=(Option("a", "Một", "One"), Option("b", "Hai", "Two")))
WISH = Question("wish", Kind.TEXT, "Mong muốn", "Wish")
ASKED = (SEATS, TOLD, WAY, WISH)


@pytest.mark.parametrize(("present", "wanted"), list(product(State, State)))
def test_the_table_of_states_is_closed(present: State, wanted: State) -> None:
    order = list(State)
    allowed = order.index(wanted) == order.index(present) + 1
    assert (wanted in TRANSITIONS[present]) is allowed
    if allowed:
        require_transition(present, wanted)
    else:
        with pytest.raises(WrongState):
            require_transition(present, wanted)


def test_answers_are_taken_from_the_first_midnight_to_the_last() -> None:
    begins, ends = datetime(2026, 8, 15, tzinfo=VIETNAM), datetime(2026, 10, 1, tzinfo=VIETNAM)
    moment = timedelta(microseconds=1)
    for now in (begins, ends - moment):
        require_answerable(State.OPEN, PLAN, now)
    for state, now in (
        (State.OPEN, begins - moment),
        (State.OPEN, ends),
        (State.DRAFT, begins),
        (State.CLOSED, begins),
    ):
        with pytest.raises(AnswersClosed):
            require_answerable(state, PLAN, now)


def test_plans_of_the_tests_have_no_fault_and_others_have() -> None:
    assert plan_faults(PLAN) == plan_faults(OPEN_PLAN) == []
    assert [fault.field for fault in plan_faults(replace(PLAN, closes_on=FIRST - timedelta(days=1)))] == ["closes_on"]
    assert [fault.field for fault in plan_faults(replace(PLAN, returned_from=None))] == ["returned_from"]
    assert [fault.field for fault in plan_faults(replace(OPEN_PLAN, groups=()))] == ["groups"]
    assert plan_faults(replace(PLAN, closes_on=FIRST)) == []
    assert timedelta(days=46) == LAST - FIRST


def test_answers_are_values_and_texts() -> None:
    found = read_answers(ASKED, {"q.seats": "5", "q.way": "b", "q.wish": " Nhanh\r\nhơn ", "q.told": "", "x": "y"})
    assert found.values == {"seats": 5, "way": "b"}
    assert found.texts == {"wish": "Nhanh\nhơn"}


@pytest.mark.parametrize(
    ("filled", "fields"),
    [
        ({}, ["q.seats"]),
        ({"q.seats": "6"}, ["q.seats"]),
        ({"q.seats": "05"}, ["q.seats"]),
        ({"q.seats": "٣"}, ["q.seats"]),
        ({"q.seats": "1", "q.way": "c"}, ["q.way"]),
        ({"q.seats": "1", "q.wish": "a" * 1001}, ["q.wish"]),
        ({"q.seats": "1", "q.wish": "a\x00b"}, ["q.wish"]),
        ({"q.told": "9", "q.way": "c"}, ["q.seats", "q.told", "q.way"]),
    ],
)
def test_answers_that_no_question_allows_are_refused(filled: dict[str, str], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        read_answers(ASKED, filled)
    assert [fault.field for fault in refused.value.faults] == fields


def test_an_empty_sheet_is_no_answer() -> None:
    with pytest.raises(Invalid):
        read_answers((WISH, TOLD), {"q.wish": "Không chấm điểm."})


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        (SEATS, []),
        (WAY, []),
        (WISH, []),
        (replace(SEATS, code="Số 1"), ["code"]),
        (replace(SEATS, vi=""), ["vi"]),
        (replace(SEATS, en="x" * 301), ["en"]),
        (replace(SEATS, factor=None), ["factor"]),
        (replace(WISH, factor=Factor.RESULT), ["factor"]),
        (replace(WAY, options=WAY.options[:1]), ["options"]),
        (replace(WISH, options=WAY.options), ["options"]),
        (replace(WAY, options=(*WAY.options, Option("c", "", "x"))), ["options"]),
    ],
)
def test_questions_are_checked(question: Question, fields: list[str]) -> None:
    assert [fault.field for fault in question_faults(question)] == fields


def test_a_questionnaire_has_a_scale_and_an_end() -> None:
    assert questionnaire_faults(ASKED) == []
    faults: list[Fault] = [*questionnaire_faults([WISH]), *questionnaire_faults([SEATS] * 61)]
    assert [fault.field for fault in faults] == ["questions", "questions"]


def test_questions_are_stored_as_they_are() -> None:
    assert [question_of(json.loads(json.dumps(question_json(one)))) for one in ASKED] == list(ASKED)


def test_the_shipped_questionnaire_asks_about_all_five_factors() -> None:
    found = survey_data().in_force(date(2026, 8, 15))
    assert (found.name, found.valid_from) == ("sipas", date(2023, 12, 11))
    assert {one.factor for one in found.questions if one.kind is Kind.SCALE} == set(Factor)
    assert all(not question_faults(one) for one in found.questions)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"limits": {}}, "answers_of_address: missing"),
        ({"templates": []}, "must have at least 1 entry"),
        (
            {"templates": [{**SHIPPED["templates"][0], "scales": SHIPPED["templates"][0]["scales"][:1] * 2}]},
            "same code",
        ),
        ({"templates": [{**SHIPPED["templates"][0], "texts": [{"code": "Ý", "vi": "a", "en": "b"}]}]}, "is not a code"),
        ({"colour": "red"}, "colour: unknown"),
    ],
)
def test_a_fault_of_the_data_file_is_reported(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        read_survey_data(Record({**SHIPPED, **change}, "surveys.json"))

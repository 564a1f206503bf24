"""Reads ``data/surveys.json``: limits of surveys, and the questionnaires from which a campaign may start."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from services.rating.surveys.questions import (
    CODE,
    Factor,
    Kind,
    Option,
    Question,
    question_faults,
    questionnaire_faults,
)
from shared.data_files import Record, read_record

SURVEYS_FILE = Path(__file__).parent.parent / "data" / "surveys.json"


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire that the product ships.

    Attributes:
        name: by which campaigns record it.
        valid_from: the day of the decision that it follows.
        source: that decision.
        vi, en: its title.
        questions: in order.
    """

    name: str
    valid_from: date
    source: str
    vi: str
    en: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class SurveyData:
    """What the data file says.

    Attributes:
        answers_of_address: how many answers to open campaigns one address may send in a quarter of an hour.
        comment_days: days after the end of a campaign after which what people wrote is erased.
        invitations_a_run: how many invitations are sent at most by one run of the sweep.
        questionnaires: the newest first.
    """

    answers_of_address: int
    comment_days: int
    invitations_a_run: int
    questionnaires: tuple[Questionnaire, ...] = field(hash=False)

    def in_force(self, day: date) -> Questionnaire:
        """The newest questionnaire that is in force on a day; before the first one, the first."""
        return next((one for one in self.questionnaires if one.valid_from <= day), self.questionnaires[-1])


@cache
def survey_data() -> SurveyData:
    """What the shipped file says."""
    return read_survey_data(read_record(SURVEYS_FILE))


def read_survey_data(record: Record) -> SurveyData:
    """The content of a data file.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record.optional_text("note")
    limits = record.record("limits")
    made = SurveyData(
        limits.integer("answers_of_address", least=1),
        limits.integer("comment_days", least=1),
        limits.integer("invitations_a_run", least=1),
        tuple(
            sorted(
                (_questionnaire(one) for one in record.records("templates", named_by="name", at_least=1)),
                key=lambda one: one.valid_from,
                reverse=True,
            )
        ),
    )
    limits.done()
    record.done()
    record.raise_faults()
    return made


def _questionnaire(entry: Record) -> Questionnaire:
    name, valid_from, source = entry.text("name"), entry.day("valid_from"), entry.text("source")
    title = entry.text("vi"), entry.text("en")
    questions = (
        *(_question(one, Kind.SCALE) for one in entry.records("scales", named_by="code", at_least=1)),
        *(_question(one, Kind.CHOICE) for one in entry.records("choices", named_by="code")),
        *(_question(one, Kind.TEXT) for one in entry.records("texts", named_by="code")),
    )
    if len({question.code for question in questions}) < len(questions):
        entry.fault("scales", "two questions have the same code")
    for fault in questionnaire_faults(questions):
        entry.fault("scales", fault.en)
    entry.done()
    return Questionnaire(name, valid_from, source, *title, questions)


def _question(entry: Record, kind: Kind) -> Question:
    code = entry.text("code", pattern=CODE.pattern, like="a code")
    factor = Factor(entry.text("factor", choices=tuple(Factor)) or Factor.ACCESS) if kind is Kind.SCALE else None
    required = entry.boolean("required") if kind is not Kind.TEXT else False
    options = tuple(_option(one) for one in entry.records("options", named_by="code")) if kind is Kind.CHOICE else ()
    question = Question(code, kind, entry.text("vi"), entry.text("en"), factor, required, options)
    for fault in question_faults(question):
        entry.fault(fault.field, fault.en)
    entry.done()
    return question


def _option(entry: Record) -> Option:
    option = Option(entry.text("code", pattern=CODE.pattern, like="a code"), entry.text("vi"), entry.text("en"))
    entry.done()
    return option

"""The result of a campaign: the index, by factor and question, by procedure and agency, and how many have answered. Pure.

Of each answer, its share of satisfaction is the share of its scale values that are 4 or 5; the index is the weighted mean of these shares
in per cent (see :mod:`services.rating.surveys.estimates`). A part with fewer answers than the campaign's minimum is counted, not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.rating.surveys.domain import Population
from services.rating.surveys.estimates import Estimate, StratumAnswers, plain_estimate, stratified_estimate
from services.rating.surveys.questions import FACTOR_NAMES, SATISFIED, SCALE_NAMES, Kind, Question


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum of a campaign: one procedure at one agency, or one group of an open campaign.

    Attributes:
        number: in its campaign, from 1.
        procedure, agency: codes; empty in an open campaign.
        vi, en: the group's name; empty in a campaign about dossiers.
        population: how many dossiers it has; 0 in an open campaign.
        quota: how many were drawn.
    """

    number: int
    procedure: str
    agency: str
    vi: str
    en: str
    population: int
    quota: int


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """The values of one answer, with its stratum and nothing else that tells whose it is.

    Attributes:
        stratum: its number.
        channel: how it came.
        values: question → 1 to 5, or the code of an option.
    """

    stratum: int
    channel: str
    values: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Part:
    """The result of one part of a campaign.

    Attributes:
        key: what it is: a factor, a question, a procedure, an agency or a group's number.
        answers: how many answers it has.
        value, low, high: in per cent with one decimal; None where it is not shown, or has no interval.
    """

    key: str
    answers: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """What a campaign has found.

    Attributes:
        invited: how many were invited.
        invited_answered: how many of them have answered.
        answers: how many answers there are, also by people who were not invited.
        by_channel: channel → answers.
        population: how many dossiers the campaign is about; 0 for an open campaign.
        covered: per cent of the population whose strata have an answer.
        overall: the index.
        factors, questions, procedures, agencies, groups: the index of each part.
        counts: question → answer → how many gave it.
    """

    invited: int
    invited_answered: int
    answers: int
    by_channel: Mapping[str, int]
    population: int
    covered: float
    overall: Part
    factors: Sequence[Part]
    questions: Sequence[Part]
    procedures: Sequence[Part]
    agencies: Sequence[Part]
    groups: Sequence[Part]
    counts: Mapping[str, Mapping[str, int]]

    @property
    def response_rate(self) -> float | None:
        """Per cent of the invited who have answered, with one decimal; None where nobody was invited."""
        return round(100 * self.invited_answered / self.invited, 1) if self.invited else None


def results_of(
    population: Population,
    shown_least: int,
    questions: Sequence[Question],
    strata: Sequence[Stratum],
    answers: Sequence[GivenAnswers],
    invited: tuple[int, int],
) -> Results:
    """Counts a campaign.

    Args:
        population: who was asked.
        shown_least: the least answers for which a part's result is shown.
        questions: of the campaign.
        strata: all of them.
        answers: all of them.
        invited: how many were invited, and how many of them have answered.
    """
    estimate = _estimator(population, strata, answers)
    scales = [question for question in questions if question.kind is Kind.SCALE]
    every = {question.code for question in scales}

    def part(key: str, codes: Collection[str], wanted: Collection[int], least: int = shown_least) -> Part:
        return _part(key, estimate(codes, wanted), least)

    def parts(codes_of: Callable[[Stratum], str]) -> list[Part]:
        keys = sorted({codes_of(one) for one in strata} - {""})
        return [part(key, every, [one.number for one in strata if codes_of(one) == key]) for key in keys]

    everywhere = [one.number for one in strata]
    whole = estimate(every, everywhere)
    return Results(
        invited=invited[0],
        invited_answered=invited[1],
        answers=len(answers),
        by_channel=dict(sorted(Counter(one.channel for one in answers).items())),
        population=sum(one.population for one in strata),
        covered=round(100 * whole.covered, 1) if whole else 0.0,
        overall=_part("index", whole, 1),
        factors=[
            part(factor, {one.code for one in scales if one.factor is factor}, everywhere)
            for factor in FACTOR_NAMES
            if any(one.factor is factor for one in scales)
        ],
        questions=[part(question.code, {question.code}, everywhere) for question in scales],
        procedures=parts(lambda one: one.procedure),
        agencies=parts(lambda one: one.agency),
        groups=parts(lambda one: str(one.number) if population is Population.OPEN else ""),
        counts={question.code: _counts(question, answers) for question in questions if question.kind is not Kind.TEXT},
    )


def _estimator(
    population: Population, strata: Sequence[Stratum], answers: Sequence[GivenAnswers]
) -> Callable[[Collection[str], Collection[int]], Estimate | None]:
    by_stratum: dict[int, list[GivenAnswers]] = {one.number: [] for one in strata}
    for one in answers:
        by_stratum[one.stratum].append(one)

    def estimate(codes: Collection[str], wanted: Collection[int]) -> Estimate | None:
        found = [
            StratumAnswers(one.population, _shares(by_stratum[one.number], codes))
            for one in strata
            if one.number in wanted
        ]
        if population is Population.DOSSIERS:
            return stratified_estimate(found)
        return plain_estimate([share for one in found for share in one.values])

    return estimate


def _shares(answers: Sequence[GivenAnswers], codes: Collection[str]) -> list[float]:
    """Of each answer the share of these questions with which it is satisfied; answers to none of them are left out."""
    given = ([value for code, value in one.values.items() if code in codes] for one in answers)
    return [sum(int(value) >= SATISFIED for value in values) / len(values) for values in given if values]


def _part(key: str, estimate: Estimate | None, least: int) -> Part:
    if estimate is None:
        return Part(key, 0)
    if estimate.answers < least:
        return Part(key, estimate.answers)
    return Part(key, estimate.answers, _percent(estimate.value), _percent(estimate.low), _percent(estimate.high))


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _counts(question: Question, answers: Sequence[GivenAnswers]) -> dict[str, int]:
    keys = [str(value) for value in SCALE_NAMES] if question.kind is Kind.SCALE else [o.code for o in question.options]
    counted = Counter(str(one.values[question.code]) for one in answers if question.code in one.values)
    return {key: counted[key] for key in keys}


def results_json(results: Results) -> dict[str, Any]:
    """The result as it is stored."""
    return asdict(results)


def results_from(stored: Mapping[str, Any]) -> Results:
    """The result as it was stored."""
    lists = ("factors", "questions", "procedures", "agencies", "groups")
    parts = {name: [Part(**one) for one in stored[name]] for name in lists}
    return Results(**{**stored, "overall": Part(**stored["overall"]), **parts})

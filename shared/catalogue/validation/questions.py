"""Checking the questions, forms, shortened limits and first day of one procedure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from shared.catalogue.shortening import Shortening
from shared.catalogue.statutory_limit import StatutoryLimit
from shared.catalogue.validation.routes import repeated
from shared.data_files.schema import Finding


def check_questions(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every fault in the questions of a procedure that matches the JSON schema.

    Cases and papers must exist, a paper that an answer asks for must be optional, and no case may be out of reach.
    """
    questions = data.get("questions", ())
    cases = {case["code"] for case in data["cases"]}
    optional = {paper["code"] for paper in data["papers"] if not paper["required"]}
    yield from repeated(questions, ("questions",), lambda question: question["code"], "code")
    for index, question in enumerate(questions):
        here = ("questions", index)
        yield from repeated(question["answers"], (*here, "answers"), lambda answer: answer["code"], "code")
        yield from _unknown((*here, "cases"), question.get("cases", ()), cases, "case")
        for place, answer in enumerate(question["answers"]):
            there = (*here, "answers", place)
            yield from _unknown((*there, "cases"), answer.get("cases", ()), cases, "case")
            yield from _unknown((*there, "papers"), answer.get("papers", ()), optional, "optional paper")
        asked = set(question.get("cases", ())) or cases
        left = {code for answer in question["answers"] for code in (answer.get("cases") or asked)}
        for code in sorted(asked - left):
            yield (*here, "answers"), f'no answer leads to case "{code}"'


def check_forms(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every fault in the forms to download: each belongs to a paper of the procedure."""
    papers = {paper["code"] for paper in data["papers"]}
    for index, form in enumerate(data.get("forms", ())):
        yield from _unknown(("forms", index, "paper"), [form["paper"]], papers, "paper", of_list=False)


def check_shortenings(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message for every case whose limit is not shorter than the law's, though it is said to be."""
    for index, case in enumerate(data["cases"]):
        found = case.get("shortened")
        if not found:
            continue
        here = ("cases", index, "shortened")
        if not _is_day(found["valid_from"]):
            yield (*here, "valid_from"), f'"{found["valid_from"]}" is not a day'
            continue
        shortening = Shortening.from_dict(found)
        if shortening.days(StatutoryLimit.from_dict(case["limit"])) <= 0:
            yield (*here, "law_limit"), "is not longer than the limit of the case"


def check_effective_day(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message if the first day of the version is no day of the calendar."""
    day = data.get("effective_from", "")
    if day and not _is_day(day):
        yield ("effective_from",), f'"{day}" is not a day'


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unknown(
    path: tuple[str | int, ...], codes: Any, known: set[str], kind: str, of_list: bool = True
) -> Iterator[Finding]:
    for place, code in enumerate(codes):
        if code not in known:
            yield ((*path, place) if of_list else path), f'names no {kind} "{code}"'

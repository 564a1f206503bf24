"""Which case of a procedure applies to somebody, and exactly which papers, time and fee: asked one question after the other.

The procedure's own questions come first. What they leave open is asked for by the names of the cases, the linked procedures, the place and
the optional papers, so that every procedure has a way to its checklist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shared.catalogue import BadChoice, Case, Fee, Paper, Procedure, StatutoryLimit

Kind = Literal["question", "case", "linked", "remote", "papers"]
Given = Mapping[str, Sequence[str]]
"""What was answered: the name of each question with the codes that were chosen; an empty list where none was."""

CASE, LINKED, REMOTE, PAPERS = "case", "linked", "remote", "papers"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Option:
    """A possible answer; ``required`` ones belong to every choice."""

    code: str
    vi: str
    en: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a person.

    Attributes:
        name: of the field of the form.
        kind: what it decides.
        vi, en: the question; ``hint_vi``, ``hint_en`` what helps to answer it.
        options: what can be chosen.
        several: whether more than one may be.
    """

    name: str
    kind: Kind
    vi: str
    en: str
    options: tuple[Option, ...]
    several: bool = False
    hint_vi: str = ""
    hint_en: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """What somebody has to bring, to pay, and how long it takes.

    Attributes:
        case: that applies.
        chosen: codes of the linked procedures.
        remote: whether the dossier is filed for a hard-to-reach area.
        papers: exactly these.
        limit: the statutory time of the dossier.
        extra_days: working days that are added in a hard-to-reach area.
        fees: due in the case.
    """

    case: Case
    chosen: frozenset[str]
    remote: bool
    papers: tuple[Paper, ...]
    limit: StatutoryLimit
    extra_days: int
    fees: tuple[Fee, ...]

    @property
    def fee(self) -> int:
        """The sum of the fees, in whole VND."""
        return sum(fee.amount for fee in self.fees)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the answers lead.

    Attributes:
        answered: the questions that were answered, in their order, each with the options that were chosen.
        next: the question to be asked; None at the end.
        checklist: None before the end.
        fault: whether an answer to the next question was given that is not possible.
    """

    answered: tuple[tuple[Asked, tuple[Option, ...]], ...]
    next: Asked | None
    checklist: Checklist | None
    fault: bool = False


@dataclass(slots=True)
class _Choice:
    cases: list[Case]
    papers: set[str] = field(default_factory=set)
    decided_papers: set[str] = field(default_factory=set)
    chosen: frozenset[str] = frozenset()
    remote: bool = False


def progress(procedure: Procedure, given: Given) -> Progress:
    """How far some answers lead through the questions of a procedure.

    Answers to questions that are not asked are ignored. An answer that is not possible is as good as none.

    Args:
        procedure: in force.
        given: what was answered.
    """
    choice = _Choice(list(procedure.cases))
    answered: list[tuple[Asked, tuple[Option, ...]]] = []
    for asked in _questions(procedure, choice):
        codes = given.get(asked.name)
        options = None if codes is None else _options(procedure, asked, codes)
        if options is None:
            return Progress(tuple(answered), asked, None, codes is not None)
        _take(procedure, choice, asked, [one.code for one in options])
        answered.append((asked, options))
    return Progress(tuple(answered), None, _checklist(procedure, choice))


def _questions(procedure: Procedure, choice: _Choice) -> Iterable[Asked]:
    """The questions in their order; what was answered before each has been taken into the choice."""
    for question in procedure.questions:
        choice.decided_papers |= question.papers
        possible = question.possible([case.code for case in choice.cases])
        if len(possible) == 1:
            _narrow(choice, possible[0].cases)
        elif possible:
            options = tuple(Option(one.code, one.text, one.text_en) for one in possible)
            name = f"q-{question.code}"
            yield Asked(
                name, "question", question.text, question.text_en, options, False, question.hint, question.hint_en
            )
    if len(choice.cases) > 1:
        options = tuple(Option(case.code, case.name, case.name) for case in choice.cases)
        yield Asked(CASE, "case", "Ông/bà thuộc trường hợp nào?", "Which case applies to you?", options)
    if procedure.linked:
        yield _linked(procedure)
    if choice.cases[0].remote_extra_days:
        yield _REMOTE
    papers = _open_papers(procedure, choice)
    if papers:
        options = tuple(Option(paper.code, paper.name, paper.name) for paper in papers)
        yield Asked(
            PAPERS,
            "papers",
            "Ông/bà thuộc diện phải nộp, hoặc có giấy tờ nào sau đây?",
            "Which of these do you need to hand in, or have?",
            options,
            True,
            "Chọn tất cả giấy tờ đúng với ông/bà; không có thì bỏ trống.",
            "Choose all that apply to you; leave all empty if none does.",
        )


def _linked(procedure: Procedure) -> Asked:
    group = procedure.linked
    assert group is not None, "asked for linked procedures only"
    options = tuple(Option(one.code, one.name, one.name, one.required) for one in group.procedures)
    least, most = group.least, group.most
    hint_vi = f"Chọn {least} thủ tục." if least == most else f"Chọn từ {least} đến {most} thủ tục."
    hint_en = f"Choose {least}." if least == most else f"Choose {least} to {most}."
    return Asked(
        LINKED,
        "linked",
        "Ông/bà muốn giải quyết cùng lúc những việc nào?",
        "What do you want to have done at once?",
        options,
        True,
        hint_vi,
        hint_en,
    )


_REMOTE = Asked(
    REMOTE,
    "remote",
    "Hồ sơ có thuộc xã miền núi, biên giới, hải đảo, vùng có điều kiện khó khăn không?",
    "Is it about a mountainous, border, island or hard-to-reach commune?",
    (Option(NO, "Không", "No"), Option(YES, "Có", "Yes")),
)


def _open_papers(procedure: Procedure, choice: _Choice) -> list[Paper]:
    accepted = procedure.accepted_papers(choice.cases[0].code)
    return [paper for paper in accepted if not paper.required and paper.code not in choice.decided_papers]


def _options(procedure: Procedure, asked: Asked, codes: Sequence[str]) -> tuple[Option, ...] | None:
    """The chosen options; None if they cannot be chosen, or cannot be chosen together."""
    chosen = tuple(option for option in asked.options if option.code in codes or option.required)
    if not asked.several:
        return chosen if len(chosen) == 1 else None
    if asked.kind == "linked":
        try:
            procedure.choice(one.code for one in chosen)
        except BadChoice:
            return None
    return chosen


def _take(procedure: Procedure, choice: _Choice, asked: Asked, codes: Sequence[str]) -> None:
    if asked.kind == "question":
        question = next(one for one in procedure.questions if f"q-{one.code}" == asked.name)
        answer = next(one for one in question.answers if one.code == codes[0])
        choice.papers |= set(answer.papers)
        _narrow(choice, answer.cases)
    elif asked.kind == "case":
        _narrow(choice, codes)
    elif asked.kind == "linked":
        choice.chosen = procedure.choice(codes)
    elif asked.kind == "remote":
        choice.remote = codes[0] == YES
    else:
        choice.papers |= set(codes)


def _narrow(choice: _Choice, cases: Sequence[str]) -> None:
    if cases:
        choice.cases = [case for case in choice.cases if case.code in cases]


def _checklist(procedure: Procedure, choice: _Choice) -> Checklist:
    case = choice.cases[0]
    papers = procedure.accepted_papers(case.code)
    return Checklist(
        case=case,
        chosen=choice.chosen,
        remote=choice.remote,
        papers=tuple(paper for paper in papers if paper.required or paper.code in choice.papers),
        limit=procedure.limit_for(case.code, choice.chosen),
        extra_days=case.remote_extra_days if choice.remote else 0,
        fees=procedure.fee_items(case.code),
    )

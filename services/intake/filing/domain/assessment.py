"""What is decided when a dossier is handed in: the case, the papers, the fee and the promised time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.intake.filing.domain.linked_choice import choose
from shared.calendar import Due, TimeLimit, WorkingCalendar
from shared.catalogue import Case, Fee, Paper, Procedure, StatutoryLimit
from shared.catalogue.text import fold, normalise
from shared.regulations import Regulation


class MissingPapers(ValueError):
    """The dossier is not complete: required papers of the case are missing, so nothing can be received."""

    def __init__(self, missing: Sequence[Paper]) -> None:
        super().__init__("missing papers: " + ", ".join(paper.code for paper in missing))
        self.missing = tuple(missing)


@dataclass(frozen=True)
class GivenPaper:
    """A paper in the citizen's hand.

    Attributes:
        code: the catalogue's code; empty for an extra paper that the case does not know.
        name: as it stands on the receipt.
        kind: ``original``, ``copy`` or ``form``; empty for an extra paper.
        copies: how many, at least 1.
    """

    code: str
    name: str
    kind: str
    copies: int = 1

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GivenPaper:
        """Reads the shape that :meth:`as_dict` gives."""
        return cls(data["code"], data["name"], data["kind"], data["copies"])

    def as_dict(self) -> dict[str, str | int]:
        """The shape in which it is stored and answered."""
        return {"code": self.code, "name": self.name, "kind": self.kind, "copies": self.copies}


@dataclass(frozen=True)
class Assessment:
    """A dossier that can be received: complete, with its promise.

    Attributes:
        case: which case of the procedure it is.
        limit: the statutory time: the case's, or that of a linked procedure that takes longer.
        chosen: codes of the linked procedures, in the catalogue's order.
        papers: what was handed in.
        fees: what is to be paid, item by item.
        due: the promised time and how it was counted.
        received_at: to the second; receipts show the minute.
        regulation: the version of the rules that it keeps until its end.
    """

    case: Case
    limit: StatutoryLimit
    chosen: tuple[str, ...]
    papers: tuple[GivenPaper, ...]
    fees: tuple[Fee, ...]
    due: Due
    received_at: datetime
    regulation: str

    @property
    def fee(self) -> int:
        """The sum of the fees in VND."""
        return sum(item.amount for item in self.fees)


def assess(
    procedure: Procedure,
    case_key: str | None,
    given: Iterable[tuple[str, int]],
    received_at: datetime,
    calendar: WorkingCalendar,
    regulation: Regulation,
    remote: bool = False,
    chosen: Sequence[str] = (),
) -> Assessment:
    """Decides whether a dossier can be received, and what is promised for it.

    The clock starts at the receipt of a complete dossier (NĐ 118/2025, article 17.3), by the calendar of the receiving desk.

    Args:
        procedure: the version in force.
        case_key: code or name of the case; None where there is only one.
        given: code or exact name of each paper, and how many copies.
        received_at: now, aware.
        calendar: the receiving desk's working time.
        regulation: the rules in force at receipt.
        remote: whether the place is hard to reach, so that the case's extra days are added.
        chosen: codes of the linked procedures that the citizen chose; the required ones are added.

    Raises:
        shared.catalogue.CaseRequired: several cases and none named.
        shared.catalogue.UnknownCase: no such case.
        services.intake.filing.domain.linked_choice.WrongChoice: linked procedures that cannot be chosen so.
        MissingPapers: the dossier is not complete.
    """
    case = procedure.case(case_key)
    choice = choose(procedure, chosen)
    limit = procedure.limit_for(case.code, choice) if choice else case.limit
    papers = sort_papers(procedure.accepted_papers(case.code), given)
    received = received_at.replace(microsecond=0)
    extra = case.remote_extra_days if remote else 0
    due = calendar.promise(received, TimeLimit.of(limit.unit, limit.amount), regulation, extra)
    fees = procedure.fee_items(case.code)
    return Assessment(case, limit, choice, papers, fees, due, received, regulation.id)


def sort_papers(accepted: Sequence[Paper], given: Iterable[tuple[str, int]]) -> tuple[GivenPaper, ...]:
    """Finds the given papers among those of the case, in the catalogue's order, extra ones at the end.

    Args:
        accepted: the papers of the case.
        given: code, or name regardless of letter case and spacing, and the number of copies; a paper named twice counts
            with its copies added up.

    Raises:
        MissingPapers: a required one is not among them.
    """
    found = find_papers(accepted, given)
    codes = {paper.code for paper in found}
    missing = [paper for paper in accepted if paper.required and paper.code not in codes]
    if missing:
        raise MissingPapers(missing)
    return found


def find_papers(accepted: Sequence[Paper], given: Iterable[tuple[str, int]]) -> tuple[GivenPaper, ...]:
    """The given papers as :func:`sort_papers` has them, whether or not they are complete; for a supplement."""
    by_code = {paper.code: paper for paper in accepted}
    by_name: dict[str, Paper] = {}
    copies: dict[str, int] = {}
    extra: dict[str, int] = {}
    for text, count in given:
        paper = by_code.get(text)
        if paper is None:
            # names are folded only when somebody uses names: it costs more than all the rest of a filing's rules
            by_name = by_name or {fold(one.name): one for one in accepted}
            paper = by_name.get(fold(text))
        if paper is None:
            extra[normalise(text)] = extra.get(normalise(text), 0) + count
        else:
            copies[paper.code] = copies.get(paper.code, 0) + count
    known = (GivenPaper(one.code, one.name, one.kind, copies[one.code]) for one in accepted if one.code in copies)
    return (*known, *(GivenPaper("", name, "", count) for name, count in extra.items() if name))


def add_papers(present: Iterable[GivenPaper], more: Iterable[GivenPaper]) -> tuple[GivenPaper, ...]:
    """The papers of a dossier after a supplement: those that were there, the new ones behind them, copies added up."""
    together: dict[tuple[str, str], GivenPaper] = {}
    for paper in (*present, *more):
        key = (paper.code, "" if paper.code else paper.name)
        known = together.get(key)
        together[key] = replace(known, copies=known.copies + paper.copies) if known else paper
    return tuple(together.values())

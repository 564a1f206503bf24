"""The assessment of a dossier at filing: its case, papers, fee and promised time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from services.intake.filing.domain.fee_reductions import fees_by_channel
from services.intake.filing.domain.linked_choice import choose
from shared.calendar import Due, TimeLimit, WorkingCalendar
from shared.catalogue import Case, Fee, Paper, Procedure, StatutoryLimit
from shared.catalogue.text import fold, normalise
from shared.regulations import Regulation


class MissingPapers(ValueError):
    """Required papers of the case are missing, so the dossier cannot be received."""

    def __init__(self, missing: Sequence[Paper]) -> None:
        super().__init__("missing papers: " + ", ".join(paper.code for paper in missing))
        self.missing = tuple(missing)


class PaperForm(StrEnum):
    """As what a paper is handed in."""

    ORIGINAL = "original"
    CERTIFIED = "certified"
    COPY = "copy"

    @property
    def vi(self) -> str:
        """As the receipt calls it."""
        return _FORMS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _FORMS[self][1]


_FORMS = {
    PaperForm.ORIGINAL: ("Bản chính", "Original"),
    PaperForm.CERTIFIED: ("Bản sao chứng thực", "Certified copy"),
    PaperForm.COPY: ("Bản sao", "Copy"),
}


class HandedPaper(NamedTuple):
    """A paper as it is handed in, before it is matched with the catalogue.

    Attributes:
        text: code, or name regardless of letter case and spacing.
        copies: number of copies, at least 1.
        form: one of :class:`PaperForm`; empty if nobody said.
        kept: whether it is an original that the desk keeps until it is given back.
    """

    text: str
    copies: int = 1
    form: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class FiledPaper:
    """A paper that a citizen hands in.

    Attributes:
        code: the catalogue's code; empty for an extra paper, which is not one of the case's.
        name: as printed on the receipt.
        kind: ``original``, ``copy`` or ``form``; empty for an extra paper.
        copies: number of copies, at least 1.
        form: as what it was handed in, one of :class:`PaperForm`; empty if nobody said.
        kept: whether it is an original in the desk's custody, to be given back.
        given_back_at: when it was given back, ISO 8601; empty while it was not.
    """

    code: str
    name: str
    kind: str
    copies: int = 1
    form: str = ""
    kept: bool = False
    given_back_at: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FiledPaper:
        """The paper from the mapping that :meth:`as_dict` returns."""
        return cls(
            data["code"],
            data["name"],
            data["kind"],
            data["copies"],
            data.get("form", ""),
            data.get("kept", False),
            data.get("given_back_at", ""),
        )

    def as_dict(self) -> dict[str, str | int]:
        """The paper as a mapping, as it is stored and sent as JSON; what is empty or false of the last three is left out."""
        found: dict[str, str | int] = {"code": self.code, "name": self.name, "kind": self.kind, "copies": self.copies}
        if self.form:
            found["form"] = self.form
        if self.kept:
            found["kept"] = True
        if self.given_back_at:
            found["given_back_at"] = self.given_back_at
        return found

    @property
    def in_custody(self) -> bool:
        """Whether the desk still has to give it back."""
        return self.kept and not self.given_back_at


@dataclass(frozen=True, slots=True)
class Assessment:
    """A complete dossier that can be received, with its promised time.

    Attributes:
        case: the case of the procedure.
        limit: the statutory time: the case's, or a longer one of a linked procedure.
        chosen: codes of the linked procedures, in the catalogue's order.
        papers: those handed in.
        fees: the items to pay.
        due: the promised time and how it was counted.
        received_at: cut to the second; receipts show the minute.
        regulation: the version of the rules that applies to the dossier until its end.
    """

    case: Case
    limit: StatutoryLimit
    chosen: tuple[str, ...]
    papers: tuple[FiledPaper, ...]
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
    handed_in: Iterable[HandedPaper],
    received_at: datetime,
    calendar: WorkingCalendar,
    regulation: Regulation,
    remote: bool = False,
    chosen: Sequence[str] = (),
    channel: str = "counter",
) -> Assessment:
    """Decides whether a dossier can be received, and counts its promised time.

    The clock starts when a complete dossier is received (NĐ 118/2025, article 17.3), by the receiving desk's calendar.

    Args:
        procedure: the version in force.
        case_key: code or name of the case; None where there is only one.
        handed_in: the papers.
        received_at: now, aware.
        calendar: the receiving desk's working time.
        regulation: the rules in force at receipt.
        remote: whether the place is hard to reach; if so the case's extra days are added.
        chosen: codes of the linked procedures that the citizen chose; the required ones are added.
        channel: how it was filed; some fees are lower online.

    Raises:
        shared.catalogue.CaseRequired: several cases and none named.
        shared.catalogue.UnknownCase: no such case.
        services.intake.filing.domain.linked_choice.WrongChoice: the linked procedures cannot be chosen merged.
        MissingPapers: required papers are missing.
    """
    case = procedure.case(case_key)
    choice = choose(procedure, chosen)
    limit = procedure.limit_for(case.code, choice) if choice else case.limit
    papers = complete_papers(procedure.accepted_papers(case.code), handed_in)
    received = received_at.replace(microsecond=0)
    extra = case.remote_extra_days if remote else 0
    due = calendar.promise(received, TimeLimit.of(limit.unit, limit.amount), regulation, extra)
    fees = fees_by_channel(procedure.fee_items(case.code), procedure.field, channel, received.date())
    return Assessment(case, limit, choice, papers, fees, due, received, regulation.id)


def complete_papers(accepted: Sequence[Paper], handed_in: Iterable[HandedPaper]) -> tuple[FiledPaper, ...]:
    """Matches the papers handed in, and checks that no required paper is missing.

    Args:
        accepted: the papers of the case.
        handed_in: as for :func:`match_papers`.

    Raises:
        MissingPapers: a required paper is not among them.
    """
    found = match_papers(accepted, handed_in)
    codes = {paper.code for paper in found}
    missing = [paper for paper in accepted if paper.required and paper.code not in codes]
    if missing:
        raise MissingPapers(missing)
    return found


def match_papers(accepted: Sequence[Paper], handed_in: Iterable[HandedPaper]) -> tuple[FiledPaper, ...]:
    """The papers handed in, in the catalogue's order, extra ones at the end; they need not be complete.

    Args:
        accepted: the papers of the case.
        handed_in: the copies of a paper that is named twice, and handed in alike, are added up.
    """
    by_code = {paper.code: paper for paper in accepted}
    by_name: dict[str, Paper] = {}
    known: dict[tuple[str, str, bool], FiledPaper] = {}
    extra: dict[tuple[str, str, bool], FiledPaper] = {}
    for text, count, form, kept in handed_in:
        paper = by_code.get(text)
        if paper is None:
            # Fold names only when a name is used: it costs more than all other rules of a filing.
            by_name = by_name or {fold(one.name): one for one in accepted}
            paper = by_name.get(fold(text))
        if paper is None:
            _count(extra, normalise(text), FiledPaper("", normalise(text), "", count, form, kept))
        else:
            _count(known, paper.code, FiledPaper(paper.code, paper.name, paper.kind, count, form, kept))
    order = {paper.code: place for place, paper in enumerate(accepted)}
    in_order = sorted(known.values(), key=lambda one: order[one.code])
    return (*in_order, *(one for one in extra.values() if one.name))


def _count(found: dict[tuple[str, str, bool], FiledPaper], name: str, paper: FiledPaper) -> None:
    """Adds a paper; the copies of one that is handed in alike are added up."""
    key = (name, paper.form, paper.kept)
    present = found.get(key)
    found[key] = replace(present, copies=present.copies + paper.copies) if present else paper


def add_papers(present: Iterable[FiledPaper], more: Iterable[FiledPaper]) -> tuple[FiledPaper, ...]:
    """The papers of a dossier after a supplement: the present ones, then the new ones, with copies added up."""
    merged: dict[tuple[str, str, str, bool, str], FiledPaper] = {}
    for paper in (*present, *more):
        key = (paper.code, "" if paper.code else paper.name, paper.form, paper.kept, paper.given_back_at)
        known = merged.get(key)
        merged[key] = replace(known, copies=known.copies + paper.copies) if known else paper
    return tuple(merged.values())

"""A procedure (thủ tục hành chính) as a value: its cases, papers, fees and routes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from shared.catalogue.linked_procedures import BadChoice, LinkedGroup, LinkedProcedure
from shared.catalogue.papers import Fee, Form, Paper, PaperKind
from shared.catalogue.questions import Answer, Question
from shared.catalogue.route import Obligation, Output, Route, Step, SubProcedure, UnknownOutcome, UnknownStep
from shared.catalogue.shortening import Shortening
from shared.catalogue.statutory_limit import StatutoryLimit
from shared.catalogue.text import fold, normalise

__all__ = [
    "Answer",
    "BadChoice",
    "Case",
    "CaseRequired",
    "Fee",
    "Form",
    "LinkedGroup",
    "LinkedProcedure",
    "Obligation",
    "Output",
    "Paper",
    "PaperKind",
    "Procedure",
    "Question",
    "Route",
    "Shortening",
    "StatutoryLimit",
    "Step",
    "SubProcedure",
    "UnknownCase",
    "UnknownOutcome",
    "UnknownStep",
]

AUDIENCES = ("citizen", "household_business", "enterprise", "organisation", "foreigner")
"""For whom procedures are (đối tượng thực hiện): citizens, household businesses, enterprises, other organisations, foreigners."""
LEVELS = ("central", "province", "district", "commune")
"""The levels of agencies (cấp thực hiện)."""


class UnknownCase(LookupError):
    """A case was named that the procedure does not have."""

    def __init__(self, procedure_code: str, key: str, options: Iterable[Case]) -> None:
        self.procedure_code, self.key, self.options = procedure_code, key, tuple(options)
        super().__init__(f'procedure {procedure_code} has no case "{key}"; it has {_listing(self.options)}')


class CaseRequired(LookupError):
    """No case was named, and the procedure has several."""

    def __init__(self, procedure_code: str, options: Iterable[Case]) -> None:
        self.procedure_code, self.options = procedure_code, tuple(options)
        super().__init__(f"procedure {procedure_code} has several cases: {_listing(self.options)}")


_folded_name = lru_cache(maxsize=10_000)(fold)
"""Of a case: its name is compared at each filing that gives a name in place of the code."""


@dataclass(frozen=True)
class Case:
    """A case (trường hợp) of a procedure, with its own deadline and route.

    Args:
        code: unique within the procedure; ``name`` is the official Vietnamese wording.
        limit: the statutory time.
        remote_extra_days: working days added in hard-to-reach areas.
        uncounted: which waiting times do not count, in words; empty if all count.
        route: id of the route in the procedure.
        shortened: the law's longer limit, where ``limit`` was shortened; None where it is the law's own.
    """

    code: str
    name: str
    limit: StatutoryLimit
    remote_extra_days: int
    uncounted: str
    route: str
    shortened: Shortening | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Case:
        """Read one case of the catalogue's JSON shape."""
        return cls(
            code=data["code"],
            name=normalise(data["name"]),
            limit=StatutoryLimit.from_dict(data["limit"]),
            remote_extra_days=int(data.get("remote_extra_days", 0)),
            uncounted=normalise(data.get("uncounted", "")),
            route=data["route"],
            shortened=Shortening.from_dict(data["shortened"]) if data.get("shortened") else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        data = {
            "code": self.code,
            "name": self.name,
            "limit": self.limit.as_dict(),
            "remote_extra_days": self.remote_extra_days,
            "uncounted": self.uncounted,
            "route": self.route,
        }
        return data | ({"shortened": self.shortened.as_dict()} if self.shortened else {})


@dataclass(frozen=True)
class Procedure:
    """One version of a procedure, as published.

    Args:
        code: national code, ``n.nnnnnn``, sometimes with a local suffix.
        name: official Vietnamese name.
        field, field_name: code and Vietnamese name of the field (lĩnh vực).
        regulation: legal basis, in words.
        source: where the data come from, and how well they are checked.
        limit_text: the published wording of the time, if it says more than the cases' limits.
        linked: the linked procedures among which the citizen chooses; None if there are none.
        audience: for whom it is, from :data:`AUDIENCES`; empty for everybody.
        levels: the levels of the agencies that decide, from :data:`LEVELS`; empty where nothing says so.
        place: where to file, in words; empty for every one-stop desk of the province (NĐ 118/2025, article 14.2).
        questions: which case and papers apply to a person; where they do not decide it, the names of cases and papers do.
        forms: to download and fill in.
        effective_from: the first day of this version; None for the day of its publication.
    """

    code: str
    name: str
    field: str
    field_name: str
    regulation: str
    source: str
    limit_text: str
    cases: tuple[Case, ...]
    papers: tuple[Paper, ...]
    fees: tuple[Fee, ...]
    routes: tuple[Route, ...]
    linked: LinkedGroup | None = None
    audience: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    place: str = ""
    questions: tuple[Question, ...] = ()
    forms: tuple[Form, ...] = ()
    effective_from: date | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Procedure:
        """Read a procedure of the catalogue's JSON shape.

        The data must be valid (``check_catalogue`` finds no fault); texts are normalised.
        """
        return cls(
            code=data["code"],
            name=normalise(data["name"]),
            field=data["field"],
            field_name=normalise(data["field_name"]),
            regulation=normalise(data.get("regulation", "")),
            source=normalise(data.get("source", "")),
            limit_text=normalise(data.get("limit_text", "")),
            cases=tuple(Case.from_dict(case) for case in data["cases"]),
            papers=tuple(Paper.from_dict(paper) for paper in data["papers"]),
            fees=tuple(Fee.from_dict(fee) for fee in data["fees"]),
            routes=tuple(Route.from_dict(route_id, data["routes"][route_id]) for route_id in sorted(data["routes"])),
            linked=LinkedGroup.from_dict(data["linked"]) if data.get("linked") else None,
            audience=tuple(data.get("audience", ())),
            levels=tuple(data.get("levels", ())),
            place=normalise(data.get("place", "")),
            questions=tuple(Question.from_dict(question) for question in data.get("questions", ())),
            forms=tuple(Form.from_dict(form) for form in data.get("forms", ())),
            effective_from=date.fromisoformat(data["effective_from"]) if data.get("effective_from") else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON shape that :meth:`from_dict` reads, with all members; those with a default only if they have another value."""
        data = {
            "code": self.code,
            "name": self.name,
            "field": self.field,
            "field_name": self.field_name,
            "regulation": self.regulation,
            "source": self.source,
            "limit_text": self.limit_text,
            "cases": [case.as_dict() for case in self.cases],
            "papers": [paper.as_dict() for paper in self.papers],
            "fees": [fee.as_dict() for fee in self.fees],
            "routes": {route.id: route.as_dict() for route in self.routes},
        }
        optional = {
            "linked": self.linked.as_dict() if self.linked else None,
            "audience": list(self.audience),
            "levels": list(self.levels),
            "place": self.place,
            "questions": [question.as_dict() for question in self.questions],
            "forms": [form.as_dict() for form in self.forms],
            "effective_from": self.effective_from.isoformat() if self.effective_from else None,
        }
        return data | {name: value for name, value in optional.items() if value}

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of the canonical JSON (sorted keys, no spaces, ASCII): equal content, equal digest."""
        canonical = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()

    def case(self, key: str | None = None) -> Case:
        """Return the case of that code, or of that name regardless of letter case, spacing and Unicode form.

        Args:
            key: code or name; None (or blank) takes the only case.

        Raises:
            CaseRequired: no key and several cases.
            UnknownCase: no case has that code or name.
        """
        if key is None or not key.strip():
            if len(self.cases) == 1:
                return self.cases[0]
            raise CaseRequired(self.code, self.cases)
        for case in self.cases:
            if case.code == key:
                return case
        wanted = fold(key)
        for case in self.cases:
            if _folded_name(case.name) == wanted:
                return case
        raise UnknownCase(self.code, key, self.cases)

    def accepted_papers(self, case: str | None = None) -> tuple[Paper, ...]:
        """Return all papers of the case, required or not; ``case`` and errors as for :meth:`case`."""
        code = self.case(case).code
        return tuple(paper for paper in self.papers if not paper.cases or code in paper.cases)

    def required_papers(self, case: str | None = None) -> tuple[Paper, ...]:
        """Return the papers that a dossier of the case must have; ``case`` as for :meth:`case`."""
        return tuple(paper for paper in self.accepted_papers(case) if paper.required)

    def fee_items(self, case: str | None = None) -> tuple[Fee, ...]:
        """Return the fees due in the case; ``case`` as for :meth:`case`."""
        code = self.case(case).code
        return tuple(fee for fee in self.fees if not fee.cases or code in fee.cases)

    def fee(self, case: str | None = None) -> int:
        """Return the sum of the case's fees in whole VND; ``case`` as for :meth:`case`."""
        return sum(item.amount for item in self.fee_items(case))

    def choice(self, given: Iterable[str]) -> frozenset[str]:
        """Return the linked procedures of a dossier: the chosen ones and the required ones.

        Raises:
            BadChoice: a code is not linked here, or there are too few or too many.
        """
        if self.linked:
            return self.linked.choice(given)
        chosen = sorted(set(given))
        if chosen:
            raise BadChoice(f"procedure {self.code} links no other, so {', '.join(chosen)} cannot be chosen", ())
        return frozenset()

    def limit_for(self, case: str | None = None, chosen: Iterable[str] = ()) -> StatutoryLimit:
        """Return the statutory time of a dossier: the longest of its case's and of its linked procedures'.

        Args:
            case: as for :meth:`case`, also for the errors.
            chosen: codes of the linked procedures that the citizen chose.

        Raises:
            BadChoice: as for :meth:`choice`.
        """
        own, choice = self.case(case).limit, self.choice(chosen)
        return self.linked.longest(own, choice) if self.linked else own

    def route(self, case: str | None = None) -> Route:
        """Return the route of the case; ``case`` as for :meth:`case`."""
        route_id = self.case(case).route
        return next(route for route in self.routes if route.id == route_id)


def _listing(cases: Iterable[Case]) -> str:
    return ", ".join(f"{case.code} ({case.name})" for case in cases)

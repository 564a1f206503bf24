"""Linked procedures (thủ tục liên thông): one dossier asks for the results of several procedures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from shared.catalogue.statutory_limit import StatutoryLimit
from shared.catalogue.text import normalise


class BadChoice(ValueError):
    """The chosen linked procedures are unknown, too few or too many; `options` are those that may be chosen."""

    def __init__(self, message: str, options: Iterable[LinkedProcedure]) -> None:
        self.options = tuple(options)
        super().__init__(message)


@dataclass(frozen=True)
class LinkedProcedure:
    """One of the procedures in a linked group.

    Args:
        code: its national code, used in conditions and choices.
        name: its Vietnamese name.
        required: whether it belongs to every dossier.
        limit: its own statutory time, if that may be longer than the case's.
    """

    code: str
    name: str
    required: bool
    limit: StatutoryLimit | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LinkedProcedure:
        """Read one linked procedure of the catalogue's JSON shape."""
        limit = StatutoryLimit.from_dict(data["limit"]) if "limit" in data else None
        return cls(data["code"], normalise(data["name"]), data["required"], limit)

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        data: dict[str, Any] = {"code": self.code, "name": self.name, "required": self.required}
        return data | ({"limit": self.limit.as_dict()} if self.limit else {})


@dataclass(frozen=True)
class LinkedGroup:
    """The linked procedures among which a citizen chooses `least` to `most`, including the required ones."""

    least: int
    most: int
    procedures: tuple[LinkedProcedure, ...]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LinkedGroup:
        """Read the member ``linked`` of the catalogue's JSON shape."""
        return cls(data["min"], data["max"], tuple(LinkedProcedure.from_dict(entry) for entry in data["procedures"]))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {"min": self.least, "max": self.most, "procedures": [entry.as_dict() for entry in self.procedures]}

    def choice(self, given: Iterable[str]) -> frozenset[str]:
        """Return the chosen codes together with the required ones.

        Args:
            given: chosen codes; required ones may be left out.

        Raises:
            BadChoice: a code is unknown, or there are too few or too many.
        """
        codes = {entry.code for entry in self.procedures}
        chosen = frozenset(given) | {entry.code for entry in self.procedures if entry.required}
        unknown = sorted(chosen - codes)
        if unknown:
            raise BadChoice(
                f"no linked procedure is {', '.join(unknown)}; there are {self._listing()}", self.procedures
            )
        if not self.least <= len(chosen) <= self.most:
            raise BadChoice(
                f"{len(chosen)} linked procedures are chosen; {self.least} to {self.most} may be, of {self._listing()}",
                self.procedures,
            )
        return chosen

    def choices(self) -> Iterator[frozenset[str]]:
        """Yield every valid choice, each with the required procedures, smaller ones first."""
        required = {entry.code for entry in self.procedures if entry.required}
        free = [entry.code for entry in self.procedures if not entry.required]
        for more in range(max(self.least - len(required), 0), self.most - len(required) + 1):
            for some in combinations(free, more):
                yield frozenset(required | set(some))

    def longest(self, own: StatutoryLimit, chosen: frozenset[str]) -> StatutoryLimit:
        """Return the longest of a case's own time and those of the chosen procedures; the case's own if equal."""
        limits = (entry.limit for entry in self.procedures if entry.limit and entry.code in chosen)
        return max([own, *limits], key=lambda limit: limit.approximate_days)

    def _listing(self) -> str:
        return ", ".join(f"{entry.code} ({entry.name})" for entry in self.procedures)

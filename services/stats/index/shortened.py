"""Procedures whose time limit is shorter than the law's, as of a day, by the level of those who decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.stats.facts.procedures import ProcedureVersion
from shared.agencies.model import LEVELS
from shared.catalogue.shortening import Shortening
from shared.catalogue.statutory_limit import StatutoryLimit

UNKNOWN = "unknown"
"""Stands for the level where a procedure names none."""


@dataclass(frozen=True, slots=True)
class ShortenedCase:
    """A case of a procedure with a limit shorter than the law's.

    Attributes:
        name: of the case.
        law, limit: the law's limit and the promised one, Vietnamese and English.
        days: the difference.
        decision: which shortened it.
        since: the day from which it is promised.
    """

    name: str
    law: tuple[str, str]
    limit: tuple[str, str]
    days: float
    decision: str
    since: date


@dataclass(frozen=True, slots=True)
class ShortenedProcedure:
    """A procedure with the cases that are shorter on the day.

    Attributes:
        procedure, name: of it.
        levels: of those who decide; :data:`UNKNOWN` where nothing says so.
        cases: at least one.
    """

    procedure: str
    name: str
    levels: tuple[str, ...]
    cases: tuple[ShortenedCase, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """How many procedures are shortened on a day.

    Attributes:
        total: all procedures in force.
        shortened: of these; each once.
        by_level: level → how many; a procedure of several levels counts at each.
        several_levels: how many count more than once.
    """

    total: int
    shortened: tuple[ShortenedProcedure, ...]
    by_level: Mapping[str, int]
    several_levels: int


def shortened_case(case: Mapping[str, Any]) -> ShortenedCase:
    """A case in the catalogue's JSON shape whose limit is shorter than the law's."""
    shortening, limit = Shortening.from_dict(case["shortened"]), StatutoryLimit.from_dict(case["limit"])
    return ShortenedCase(
        name=case["name"],
        law=shortening.law_limit.words,
        limit=limit.words,
        days=shortening.days(limit),
        decision=shortening.decision,
        since=shortening.valid_from,
    )


def report(versions: Iterable[ProcedureVersion], day: date, level: str = "") -> Report:
    """Which procedures are shortened on a day.

    Args:
        versions: in force on the day, each procedure once.
        day: cases that are shortened later do not count yet.
        level: lists those of one level only; the numbers stay those of all.
    """
    kept = list(versions)
    found = [one for version in kept if (one := _on(version, day))]
    by_level = {name: sum(name in one.levels for one in found) for name in (*LEVELS, UNKNOWN)}
    listed = tuple(one for one in found if not level or level in one.levels)
    several = sum(len(one.levels) > 1 for one in found)
    return Report(len(kept), listed, {name: number for name, number in by_level.items() if number}, several)


def _on(version: ProcedureVersion, day: date) -> ShortenedProcedure | None:
    begun = tuple(case for case in map(shortened_case, version.shortened) if case.since <= day)
    levels = version.levels or (UNKNOWN,)
    return ShortenedProcedure(version.procedure, version.name, levels, begun) if begun else None

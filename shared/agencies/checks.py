"""Consistency of units and agencies with each other: references, levels, dates and successors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from shared.agencies.model import LEVELS, Agency, Unit
from shared.data_files import Fault


class _Dated(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...
    def valid_on(self, day: date) -> bool: ...


D = TypeVar("D", bound=_Dated)
Versions = Mapping[str, list[D]]

_Finding = tuple[str, str]
"""A field of a record and what is wrong with it."""

_DAY = timedelta(days=1)


def faults_between(units: Mapping[str, Unit], agencies: Mapping[str, Agency]) -> list[Fault]:
    """Return every fault between the records; the mappings' keys are their places in the files."""
    unit_versions, agency_versions = _versions(units.values()), _versions(agencies.values())
    faults = [*_overlaps(units), *_overlaps(agencies)]
    for place, unit in units.items():
        faults += _at(place, _unit_faults(unit, unit_versions))
    for place, agency in agencies.items():
        faults += _at(place, _agency_faults(agency, unit_versions, agency_versions))
    return faults


def _at(place: str, findings: Iterable[_Finding]) -> Iterator[Fault]:
    return (Fault(f"{place}: {field}", message) for field, message in findings)


def _unit_faults(unit: Unit, units: Versions[Unit]) -> Iterator[_Finding]:
    if unit.parent is not None:
        yield from _not_throughout("parent", unit.parent, unit, units)
        if any(LEVELS.index(parent.level) >= LEVELS.index(unit.level) for parent in units.get(unit.parent, [])):
            yield "parent", f"{unit.parent!r} is not of a higher level"
    for successor in unit.successors:
        yield from _not_after("successors", successor, unit, units)


def _agency_faults(agency: Agency, units: Versions[Unit], agencies: Versions[Agency]) -> Iterator[_Finding]:
    yield from _not_throughout("unit", agency.unit, agency, units)
    if any(unit.level != agency.level for unit in units.get(agency.unit, []) if _overlap(unit, agency)):
        yield "level", f"{agency.level!r} is not the level of the unit {agency.unit!r}"
    for served in agency.serves:
        yield from _not_throughout("serves", served, agency, units)
    if agency.parent is not None and agency.parent not in agencies:
        yield "parent", f"no agency {agency.parent!r}"
    if agency.successor is not None:
        yield from _not_after("successor", agency.successor, agency, agencies)


def _not_throughout(field: str, code: str, record: _Dated, versions: Versions[D]) -> Iterator[_Finding]:
    """Yield a fault unless the versions of `code` cover all days of `record` without a gap."""
    if code not in versions:
        yield field, f"no unit {code!r}"
        return
    needed: date | None = record.valid_from
    for version in versions[code]:
        if needed is not None and version.valid_on(needed):
            needed = version.valid_to + _DAY if version.valid_to is not None else None
    if needed is not None and (record.valid_to is None or needed <= record.valid_to):
        yield field, f"{code!r} does not exist on {needed}"


def _not_after(field: str, code: str, record: _Dated, versions: Versions[D]) -> Iterator[_Finding]:
    """Yield a fault unless `code` exists on the day after `record` ends. This also rules out circular successors."""
    if record.valid_to is None:
        return
    following = record.valid_to + _DAY
    if not any(version.valid_on(following) for version in versions.get(code, [])):
        yield field, f"{code!r} does not exist on {following}, the day after the end"


def _overlaps(records: Mapping[str, D]) -> Iterator[Fault]:
    by_code: dict[str, list[tuple[str, D]]] = defaultdict(list)
    for place, record in records.items():
        by_code[record.code].append((place, record))
    for versions in by_code.values():
        versions.sort(key=lambda entry: entry[1].valid_from)
        for (before_place, before), (place, after) in pairwise(versions):
            if _overlap(before, after):
                yield Fault(f"{place}: code", f"also valid in {before_place} on {after.valid_from}")


def _overlap(a: _Dated, b: _Dated) -> bool:
    return a.valid_on(b.valid_from) or b.valid_on(a.valid_from)


def _versions(records: Iterable[D]) -> dict[str, list[D]]:
    by_code: dict[str, list[D]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.valid_from):
        by_code[record.code].append(record)
    return dict(by_code)

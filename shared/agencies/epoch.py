"""The units and agencies that exist together between two changes of the data, indexed for look-ups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property, lru_cache

from shared.agencies.model import Agency, Unit


class Epoch:
    """A stretch of days in which no unit or agency begins or ends.

    Args:
        day: any day of the epoch.
        units, agencies: all versions of all times.

    Attributes:
        units, agencies: those that exist in the epoch, by code; agencies in order of code.
        ended: the last version of each agency that ended before the epoch, by code.
    """

    def __init__(self, day: date, units: Iterable[Unit], agencies: Iterable[Agency]) -> None:
        self.units: dict[str, Unit] = {unit.code: unit for unit in units if unit.valid_on(day)}
        versions = sorted(agencies, key=lambda agency: (agency.code, agency.valid_from))
        self.agencies: dict[str, Agency] = {agency.code: agency for agency in versions if agency.valid_on(day)}
        self.ended: dict[str, Agency] = {
            agency.code: agency
            for agency in versions
            if agency.code not in self.agencies and agency.valid_to is not None and agency.valid_to < day
        }
        self.descendants = lru_cache(4096)(self._descendants)

    def candidates(self, role: str, near: Agency) -> Iterator[Agency]:
        """Yield the agencies that play `role`, those nearest to `near` first, the equally near in order of code."""
        if role in near.roles:
            yield near
        of_unit, serving = self._by_unit_and_role
        unit = self.units.get(near.unit)
        while unit is not None:
            yield from of_unit.get((unit.code, role), ())
            yield from serving.get((unit.code, role), ())
            unit = self.units.get(unit.parent) if unit.parent is not None else None
        for agency in self.agencies.values():
            if agency.level == "central" and role in agency.roles:
                yield agency

    def last_successor(self, code: str) -> str:
        """Return the code at the end of the agency's line of successors; the agency's own code while it exists.

        The agency at the end may not exist either: it ended without a successor, is not yet founded, or is unknown.
        """
        # Terminates: a successor exists on the day after the end (see `checks.py`), so each one ends later.
        while code in self.ended and (successor := self.ended[code].successor) is not None:
            code = successor
        return code

    def handled_by(self, code: str) -> frozenset[str]:
        """Return `code` and all ended agencies whose work the agency `code` took over."""
        return self._merged.get(code) or frozenset({code})

    def ancestors(self, code: str) -> frozenset[str]:
        """Return the parents of an agency up to the top, without itself; a parent that does not exist is the last."""
        found: set[str] = set()
        parent = self._parent(code)
        while parent is not None and parent not in found:
            found.add(parent)
            parent = self._parent(parent)
        return frozenset(found - {code})

    def _descendants(self, code: str) -> frozenset[str]:
        """Return `code`, all agencies below it, and the ended agencies whose work any of these took over."""
        found, waiting = {code}, [code]
        while waiting:
            new = self._children.get(waiting.pop(), frozenset()) - found
            found |= new
            waiting.extend(new)
        return frozenset().union(*map(self.handled_by, found))

    def _parent(self, code: str) -> str | None:
        agency = self.agencies.get(code)
        return agency.parent if agency is not None else None

    @cached_property
    def _by_unit_and_role(self) -> tuple[dict[tuple[str, str], list[Agency]], dict[tuple[str, str], list[Agency]]]:
        """By unit and role: the agencies competent for their whole unit, and those that list the unit in `serves`."""
        of_unit: dict[tuple[str, str], list[Agency]] = defaultdict(list)
        serving: dict[tuple[str, str], list[Agency]] = defaultdict(list)
        for agency in self.agencies.values():
            for role in agency.roles:
                if not agency.serves:
                    of_unit[agency.unit, role].append(agency)
                for unit_code in agency.serves:
                    serving[unit_code, role].append(agency)
        return of_unit, serving

    @cached_property
    def _children(self) -> dict[str, frozenset[str]]:
        children: dict[str, set[str]] = defaultdict(set)
        for agency in self.agencies.values():
            if agency.parent is not None:
                children[agency.parent].add(agency.code)
        return {parent: frozenset(codes) for parent, codes in children.items()}

    @cached_property
    def _merged(self) -> dict[str, frozenset[str]]:
        """For each agency that took over the work of others: its own code and theirs."""
        merged: dict[str, set[str]] = defaultdict(set)
        for code in self.ended:
            successor = self.last_successor(code)
            if successor in self.agencies:
                merged[successor] |= {successor, code}
        return {code: frozenset(codes) for code, codes in merged.items()}

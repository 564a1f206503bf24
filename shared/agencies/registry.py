"""Finding agencies: by code, by role near a place, and by succession, always on a day.

The days on which any unit or agency begins or ends cut time into epochs; within one nothing changes. Each epoch has its
own indexes, built when first asked for, so every look-up is a few dictionary reads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from shared.agencies.loading import read
from shared.agencies.model import Agency, RoleNotFound, Unit, UnknownAgency
from shared.agencies.roles import ROLES

_BUILTIN = Path(__file__).parent / "data"


class _Epoch:
    """The units and agencies that exist together, indexed."""

    def __init__(self, units: Iterable[Unit], agencies: Iterable[Agency]) -> None:
        self.units = {unit.code: unit for unit in units}
        self.agencies = {agency.code: agency for agency in sorted(agencies, key=lambda agency: agency.code)}
        self._of_unit: dict[tuple[str, str], list[Agency]] = defaultdict(list)
        self._serving: dict[tuple[str, str], list[Agency]] = defaultdict(list)
        for agency in self.agencies.values():
            for role in agency.roles:
                if agency.serves:
                    for unit_code in agency.serves:
                        self._serving[unit_code, role].append(agency)
                else:
                    self._of_unit[agency.unit, role].append(agency)

    def candidates(self, role: str, near: Agency) -> Iterator[Agency]:
        """Yield who plays `role` near `near`, the nearest first, those equally near in order of code."""
        if role in near.roles:
            yield near
        unit = self.units.get(near.unit)
        while unit is not None:
            yield from self._of_unit.get((unit.code, role), ())
            yield from self._serving.get((unit.code, role), ())
            unit = self.units.get(unit.parent) if unit.parent is not None else None
        for agency in self.agencies.values():
            if agency.level == "central" and role in agency.roles:
                yield agency


class Agencies:
    """All units and agencies of all times."""

    def __init__(self, units: Iterable[Unit], agencies: Iterable[Agency]) -> None:
        """Take records that hold together, as `load` has checked; for other data use `load`."""
        self._units = sorted(units, key=lambda unit: (unit.code, unit.valid_from))
        self._agencies = sorted(agencies, key=lambda agency: (agency.code, agency.valid_from))
        self._versions: dict[str, list[Agency]] = defaultdict(list)
        for agency in self._agencies:
            self._versions[agency.code].append(agency)
        self._unit_versions: dict[str, list[Unit]] = defaultdict(list)
        for unit in self._units:
            self._unit_versions[unit.code].append(unit)
        spans = [(unit.valid_from, unit.valid_to) for unit in self._units]
        spans += [(agency.valid_from, agency.valid_to) for agency in self._agencies]
        begins = {begins for begins, _ in spans}
        self._changes = sorted(begins | {ends + timedelta(days=1) for _, ends in spans if ends is not None})
        self._epochs: dict[int, _Epoch] = {}
        self._resolve = lru_cache(65536)(self._resolve_in_epoch)
        self._merged = lru_cache(4096)(self._handled_in_epoch)
        self._below = lru_cache(4096)(self._descendants_in_epoch)

    @classmethod
    def load(cls, directory: Path | str | None = None) -> Agencies:
        """Read every `*.json` in `directory` (the product's own sample data when None).

        Raises DataError with all faults of all files, each naming its file and place.
        """
        return cls(*read(Path(directory or _BUILTIN)))

    def get(self, code: str, on: date | None = None) -> Agency:
        """Return the agency `code` as it was on `on`, or its latest version when None. Raises UnknownAgency."""
        versions = self._versions.get(code)
        if not versions:
            raise UnknownAgency(f"no agency {code!r}")
        if on is None:
            return versions[-1]
        agency = self._epoch(on).agencies.get(code)
        if agency is None:
            raise UnknownAgency(f"agency {code!r} did not exist on {on.isoformat()}; it is valid {_spans(versions)}")
        return agency

    def unit(self, code: str, on: date | None = None) -> Unit:
        """Return the unit `code` as it was on `on`, or its latest version when None. Raises UnknownAgency."""
        versions = self._unit_versions.get(code)
        if not versions:
            raise UnknownAgency(f"no unit {code!r}")
        if on is None:
            return versions[-1]
        unit = self._epoch(on).units.get(code)
        if unit is None:
            raise UnknownAgency(f"unit {code!r} did not exist on {on.isoformat()}; it is valid {_spans(versions)}")
        return unit

    def all(self, on: date | None = None) -> tuple[Agency, ...]:
        """Return every agency that existed on `on` in order of code; when None every version of all times."""
        return tuple(self._agencies if on is None else self._epoch(on).agencies.values())

    def units(self, on: date | None = None) -> tuple[Unit, ...]:
        """Return every unit that existed on `on` in order of code; when None every version of all times."""
        return tuple(self._units if on is None else self._epoch(on).units.values())

    def resolve(self, role: str, near: str, on: date, level: str | None = None) -> Agency:
        """Return the agency that plays `role` nearest to the agency `near` on `on`.

        The order: `near` itself; the agencies of its unit; those whose `serves` names that unit; then the same for each
        unit above it; at last the central ones. Among equals the lowest code is taken. An agency with `serves` is
        competent for these units only. `level` leaves out agencies of other levels. Where `near` has ended, its
        successor's place is taken. Raises UnknownAgency for `near` and RoleNotFound for the role.
        """
        if role not in ROLES:
            raise RoleNotFound(f"{role!r} is no role; there are {', '.join(ROLES)}")
        agency = self._resolve(role, self.successor(near, on), level, self._epoch_number(on))
        if agency is None:
            of_level = f" of level {level}" if level is not None else ""
            raise RoleNotFound(f"no {role}{of_level} near {near} on {on.isoformat()}")
        return agency

    def successor(self, code: str, on: date) -> Agency:
        """Return who does the work of the agency `code` on `on`: itself while it exists, else whoever followed it.

        Raises UnknownAgency when there is no such agency, it did not exist yet, or it ended without a successor.
        """
        agency = self._epoch(on).agencies.get(code)
        while agency is None:
            ended = [version for version in self._versions.get(code, ()) if version.valid_to and version.valid_to < on]
            if not ended:
                return self.get(code, on)
            if ended[-1].successor is None:
                raise UnknownAgency(f"agency {code!r} ended on {ended[-1].valid_to} and has no successor")
            code = ended[-1].successor
            agency = self._epoch(on).agencies.get(code)
        return agency

    def acting_for(self, code: str, on: date) -> frozenset[str]:
        """Return who may act for the agency `code` on `on`: itself, and after a merger also whoever carries on its work."""
        try:
            return frozenset({code, self.successor(code, on).code})
        except UnknownAgency:
            return frozenset({code})

    def handled_by(self, code: str, on: date) -> frozenset[str]:
        """Return the agencies whose work the agency `code` does on `on`: its own, and those that were merged into it.

        Dossiers of a merged agency are still on their way; the set is empty for an empty `code`.
        """
        return self._merged(code, self._epoch_number(on), on) if code else frozenset()

    def ancestors(self, code: str, on: date) -> frozenset[str]:
        """Return the agencies above the agency `code` (or its successor) on `on`, as far as they are known."""
        try:
            return frozenset(self._parents(self.successor(code, on).code, on))
        except UnknownAgency:
            return frozenset()

    def descendants(self, code: str, on: date) -> frozenset[str]:
        """Return the agency `code` with all agencies below it on `on`, and with those that were merged into any of them."""
        return self._below(code, self._epoch_number(on), on) if code else frozenset()

    def name_of(self, code: str, on: date) -> str:
        """Return the agency's name on `on`, its last name if it has ended, and the code itself if nobody knows it."""
        for day in (on, None):
            try:
                return self.get(code, day).name
            except UnknownAgency:
                continue
        return code

    def _parents(self, code: str, on: date) -> Iterator[str]:
        """Yield the agencies above an agency, the nearest first; a parent that does not exist on the day is the last."""
        seen = {code}
        known = self._epoch(on).agencies
        agency = known.get(code)
        while agency is not None and agency.parent is not None and agency.parent not in seen:
            yield agency.parent
            seen.add(agency.parent)
            agency = known.get(agency.parent)

    def _handled_in_epoch(self, code: str, _epoch: int, on: date) -> frozenset[str]:
        ended = {agency.code for agency in self._agencies if not agency.valid_on(on) and agency.successor}
        return frozenset({code} | {other for other in ended if code in self.acting_for(other, on) - {other}})

    def _descendants_in_epoch(self, code: str, epoch: int, on: date) -> frozenset[str]:
        below = {code} | {agency.code for agency in self.all(on) if code in self._parents(agency.code, on)}
        return frozenset().union(*(self._merged(one, epoch, on) for one in below))

    def _resolve_in_epoch(self, role: str, near: Agency, level: str | None, epoch: int) -> Agency | None:
        candidates = self._epoch_at(epoch).candidates(role, near)
        return next((agency for agency in candidates if level is None or agency.level == level), None)

    def _epoch_number(self, on: date) -> int:
        return bisect_right(self._changes, on)

    def _epoch(self, on: date) -> _Epoch:
        return self._epoch_at(self._epoch_number(on))

    def _epoch_at(self, number: int) -> _Epoch:
        epoch = self._epochs.get(number)
        if epoch is None:
            # Nothing exists before the first change; within a later epoch what exists at its beginning does throughout.
            day = self._changes[number - 1] if number else date.min
            epoch = _Epoch(
                (unit for unit in self._units if unit.valid_on(day)),
                (agency for agency in self._agencies if agency.valid_on(day)),
            )
            self._epochs[number] = epoch
        return epoch


def _spans(versions: Iterable[Unit | Agency]) -> str:
    return ", ".join(f"{version.valid_from} to {version.valid_to or 'now'}" for version in versions)

"""Finding agencies on a day: by code, by role near a place, by succession, and by who is above whom.

The days on which any unit or agency begins or ends cut time into epochs (`epoch.py`); within one nothing changes. Each
epoch builds its indexes when first needed, so that every look-up is a few dictionary reads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from shared.agencies.epoch import Epoch
from shared.agencies.loading import read
from shared.agencies.model import Agency, RoleNotFound, Unit, UnknownAgency
from shared.agencies.roles import ROLES
from shared.calendar import WorkingCalendar, calendar_for_rules, default_rules

_BUILTIN = Path(__file__).parent / "data"


class Agencies:
    """All units and agencies of all times."""

    def __init__(self, units: Iterable[Unit], agencies: Iterable[Agency]) -> None:
        """Take consistent records; `load` checks them, this does not."""
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
        self._epochs: dict[int, Epoch] = {}
        self._resolve = lru_cache(65536)(self._resolve_in_epoch)

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

    def exists(self, code: str, on: date) -> bool:
        """Whether there is an agency `code` on `on`."""
        return code in self._epoch(on).agencies

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
        unit above it; at last the central ones. Among equals the lowest code comes first. An agency with `serves` is
        competent for these units only. `level` leaves out agencies of other levels. If `near` has ended, its successor
        is used. Raises UnknownAgency for `near` and RoleNotFound for the role.
        """
        if role not in ROLES:
            raise RoleNotFound(f"{role!r} is no role; there are {', '.join(ROLES)}")
        agency = self._resolve(role, self.successor(near, on), level, self._epoch_number(on))
        if agency is None:
            of_level = f" of level {level}" if level is not None else ""
            raise RoleNotFound(f"no {role}{of_level} near {near} on {on.isoformat()}")
        return agency

    def successor(self, code: str, on: date) -> Agency:
        """Return the agency that does the work of the agency `code` on `on`: itself while it exists, else its successor.

        Raises UnknownAgency when there is no such agency, it did not exist yet, or it ended without a successor.
        """
        epoch = self._epoch(on)
        last = epoch.last_successor(code)
        if last in epoch.ended:
            raise UnknownAgency(f"agency {last!r} ended on {epoch.ended[last].valid_to} and has no successor")
        return self.get(last, on)

    def calendar(self, code: str, on: date | None = None) -> WorkingCalendar:
        """Return the calendar of the agency `code` as it was on `on` (its latest version when None).

        An agency without a calendar of its own works the default week. Raises UnknownAgency.
        """
        return calendar_for_rules(self.get(code, on).calendar or default_rules())

    def acting_for(self, code: str, on: date) -> frozenset[str]:
        """Return the agencies that may act for the agency `code` on `on`: itself, and its successor if it has ended."""
        epoch = self._epoch(on)
        last = epoch.last_successor(code)
        return frozenset({code, last}) if last in epoch.agencies else frozenset({code})

    def handled_by(self, code: str, on: date) -> frozenset[str]:
        """Return the agencies whose work the agency `code` does on `on`: itself and those merged into it, also indirectly.

        The dossiers of a merged agency keep its code. The set is empty for an empty `code`.
        """
        return self._epoch(on).handled_by(code) if code else frozenset()

    def ancestors(self, code: str, on: date) -> frozenset[str]:
        """Return the agencies above the agency `code` on `on`, or above its successor; empty if neither exists."""
        epoch = self._epoch(on)
        return epoch.ancestors(epoch.last_successor(code))

    def descendants(self, code: str, on: date) -> frozenset[str]:
        """Return the agency `code`, all agencies below it on `on`, and all that were merged into any of them.

        The set is empty for an empty `code`.
        """
        return self._epoch(on).descendants(code) if code else frozenset()

    def name_of(self, code: str, on: date) -> str:
        """Return the agency's name on `on`, else that of its latest version, else the code itself."""
        agency = self._epoch(on).agencies.get(code)
        if agency is not None:
            return agency.name
        versions = self._versions.get(code)
        return versions[-1].name if versions else code

    def _resolve_in_epoch(self, role: str, near: Agency, level: str | None, epoch: int) -> Agency | None:
        candidates = self._epoch_at(epoch).candidates(role, near)
        return next((agency for agency in candidates if level is None or agency.level == level), None)

    def _epoch_number(self, on: date) -> int:
        return bisect_right(self._changes, on)

    def _epoch(self, on: date) -> Epoch:
        return self._epoch_at(self._epoch_number(on))

    def _epoch_at(self, number: int) -> Epoch:
        epoch = self._epochs.get(number)
        if epoch is None:
            # Nothing exists before the first change; what exists on the first day of a later epoch does throughout.
            day = self._changes[number - 1] if number else date.min
            epoch = self._epochs[number] = Epoch(day, self._units, self._agencies)
        return epoch


def _spans(versions: Iterable[Unit | Agency]) -> str:
    return ", ".join(f"{version.valid_from} to {version.valid_to or 'now'}" for version in versions)

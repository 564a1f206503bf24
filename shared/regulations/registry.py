"""The versions of the one-stop rules, loaded from one JSON file each and found by day or by id."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from shared.data_files import Fault, Record, raise_faults, read_records
from shared.regulations.model import CERTAINTIES, UNITS, Number, Regulation, RegulationNotFound
from shared.runtime.clock import VIETNAM

_BUILTIN = Path(__file__).parent / "data"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Regulations:
    """All versions of the one-stop rules, without gaps.

    A dossier keeps the version it was received under: store `Regulation.id` and read it back with `get`.
    """

    def __init__(self, versions: Iterable[Regulation]) -> None:
        """Take `versions` in any order. Raises DataError on repeated ids, gaps and overlaps, all of them together."""
        self._versions = tuple(sorted(versions, key=lambda version: version.valid_from))
        raise_faults(_faults_between(self._versions))
        self._starts = [version.valid_from for version in self._versions]
        self._by_id = {version.id: version for version in self._versions}

    @classmethod
    def load(cls, directory: Path | str | None = None) -> Regulations:
        """Read every `*.json` in `directory` (the product's own data when None).

        Raises DataError with all faults of all files, each naming its file and entry.
        """
        faults: list[Fault] = []
        versions = [_regulation(record) for record in read_records(Path(directory or _BUILTIN), faults)]
        raise_faults(faults)
        return cls(versions)

    def on(self, day: date) -> Regulation:
        """Return the version in force on `day`. Raises RegulationNotFound outside all versions."""
        place = bisect_right(self._starts, day) - 1
        if place >= 0:
            version = self._versions[place]
            if version.valid_to is None or day <= version.valid_to:
                return version
        raise RegulationNotFound(f"no regulation in force on {day.isoformat()}; the first is from {self._starts[0]}")

    def at(self, moment: datetime) -> Regulation:
        """Return the version in force at `moment`, by its day in Vietnam; a dossier received then keeps it.

        Raises ValueError for a datetime without a time zone and RegulationNotFound outside all versions.
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone")
        return self.on(moment.astimezone(VIETNAM).date())

    def get(self, id: str) -> Regulation:
        """Return the version called `id`, for example "nd118-2025". Raises RegulationNotFound."""
        version = self._by_id.get(id)
        if version is None:
            raise RegulationNotFound(f"no regulation {id!r}; there are {', '.join(self._by_id)}")
        return version

    def all(self) -> tuple[Regulation, ...]:
        """Return every version, the oldest first."""
        return self._versions


def _regulation(record: Record) -> Regulation:
    begins, ends = record.span()
    numbers: dict[str, Number] = {}
    for entry in record.records("numbers", named_by="name", at_least=1):
        number = _number(entry)
        if number.name in numbers:
            entry.fault("name", "given twice")
        numbers[number.name] = number
    regulation = Regulation(
        id=record.text("id", pattern=r"[a-z0-9][a-z0-9-]*", like="lower-case letters, digits and -"),
        title_vi=record.text("title_vi"),
        title_en=record.text("title_en"),
        valid_from=begins,
        valid_to=ends,
        numbers=MappingProxyType(numbers),
        note=record.optional_text("note") or "",
    )
    record.done()
    return regulation


def _number(entry: Record) -> Number:
    unit = entry.text("unit", choices=UNITS)
    number = Number(
        name=entry.text("name", pattern=r"[a-z][a-z0-9_]*", like="lower-case words joined by _"),
        value=_value(entry, unit),
        unit=unit,
        article=entry.text("article"),
        certainty=entry.text("certainty", choices=CERTAINTIES),
        note=entry.optional_text("note") or "",
    )
    entry.done()
    return number


def _value(entry: Record, unit: str) -> int | bool | time:
    raw = entry.required("value")
    if unit == "boolean":
        if isinstance(raw, bool):
            return raw
        entry.fault("value", "must be true or false")
    elif unit == "time_of_day":
        if isinstance(raw, str) and _CLOCK.fullmatch(raw):
            return time.fromisoformat(raw)
        entry.fault("value", "must be a time of day such as 15:00")
    elif isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
        return raw
    else:
        entry.fault("value", "must be a whole number, not negative")
    return 0


def _faults_between(versions: tuple[Regulation, ...]) -> list[Fault]:
    faults = [] if versions else [Fault("", "no regulation at all")]
    for id, times in Counter(version.id for version in versions).items():
        if times > 1:
            faults.append(Fault(id, f"given {times} times"))
    for before, after in pairwise(versions):
        if before.valid_to is None or before.valid_to >= after.valid_from:
            faults.append(Fault(after.id, f"begins on {after.valid_from}, while {before.id} is still in force"))
        elif before.valid_to + timedelta(days=1) < after.valid_from:
            faults.append(
                Fault(after.id, f"begins on {after.valid_from}, but {before.id} ends on {before.valid_to}: a gap")
            )
    return faults

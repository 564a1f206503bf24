"""Reading JSON objects entry by entry into typed values, while collecting every fault with its file and place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

from shared.data_files.faults import DataError, Fault, raise_faults
from shared.data_files.json_file import read_json
from shared.text import has_unprintable

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MISSING = object()


def read_records(directory: Path, faults: list[Fault]) -> Iterator[Record]:
    """Yield the content of every `*.json` in `directory`, in order of name; a directory without any adds a fault."""
    paths = sorted(directory.glob("*.json"))
    if not paths:
        faults.append(Fault(str(directory), "no *.json file here"))
    for path in paths:
        yield read_record(path, faults)


def read_record(path: Path, faults: list[Fault] | None = None) -> Record:
    """Return the content of a JSON file, which adds to `faults` (a new list when None).

    A file that cannot be read adds one fault; its record gives stand-ins and adds no more.
    """
    faults = [] if faults is None else faults
    try:
        content = read_json(path)
    except DataError as error:
        faults += (Fault(path.name, fault.message) for fault in error.faults)
        content = _MISSING
    return Record(content, path.name, faults)


class Record:
    """A JSON object at the place `where`, which adds to `faults` (a new list when None).

    Each reading method adds what is wrong to `faults` and then returns a stand-in of the right type. So read everything
    first, then call `raise_faults`: without faults the values are good. `done` reports the entries that were not read.
    """

    def __init__(self, content: object, where: str, faults: list[Fault] | None = None) -> None:
        self.where = where
        self._faults = faults = [] if faults is None else faults
        self._read: set[str] = set()
        self._content: dict[str, object] | None = content if isinstance(content, dict) else None
        if self._content is None and content is not _MISSING:
            faults.append(Fault(where, "must be an object"))

    def fault(self, key: str, message: str) -> None:
        """Report that the entry `key` is wrong."""
        self._faults.append(Fault(f"{self.where}: {key}", message))

    def raw(self, key: str) -> object:
        """Return an optional entry as parsed; None if missing."""
        value = self._take(key, required=False)
        return None if value is _MISSING else value

    def required(self, key: str) -> object:
        """Return a required entry as parsed."""
        value = self._take(key, required=True)
        return None if value is _MISSING else value

    def text(self, key: str, choices: Collection[str] = (), pattern: str = "", like: str = "") -> str:
        """Return a required text, one of `choices` or matching `pattern` (which `like` describes) where given."""
        value = self._take(key, required=True)
        return "" if value is _MISSING else self._text(key, value, choices, pattern, like)

    def optional_text(self, key: str, choices: Collection[str] = ()) -> str | None:
        """Return a text that may be missing or null, one of `choices` where given."""
        value = self.raw(key)
        return None if value is None else self._text(key, value, choices)

    def texts(
        self, key: str, choices: Collection[str] = (), at_least: int = 0, required: bool = False
    ) -> tuple[str, ...]:
        """Return a list of different texts, each one of `choices` where given; empty if missing and not required."""
        values = self._list(key, at_least, required=required)
        texts = tuple(self._text(f"{key}[{index}]", value, choices) for index, value in enumerate(values))
        if len(set(texts)) < len(texts):
            self.fault(key, "lists an entry twice")
        return texts

    def text_map(self, key: str) -> dict[str, str]:
        """Return a required object whose values are texts."""
        value = self._take(key, required=True)
        if isinstance(value, dict):
            for name in filter(has_unprintable, value):
                self.fault(key, f"the name {name!r} holds a character that cannot be printed")
            return {name: self._text(f"{key}.{name}", text) for name, text in value.items()}
        if value is not _MISSING:
            self.fault(key, "must be an object")
        return {}

    def integer(self, key: str, least: int = 0, most: int | None = None) -> int:
        """Return a required whole number from `least` to `most` (None: no limit)."""
        value = self._take(key, required=True)
        number = None if value is _MISSING else self._integer(key, value)
        if number is None:
            return least
        if number < least or (most is not None and number > most):
            self.fault(key, _out_of_range(least, most))
        return number

    def optional_integer(self, key: str) -> int | None:
        """Return a whole number that may be missing or null."""
        value = self.raw(key)
        return None if value is None else self._integer(key, value)

    def positive_number(self, key: str) -> float:
        """Return a required number above 0."""
        value = self._take(key, required=True)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        if value is not _MISSING:
            self.fault(key, f"must be a number above 0, not {value!r}")
        return 1.0

    def boolean(self, key: str) -> bool:
        """Return a required true or false."""
        value = self._take(key, required=True)
        return False if value is _MISSING else bool(self._boolean(key, value))

    def optional_boolean(self, key: str) -> bool | None:
        """Return a true or false that may be missing or null."""
        value = self.raw(key)
        return None if value is None else self._boolean(key, value)

    def day(self, key: str) -> date:
        """Return a required date, written YYYY-MM-DD."""
        value = self._take(key, required=True)
        return date.min if value is _MISSING else self._day(key, value)

    def span(self) -> tuple[date, date | None]:
        """Return `valid_from` and `valid_to` (None: no end), both inclusive."""
        begins, value = self.day("valid_from"), self.raw("valid_to")
        ends = None if value is None else self._day("valid_to", value)
        if ends is not None and date.min < ends < begins:
            self.fault("valid_to", f"{ends} is before valid_from, {begins}")
        return begins, ends

    def record(self, key: str) -> Record:
        """Return a required object."""
        return Record(self._take(key, required=True), f"{self.where}: {key}", self._faults)

    def optional_record(self, key: str) -> Record | None:
        """Return an object that may be missing or null."""
        value = self.raw(key)
        return None if value is None else Record(value, f"{self.where}: {key}", self._faults)

    def records(self, key: str, named_by: str = "", at_least: int = 0) -> list[Record]:
        """Return a list of objects, empty if missing. Their places show the value of `named_by`, if given."""
        found = []
        for index, value in enumerate(self._list(key, at_least)):
            name = value.get(named_by) if named_by and isinstance(value, dict) else None
            where = f"{self.where}: {key}[{index}]" + (f" ({name})" if name is not None else "")
            found.append(Record(value, where, self._faults))
        return found

    def done(self) -> None:
        """Report every entry that was not read, so that a misspelt name is noticed."""
        for key in self._content or ():
            if key not in self._read:
                self.fault(key, "unknown")

    def raise_faults(self) -> None:
        """Raise DataError if there is any fault in the list that this record adds to."""
        raise_faults(self._faults)

    def _take(self, key: str, *, required: bool) -> object:
        self._read.add(key)
        if self._content is None:
            return _MISSING
        value = self._content.get(key, _MISSING)
        if value is _MISSING and required:
            self.fault(key, "missing")
        return value

    def _list(self, key: str, at_least: int, *, required: bool = False) -> list[object]:
        value = self._take(key, required=required or at_least > 0)
        if value is _MISSING:
            return []
        if not isinstance(value, list):
            self.fault(key, "must be a list")
            return []
        if len(value) < at_least:
            self.fault(key, f"must have at least {at_least} entry")
        return value

    def _text(self, key: str, value: object, choices: Collection[str] = (), pattern: str = "", like: str = "") -> str:
        if not isinstance(value, str) or not value.strip():
            self.fault(key, f"must be a text, not {value!r}")
            return ""
        if has_unprintable(value):
            self.fault(key, f"{value!r} holds a character that cannot be printed")
        if choices and value not in choices:
            self.fault(key, f"{value!r} is none of {', '.join(choices)}")
        if pattern and not re.fullmatch(pattern, value):
            self.fault(key, f"{value!r} is not {like}")
        return value

    def _integer(self, key: str, value: object) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.fault(key, f"must be a whole number, not {value!r}")
        return None

    def _boolean(self, key: str, value: object) -> bool | None:
        if isinstance(value, bool):
            return value
        self.fault(key, f"must be true or false, not {value!r}")
        return None

    def _day(self, key: str, value: object) -> date:
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.fault(key, f"{value} is not in the calendar")
                return date.min
        self.fault(key, f"must be a date such as 2025-07-01, not {value!r}")
        return date.min


def _out_of_range(least: int, most: int | None) -> str:
    if most is not None:
        return f"must be from {least} to {most}"
    return f"must be {least} or more" if least else "must not be negative"

"""Reading data files so that whoever edits them sees every fault at once, each with its file and its place in the file.

A `Record` is asked for each of its entries by kind and hands back typed values; what does not fit is noted in a list of
faults that all records share. Read everything, then look at the list: while it is empty the values are good.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MISSING = object()


class DataError(ValueError):
    """The data files do not hold together.

    `faults` lists every fault found, each as "file: place: what is wrong"; `str()` shows them one a line.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def read_documents(directory: Path, faults: list[str]) -> Iterator[Record]:
    """Yield every `*.json` in `directory`, in order of name.

    A file that is not UTF-8 JSON adds a fault and is left out; a directory without any adds a fault.
    """
    paths = sorted(directory.glob("*.json"))
    if not paths:
        faults.append(f"{directory}: no *.json file here")
    for path in paths:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            faults.append(f"{path.name}: not JSON: {error}")
        else:
            yield Record(content, path.name, faults)


class Record:
    """A JSON object at the place `where`, whose faults go to `faults`.

    Each reading method returns a harmless stand-in after noting a fault. `done` notes the entries nobody asked for.
    """

    def __init__(self, content: object, where: str, faults: list[str]) -> None:
        self.where = where
        self._faults = faults
        self._asked: set[str] = set()
        self._content: dict[str, object] | None = content if isinstance(content, dict) else None
        if self._content is None:
            faults.append(f"{where}: must be an object")

    def fault(self, key: str, message: str) -> None:
        """Note that the entry `key` is wrong."""
        self._faults.append(f"{self.where}: {key}: {message}")

    def raw(self, key: str) -> object:
        """Return the entry as it stands; None when it is left out."""
        value = self._take(key, required=False)
        return None if value is _MISSING else value

    def required(self, key: str) -> object:
        """Return the entry as it stands; leaving it out is a fault."""
        value = self._take(key, required=True)
        return None if value is _MISSING else value

    def text(self, key: str, choices: Collection[str] = (), pattern: str = "", like: str = "") -> str:
        """Return a required text, one of `choices` or matching `pattern` (which `like` describes) where given."""
        value = self._take(key, required=True)
        return "" if value is _MISSING else self._text(key, value, choices, pattern, like)

    def optional_text(self, key: str) -> str | None:
        """Return a text that may be left out or null."""
        value = self.raw(key)
        return None if value is None else self._text(key, value)

    def texts(self, key: str, choices: Collection[str] = (), at_least: int = 0) -> tuple[str, ...]:
        """Return a list of different texts, each one of `choices` where given; left out it is empty."""
        values = self._list(key, at_least)
        texts = tuple(self._text(f"{key}[{index}]", value, choices) for index, value in enumerate(values))
        if len(set(texts)) < len(texts):
            self.fault(key, "names something twice")
        return texts

    def whole_number(self, key: str) -> int | None:
        """Return a whole number that may be left out."""
        value = self.raw(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.fault(key, f"must be a whole number, not {value!r}")
        return None

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

    def records(self, key: str, named_by: str = "", at_least: int = 0) -> list[Record]:
        """Return a list of objects; left out it is empty. Their places show the value of `named_by`, if given."""
        found = []
        for index, value in enumerate(self._list(key, at_least)):
            name = value.get(named_by) if named_by and isinstance(value, dict) else None
            where = f"{self.where}: {key}[{index}]" + (f" ({name})" if name is not None else "")
            found.append(Record(value, where, self._faults))
        return found

    def done(self) -> None:
        """Note every entry that was not asked for: a misspelt name must not pass silently."""
        for key in self._content or ():
            if key not in self._asked:
                self.fault(key, "unknown")

    def _take(self, key: str, *, required: bool) -> object:
        self._asked.add(key)
        if self._content is None:
            return _MISSING
        value = self._content.get(key, _MISSING)
        if value is _MISSING and required:
            self.fault(key, "missing")
        return value

    def _list(self, key: str, at_least: int) -> list[object]:
        value = self._take(key, required=at_least > 0)
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
        if choices and value not in choices:
            self.fault(key, f"{value!r} is none of {', '.join(choices)}")
        if pattern and not re.fullmatch(pattern, value):
            self.fault(key, f"{value!r} is not {like}")
        return value

    def _day(self, key: str, value: object) -> date:
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.fault(key, f"{value} is not in the calendar")
                return date.min
        self.fault(key, f"must be a date such as 2025-07-01, not {value!r}")
        return date.min

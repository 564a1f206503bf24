"""Dossier codes: agency identifier, date of receipt and daily number (NĐ 118/2025, article 28), by a configured pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from shared.text import clean_code

DEFAULT_PATTERN = "{agency}-{yymmdd}-{number:04d}"
"""As in ``000.00.14.H56-200203-0118``. A ministry's ``G09.20-20260609-0092637`` is ``{agency}-{yyyymmdd}-{number:07d}``."""

MAX_CODE = 60

_AGENCY = r"[0-9A-Z]+(?:\.[0-9A-Z]+)*"
_LOOSE = re.compile(_AGENCY + r"-(?:\d{6}|\d{8})-\d{3,10}")
_PLACEHOLDER = re.compile(r"\{(agency|yymmdd|yyyymmdd|number:0([1-9]|10)d)\}")
_FIELDS = {"agency": "agency", "yymmdd": "day", "yyyymmdd": "day"}
_DATES = {"yymmdd": "%y%m%d", "yyyymmdd": "%Y%m%d"}


class BadPattern(ValueError):
    """The pattern cannot make codes that are unique per agency and day."""


@dataclass(frozen=True)
class CodeParts:
    """The three parts of a dossier code."""

    agency: str
    day: date
    number: int


@dataclass(frozen=True)
class CodePattern:
    """A pattern of dossier codes.

    Args:
        text: literal characters and exactly one each of ``{agency}``, ``{yymmdd}`` or ``{yyyymmdd}``, and
            ``{number:0Nd}`` with N from 1 to 10. More digits than N are used when a day needs them.

    Raises:
        BadPattern: a part is missing, doubled or unknown, or two parts touch and cannot be separated.
    """

    text: str = DEFAULT_PATTERN

    def __post_init__(self) -> None:
        names = [match.group(1).partition(":")[0] for match in _PLACEHOLDER.finditer(self.text)]
        literal = _PLACEHOLDER.sub("", self.text)
        if sorted(name.removeprefix("yy") if name == "yyyymmdd" else name for name in names) != [
            "agency",
            "number",
            "yymmdd",
        ]:
            raise BadPattern(
                f"{self.text!r} must contain {{agency}}, {{yymmdd}} or {{yyyymmdd}}, and {{number:04d}}, each once"
            )
        if "}{" in self.text or not re.fullmatch(r"[0-9A-Za-z./-]*", literal):
            raise BadPattern(f"{self.text!r} must separate its parts by -, / or . and contain no other characters")

    def make(self, agency: str, received_on: date, number: int) -> str:
        """The code of the `number`-th dossier (1, 2, 3 …) that `agency` received on a day."""
        return self.with_number(agency, received_on, f"{number:0{self.digits}d}")

    def with_number(self, agency: str, received_on: date, number: str) -> str:
        """The code with a number as text, or with the placeholder of a number that is not known yet."""
        return self._form.format(agency=agency, number=number, day=received_on.strftime(self._date_format))

    @cached_property
    def digits(self) -> int:
        """The minimum number of digits."""
        [digits] = (int(match.group(2)) for match in _PLACEHOLDER.finditer(self.text) if match.group(2))
        return digits

    @cached_property
    def _form(self) -> str:
        return _PLACEHOLDER.sub(lambda match: f"{{{_FIELDS.get(match.group(1), 'number')}}}", self.text)

    def parse(self, code: str) -> CodeParts | None:
        """The parts of a code of this pattern; None for any other text."""
        found = self._expression.fullmatch(code)
        if found is None:
            return None
        try:
            day = datetime.strptime(found["day"], self._date_format).date()
        except ValueError:
            return None
        return CodeParts(found["agency"], day, int(found["number"]))

    @cached_property
    def _date_format(self) -> str:
        return _DATES["yyyymmdd" if "{yyyymmdd}" in self.text else "yymmdd"]

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        pieces, end = [], 0
        for match in _PLACEHOLDER.finditer(self.text):
            pieces += [re.escape(self.text[end : match.start()]), _piece(match)]
            end = match.end()
        return re.compile("".join([*pieces, re.escape(self.text[end:])]), re.ASCII)


def _piece(match: re.Match[str]) -> str:
    name = match.group(1)
    if name == "agency":
        return f"(?P<agency>{_AGENCY})"
    if name.startswith("number"):
        return rf"(?P<number>\d{{{match.group(2)},10}})"
    return rf"(?P<day>\d{{{len(name)}}})"


def normalise_code(text: str) -> str:
    """Normalises a code typed or pasted by a person: no spaces, capitals, full-width signs as ASCII, any dash or underscore as a hyphen."""
    return clean_code(text).upper()


def looks_like_code(text: str) -> bool:
    """Whether a text could be a dossier code of any pattern; loose on purpose, since other agencies use other patterns."""
    return len(text) <= MAX_CODE and _LOOSE.fullmatch(text) is not None

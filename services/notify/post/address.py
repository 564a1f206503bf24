"""Postal addresses: whether a letter can be sent to one, and the lines that stand in the window of the envelope.

A name, a house or street, a commune (xã, phường, đặc khu) and a province are needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.data_files import read_record

MAX_LINE = 45
"""Characters of a line: what the 80 mm of the window hold at 10.5 points."""
MAX_NAME_LINES = MAX_STREET_LINES = 2
"""With a commune and a province, six lines: what the 27.3 mm of the address field hold (DIN 5008)."""
PROVINCES_FILE = Path(__file__).parent.parent / "data" / "provinces.json"
_KIND_OF_PROVINCE = re.compile(r"^(tỉnh|thành phố|tp\.?|t\.)\s*", re.IGNORECASE)
_DISTRICT = re.compile(r"^(huyện|quận|thị xã|tx\.|h\.|q\.)\s*", re.IGNORECASE)
"""Districts ended on 1 July 2025; people still write them. The commune then stands before the district."""


class UndeliverableAddress(ValueError):
    """The post cannot deliver to this address. The text says why, in English and without the address; it is stored and shown."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address that was checked.

    Attributes:
        name: of the recipient, one or two lines.
        street: house and street, or hamlet, one or two lines.
        commune: with a district before 2025, if it was written.
        province: as it was written.
    """

    name: tuple[str, ...]
    street: tuple[str, ...]
    commune: str
    province: str

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines after the name, from the house to the province."""
        return (*self.street, self.commune, self.province)


def check_address(name: str, address: Sequence[str]) -> PostalAddress:
    """The lines of an address, if the post can deliver to it.

    Args:
        name: of the recipient.
        address: its lines, from the house to the province; a line may hold several parts with commas between them.

    Raises:
        UndeliverableAddress: with the first fault.
    """
    parts = [clean for line in address for part in line.split(",") if (clean := " ".join(part.split()))]
    person = " ".join(name.split())
    if not person:
        raise UndeliverableAddress("the recipient has no name")
    if not parts or _folded(parts[-1]) not in _provinces():
        raise UndeliverableAddress("the address does not end with a province")
    province, rest = parts[-1], parts[:-1]
    district = rest.pop() if rest and _DISTRICT.match(rest[-1]) else ""
    if not rest:
        raise UndeliverableAddress("the address has no commune")
    commune, street = rest[-1], rest[:-1]
    if not street:
        raise UndeliverableAddress("the address has no house, street or hamlet")
    lines = PostalAddress(
        name=_wrapped(person, MAX_NAME_LINES),
        street=_wrapped(", ".join(street), MAX_STREET_LINES),
        commune=f"{commune}, {district}" if district else commune,
        province=province,
    )
    if max(map(len, (lines.commune, lines.province))) > MAX_LINE:
        raise UndeliverableAddress("a line of the address is too long for the window of the envelope")
    return lines


def same_province(one: str, other: str) -> bool:
    """Whether two names of provinces mean the same one, however their kind and their diacritics are written."""
    return _folded(one) == _folded(other)


def _wrapped(text: str, most: int) -> tuple[str, ...]:
    """A text in lines, broken between words.

    Raises:
        UndeliverableAddress: it needs more lines, or a word is longer than one.
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= MAX_LINE:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most or max(map(len, lines)) > MAX_LINE:
        raise UndeliverableAddress("a line of the address is too long for the window of the envelope")
    return tuple(lines)


def _folded(province: str) -> str:
    plain = unicodedata.normalize("NFD", _KIND_OF_PROVINCE.sub("", province.strip())).casefold().replace("đ", "d")
    return "".join(sign for sign in plain if sign.isalnum() and not unicodedata.combining(sign))


@cache
def _provinces() -> frozenset[str]:
    """The names of all provinces, folded; those of before 1 July 2025 too, since people go on writing them and the post delivers.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    record = read_record(PROVINCES_FILE)
    for remark in ("source", "certainty"):
        record.optional_text(remark)
    names = [*record.texts("provinces", at_least=1), *record.texts("former", at_least=1), *record.texts("also_written")]
    record.done()
    record.raise_faults()
    return frozenset(map(_folded, names))

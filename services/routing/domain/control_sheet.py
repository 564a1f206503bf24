"""Verification of a dossier's process control sheet: whether every entry is there, in order and unaltered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.routing.domain.handover import ORIGIN, Entry, Head, digest


class FaultKind(StrEnum):
    """What can be wrong with a control sheet."""

    GAP = "gap"
    REORDERED = "reordered"
    REPEATED = "repeated"
    FOREIGN = "foreign"
    ALTERED = "altered"
    TRUNCATED = "truncated"
    UNNOTED = "unnoted"


@dataclass(frozen=True)
class Fault:
    """The first fault of a control sheet.

    Attributes:
        number: of the entry that is missing or wrong.
        kind: what is wrong.
        vi, en: the same in words.
    """

    number: int
    kind: FaultKind
    vi: str
    en: str


def verify(entries: Sequence[Entry], head: Head | None = None) -> Fault | None:
    """The first fault of a dossier's control sheet, or None.

    Args:
        entries: in the order in which they are stored.
        head: an entry as stored elsewhere, the last one or an earlier one; without it neither removed last entries nor a sheet that was
            rewritten with all its hashes can be detected.
    """
    numbers = {entry.number for entry in entries}
    previous = ORIGIN
    for number, entry in enumerate(entries, start=1):
        fault = (
            _number_fault(number, entry, numbers)
            or _owner_fault(number, entry, entries[0].dossier)
            or _content_fault(number, entry, previous)
        )
        if fault is not None:
            return fault
        previous = entry.hash
    return _head_fault(entries, head)


def verify_whole(entries: Sequence[Entry], last: Head | None) -> Fault | None:
    """The first fault of a dossier's control sheet whose very last entry is stored elsewhere, or None.

    Args:
        entries: in the order in which they are stored.
        last: the last entry as stored elsewhere; None when none was entered yet.
    """
    fault = verify(entries, last)
    noted = 0 if last is None else last.number
    if fault is not None or len(entries) == noted:
        return fault
    return Fault(
        noted + 1,
        FaultKind.UNNOTED,
        f"Mục {noted + 1} được thêm vào mà không được ghi nhận",
        f"Entry {noted + 1} was added without having been noted",
    )


def _number_fault(number: int, entry: Entry, numbers: set[int]) -> Fault | None:
    if entry.number == number:
        return None
    if number in numbers and entry.number > number:
        return Fault(
            number,
            FaultKind.REORDERED,
            f"Mục {entry.number} đứng ở vị trí của mục {number}",
            f"Entry {entry.number} stands in the place of entry {number}",
        )
    if entry.number < number:
        return Fault(
            entry.number,
            FaultKind.REPEATED,
            f"Mục {entry.number} xuất hiện hơn một lần",
            f"Entry {entry.number} is there more than once",
        )
    return Fault(number, FaultKind.GAP, f"Thiếu mục {number}", f"Entry {number} is missing")


def _owner_fault(number: int, entry: Entry, dossier: str) -> Fault | None:
    if entry.dossier == dossier:
        return None
    return Fault(
        number,
        FaultKind.FOREIGN,
        f"Mục {number} thuộc hồ sơ khác ({entry.dossier})",
        f"Entry {number} is another dossier's ({entry.dossier})",
    )


def _content_fault(number: int, entry: Entry, previous: str) -> Fault | None:
    if digest(entry) != entry.hash:
        return Fault(
            number,
            FaultKind.ALTERED,
            f"Nội dung mục {number} không khớp với mã băm của nó",
            f"The content of entry {number} does not fit its hash",
        )
    if entry.previous != previous:
        before = f"{number - 1}" if number > 1 else "0"
        return Fault(
            number,
            FaultKind.ALTERED,
            f"Mục {number} không nối tiếp mục {before}: một trong hai đã bị viết lại",
            f"Entry {number} does not follow from entry {before}: one of the two was rewritten",
        )
    return None


def _head_fault(entries: Sequence[Entry], head: Head | None) -> Fault | None:
    if head is None:
        return None
    if len(entries) < head.number:
        return Fault(
            len(entries) + 1,
            FaultKind.TRUNCATED,
            f"Cuối sổ thiếu từ mục {len(entries) + 1} đến mục {head.number}",
            f"Missing at the end: entry {len(entries) + 1} to entry {head.number}",
        )
    if entries[head.number - 1].hash != head.hash:
        return Fault(
            head.number,
            FaultKind.ALTERED,
            f"Mã băm của mục {head.number} khác với mã đã ghi nhận",
            f"The hash of entry {head.number} is not the one that was noted",
        )
    return None

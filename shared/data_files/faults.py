"""What is wrong in data files, and the one error that every loader raises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        position: where it is, such as ``procedures[3].routes.default.start``, ``mục 3`` or ``p.json: units[0] (p): name``;
            empty for the file as a whole.
        message: what is wrong.
        code: the code of the procedure that it concerns, as written in the file; empty if unknown.
    """

    position: str
    message: str
    code: str = ""

    def __str__(self) -> str:
        where = f"{self.position} ({self.code})" if self.code else self.position
        return printable(f"{where}: {self.message}" if where else self.message)


class DataError(ValueError):
    """Data files are refused as a whole.

    Attributes:
        faults: everything found wrong, at least one; ``str()`` shows the first ones, one a line.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(_in_lines(self.faults))


def printable(text: str) -> str:
    """Return a text that every terminal can show: what cannot be printed, or prints as nothing, is written as an escape."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def raise_faults(faults: Sequence[Fault]) -> None:
    """Do nothing if `faults` is empty.

    Raises:
        DataError: with all `faults`.
    """
    if faults:
        raise DataError(faults)


def _in_lines(faults: Sequence[Fault]) -> str:
    lines = [str(fault) for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"… và {len(faults) - _SHOWN} lỗi khác (and {len(faults) - _SHOWN} more)")
    return "\n".join(lines)

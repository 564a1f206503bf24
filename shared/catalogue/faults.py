"""What is wrong with a catalogue, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 50


@dataclass(frozen=True)
class Fault:
    """One thing wrong.

    Args:
        position: where, such as ``procedures[3].routes.default.start`` or ``mục 3``; empty for the file as a whole.
        code: the procedure's code as written there, empty if unknown.
        message: what is wrong.
    """

    position: str
    code: str
    message: str

    def __str__(self) -> str:
        where = f"{self.position} ({self.code})" if self.code else self.position
        return f"{where}: {self.message}" if where else self.message


class InvalidCatalogue(ValueError):
    """A catalogue was refused as a whole; ``faults`` holds everything found wrong with it, at least one fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: list[Fault] = list(faults)
        super().__init__(_in_lines(self.faults))


def _in_lines(faults: Sequence[Fault]) -> str:
    lines = [str(fault) for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"… và {len(faults) - _SHOWN} lỗi khác (and {len(faults) - _SHOWN} more)")
    return "\n".join(lines)

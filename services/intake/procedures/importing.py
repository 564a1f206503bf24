"""Importing a file of procedures: all of them or, at any fault, none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.intake.procedures.catalogue import ensure_builtin, publish
from shared.catalogue import parse_file
from shared.runtime.context import Context

__all__ = ["ImportReport", "ensure_builtin", "import_procedures"]


@dataclass(frozen=True)
class ImportReport:
    """The outcome of an import.

    Attributes:
        read: number of procedures in the file.
        published: code and version of those that were new or changed.
    """

    read: int
    published: tuple[tuple[str, int], ...]

    @property
    def unchanged(self) -> int:
        """Number of procedures that were in force already."""
        return self.read - len(self.published)

    def __str__(self) -> str:
        return f"{self.read} procedures read, {len(self.published)} published, {self.unchanged} unchanged"


def import_procedures(context: Context, path: str | Path) -> ImportReport:
    """Publishes the procedures of a file in one transaction.

    Args:
        context: intake's.
        path: a catalogue file or a provincial list, see :func:`shared.catalogue.parse_file`.

    Raises:
        shared.catalogue.InvalidCatalogue: names every fault with its position; nothing was published.
    """
    procedures = parse_file(path)
    published = context.store.run(lambda work: publish(work, procedures))
    return ImportReport(len(procedures), tuple(published))

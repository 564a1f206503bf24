"""Importing a file of procedures: all of it or, if anything is wrong, nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.intake.procedures.catalogue import ensure_builtin, publish
from shared.catalogue import parse_file
from shared.runtime.context import Context

__all__ = ["ImportReport", "ensure_builtin", "import_procedures"]


@dataclass(frozen=True)
class ImportReport:
    """What an import has done.

    Attributes:
        read: how many procedures the file holds.
        published: code and version of those that were new or changed.
    """

    read: int
    published: tuple[tuple[str, int], ...]

    @property
    def unchanged(self) -> int:
        """How many were in force just so before."""
        return self.read - len(self.published)

    def __str__(self) -> str:
        return f"{self.read} procedures read, {len(self.published)} published, {self.unchanged} unchanged"


def import_procedures(context: Context, path: str | Path) -> ImportReport:
    """Publishes the procedures of a file in one transaction.

    Args:
        context: intake's.
        path: a catalogue file or a provincial list, see :func:`shared.catalogue.parse_file`.

    Raises:
        shared.data_files.DataError: with every fault and its position; nothing was published.
    """
    procedures = parse_file(path)
    published = context.store.run(lambda work: publish(work, procedures))
    return ImportReport(len(procedures), tuple(published))

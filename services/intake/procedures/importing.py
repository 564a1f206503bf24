"""Importing a file of procedures in two steps: a plan that shows every change, and its publication."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import orjson

from services.intake.procedures import store
from services.intake.procedures.commands import publish
from shared.catalogue import HeldBack, Procedure, Unread, differences, read_import
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context


class CatalogueChanged(RuntimeError):
    """Procedures were published after the plan was made, so it shows other changes than publishing it would make."""

    def __init__(self) -> None:
        super().__init__("other procedures were published in the meantime; nothing published, import again")


class NotInFile(ValueError):
    """Procedures were asked for that the file does not hold: ``codes``."""

    def __init__(self, codes: Collection[str]) -> None:
        self.codes = tuple(sorted(codes))
        super().__init__(f"not in the file: {', '.join(self.codes)}")


@dataclass(frozen=True, slots=True)
class Change:
    """A procedure that gets a new version.

    Attributes:
        procedure: as it is to be in force.
        version: the number it will get.
        lines: what differs from the version in force; empty for a new procedure.
    """

    procedure: Procedure
    version: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will do.

    Attributes:
        read: number of procedures read, of those asked for.
        changes: those that get a new version.
        held_back: those that are not published.
        unread: wording of time limits that was not understood.
        revision: of the catalogue that the plan was made from.
    """

    read: int
    changes: tuple[Change, ...]
    held_back: tuple[HeldBack, ...]
    unread: tuple[Unread, ...]
    revision: int

    @property
    def unchanged(self) -> int:
        """Number of procedures that are in force already as the file has them."""
        return self.read - len(self.changes) - len(self.held_back)


def plan_import(
    context: Context,
    path: str | Path,
    replace: bool = False,
    only: Collection[str] = (),
    agency_role: str = "land_registry",
) -> ImportPlan:
    """Reads a file and compares it with the procedures in force; changes nothing.

    Args:
        context: intake's.
        path: a catalogue file or a provincial list, see :func:`shared.catalogue.read_import`.
        replace: take a provincial list as it is, and lose what it does not know.
        only: codes of the procedures to import; empty for all of the file.
        agency_role: the role of the agencies that handle the new procedures of a provincial list, which names none.

    Raises:
        shared.data_files.DataError: names every fault with its position.
        NotInFile: the file has no procedure of that code.
    """
    with context.store.read() as connection:
        revision = store.revision(connection)
        found = store.newest_definitions(connection)
    in_force = {code: Procedure.from_dict(orjson.loads(text)) for code, (_, text) in found.items()}
    asked = read_import(path, in_force, replace, agency_role)
    codes = {one.code for one in asked.procedures} | {one.code for one in asked.held_back}
    if missing := set(only) - codes:
        raise NotInFile(missing)
    wanted = codes & set(only) if only else codes
    changes = []
    for procedure in asked.procedures:
        known = in_force.get(procedure.code)
        if procedure.code in wanted and (known is None or known.digest != procedure.digest):
            lines = differences(known.as_dict(), procedure.as_dict()) if known else ()
            version = found[procedure.code][0] + 1 if known else 1
            changes.append(Change(procedure, version, tuple(lines)))
    return ImportPlan(
        len(wanted),
        tuple(changes),
        tuple(one for one in asked.held_back if one.code in wanted),
        tuple(one for one in asked.unread if one.code in wanted),
        revision,
    )


def publish_import(context: Context, plan: ImportPlan) -> list[tuple[str, int]]:
    """Publishes a plan in one transaction; returns code and version of each new version.

    Raises:
        CatalogueChanged: procedures were published since the plan was made; nothing is published.
    """

    def published(work: UnitOfWork) -> list[tuple[str, int]]:
        done = publish(work, [change.procedure for change in plan.changes])  # locks other publications out
        if plan.changes and store.revision(work.connection) != plan.revision + 1:
            raise CatalogueChanged
        return done

    return context.store.run(published)

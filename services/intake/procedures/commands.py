"""Publishing procedures: the built-in ones at the start, and those of an administrator's file."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import orjson
from sqlalchemy import Connection

from services.intake.procedures import store
from shared.catalogue import Procedure, load_builtin
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

log = logging.getLogger(__name__)

BUILTIN = "builtin"
IMPORT = "import"
EDITOR = "editor"


def publish(
    work: UnitOfWork, procedures: Iterable[Procedure], origin: str = IMPORT, by: str = ""
) -> list[tuple[str, int]]:
    """Publishes procedures: each new or changed one gets a new version and an event.

    Dossiers keep the version under which they were received. A version is in force from its effective day on, at once if it names none.

    Args:
        work: the transaction, which publishes all procedures or none.
        procedures: validated, each code once.
        origin: ``import`` for an administrator's file, ``builtin`` for definitions that come with the software,
            ``editor`` for a draft that was made on the pages.
        by: subject of the token of whoever publishes; empty for a command of the machine.

    Returns:
        code and version of the new versions.
    """
    candidates = list(procedures)
    if not candidates:
        return []
    revision = store.next_revision(work.connection)  # first, since it locks other publications out
    present = store.newest(work.connection)
    new: list[tuple[Procedure, int, str]] = []
    for procedure in candidates:
        current = present.get(procedure.code)
        if current is None or current.digest != procedure.digest:
            version = current.version + 1 if current else 1
            new.append((procedure, version, orjson.dumps(procedure.as_dict()).decode()))
    if new:
        store.add(work.connection, new, revision, origin, work.now, by)
    for procedure, version, _ in new:
        work.emit(
            "procedure.published",
            {"procedure": procedure.code, "version": version, "definition": procedure.as_dict()},
        )
    return [(procedure.code, version) for procedure, version, _ in new]


def ensure_builtin(context: Context) -> list[tuple[str, int]]:
    """Publishes the built-in procedures that are missing; called at every start.

    An administrator's import stays in force. So does a newer built-in version published by a replica with newer software: a
    built-in definition that was in force once is never published again.

    Returns:
        code and version of the new versions; usually none, which is found out by reading alone.
    """
    with context.store.read() as connection:
        if not _missing(connection):
            return []
    published = context.store.run(lambda work: publish(work, _missing(work.connection), BUILTIN))
    log.info("published %d built-in procedures", len(published))
    return published


def _missing(connection: Connection) -> list[Procedure]:
    present, known = store.newest(connection), store.digests(connection)
    return [
        procedure
        for procedure in load_builtin()
        if (procedure.code, procedure.digest) not in known
        and (procedure.code not in present or present[procedure.code].origin == BUILTIN)
    ]

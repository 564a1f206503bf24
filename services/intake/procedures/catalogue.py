"""The catalogue of procedures: publishing new versions, and the versions in force at hand without a query for each filing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

import orjson
from sqlalchemy import Connection

from services.intake.procedures import store as stored
from shared.catalogue import Procedure, load_builtin
from shared.catalogue.text import slug
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

log = logging.getLogger(__name__)

BUILTIN = "builtin"
IMPORT = "import"
FRESH_SECONDS = 1.0
"""For how long (real time) the cache is trusted without asking for the catalogue's revision."""


def publish(work: UnitOfWork, procedures: Iterable[Procedure], origin: str = IMPORT) -> list[tuple[str, int]]:
    """Publishes procedures: a changed one gets a new version and is announced, an unchanged one is left alone.

    Dossiers keep the version that they were received under.

    Args:
        work: the transaction; all of the procedures or none.
        procedures: valid ones, each code once.
        origin: ``import`` for what an administrator brought, ``builtin`` for what came with the software.

    Returns:
        code and version of everything new.
    """
    wanted = list(procedures)
    if not wanted:
        return []
    revision = stored.next_revision(work.connection)  # first: from here on nobody else publishes
    present = stored.current(work.connection)
    fresh: list[tuple[Procedure, int, str]] = []
    for procedure in wanted:
        version, digest, _ = present.get(procedure.code, (0, "", ""))
        if digest != procedure.digest:
            fresh.append((procedure, version + 1, orjson.dumps(procedure.as_dict()).decode()))
    if fresh:
        stored.add(work.connection, fresh, revision, origin, work.now)
    for procedure, version, _ in fresh:
        work.emit(
            "procedure.published",
            {"procedure": procedure.code, "version": version, "definition": procedure.as_dict()},
        )
    return [(procedure.code, version) for procedure, version, _ in fresh]


def ensure_builtin(context: Context) -> list[tuple[str, int]]:
    """Publishes what the software brings along, as far as it is not there; called at every start.

    What an administrator has imported stays in force, and so does a newer version that another replica of newer software
    has published: a built-in definition that was in force once is never published again.

    Returns:
        code and version of everything new; usually nothing, found out by reading alone.
    """
    with context.store.read() as connection:
        if not _missing(connection):
            return []
    published = context.store.run(lambda work: publish(work, _missing(work.connection), BUILTIN))
    log.info("published %d built-in procedures", len(published))
    return published


def _missing(connection: Connection) -> list[Procedure]:
    present, known = stored.current(connection), stored.digests(connection)
    return [
        procedure
        for procedure in load_builtin()
        if (procedure.code, procedure.digest) not in known
        and (procedure.code not in present or present[procedure.code][2] == BUILTIN)
    ]


class Catalogue:
    """The parsed procedures of one process; safe to share between threads.

    A new version is seen within a second of its publication, at the cost of one look at a single row each second.

    Args:
        monotonic: real seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._fresh_until = float("-inf")
        self._revision = 0
        self._current: dict[str, tuple[int, Procedure]] = {}
        self._versions: dict[tuple[str, int], Procedure] = {}
        self._folded: dict[str, str] = {}

    def current(self, connection: Connection, code: str) -> tuple[int, Procedure] | None:
        """The version of a procedure in force, with its number; None when there is no such procedure."""
        self._refresh(connection)
        return self._current.get(code)

    def version(self, connection: Connection, code: str, version: int) -> Procedure:
        """The version that a dossier was received under.

        Raises:
            LookupError: it was never published.
        """
        known = self._versions.get((code, version))
        if known is None:
            text = stored.definition(connection, code, version)
            if text is None:
                raise LookupError(f"procedure {code} has no version {version}")
            known = self._versions[code, version] = Procedure.from_dict(orjson.loads(text))
        return known

    def search(self, connection: Connection, text: str = "", field: str = "") -> list[tuple[int, Procedure]]:
        """Procedures in force whose name or code holds every word of a text, without regard to case and diacritics.

        Args:
            connection: any.
            text: words; empty for all.
            field: the code of a field (lĩnh vực); empty for all.

        Returns:
            version and procedure, in order of field and name.
        """
        self._refresh(connection)
        words = fold_words(text).split()
        found = [
            (version, procedure)
            for version, procedure in list(self._current.values())
            if (not field or procedure.field == field) and all(word in self._folded[procedure.code] for word in words)
        ]
        return sorted(found, key=lambda entry: (slug(entry[1].field_name), self._folded[entry[1].code]))

    def fields(self, connection: Connection) -> dict[str, str]:
        """Code and Vietnamese name of every field that has a procedure, in order of name."""
        self._refresh(connection)
        names = {procedure.field: procedure.field_name for _, procedure in list(self._current.values())}
        return dict(sorted(names.items(), key=lambda item: slug(item[1])))

    def _refresh(self, connection: Connection) -> None:
        if self._monotonic() < self._fresh_until:
            return
        with self._lock:
            asked_at = self._monotonic()
            if asked_at < self._fresh_until:
                return
            revision = stored.revision(connection)
            if revision != self._revision:
                self._take(connection)
                self._revision = revision
            self._fresh_until = asked_at + FRESH_SECONDS

    def _take(self, connection: Connection) -> None:
        for code, version, text in stored.published_after(connection, self._revision):
            procedure = Procedure.from_dict(orjson.loads(text))
            self._versions[code, version] = procedure
            self._folded[code] = f"{fold_words(procedure.name)} {code}"
            self._current[code] = (version, procedure)


def fold_words(text: str) -> str:
    """Text for searching: no diacritics, no capitals; codes such as ``1.013831`` keep their dot."""
    return " ".join(
        slug(word).replace("_", " ") if not word.replace(".", "").isdigit() else word for word in text.split()
    )

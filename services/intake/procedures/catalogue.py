"""The catalogue of procedures: publishing new versions, and a cache of the versions in force, so that filing needs no query."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

import orjson
from sqlalchemy import Connection

from services.intake.procedures import store
from shared.catalogue import Procedure, load_builtin
from shared.catalogue.text import slug
from shared.persistence.store import UnitOfWork
from shared.runtime.context import Context

log = logging.getLogger(__name__)

BUILTIN = "builtin"
IMPORT = "import"
FRESH_SECONDS = 1.0
"""How long (real time) the cache is used before it checks the catalogue's revision again."""


def publish(work: UnitOfWork, procedures: Iterable[Procedure], origin: str = IMPORT) -> list[tuple[str, int]]:
    """Publishes procedures: each new or changed one gets a new version and an event.

    Dossiers keep the version under which they were received.

    Args:
        work: the transaction, which publishes all procedures or none.
        procedures: validated, each code once.
        origin: ``import`` for an administrator's file, ``builtin`` for definitions that come with the software.

    Returns:
        code and version of the new versions.
    """
    candidates = list(procedures)
    if not candidates:
        return []
    revision = store.next_revision(work.connection)  # first, since it locks other publications out
    present = store.current(work.connection)
    new: list[tuple[Procedure, int, str]] = []
    for procedure in candidates:
        version, digest, _ = present.get(procedure.code, (0, "", ""))
        if digest != procedure.digest:
            new.append((procedure, version + 1, orjson.dumps(procedure.as_dict()).decode()))
    if new:
        store.add(work.connection, new, revision, origin, work.now)
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
    present, known = store.current(connection), store.digests(connection)
    return [
        procedure
        for procedure in load_builtin()
        if (procedure.code, procedure.digest) not in known
        and (procedure.code not in present or present[procedure.code][2] == BUILTIN)
    ]


class Catalogue:
    """A cache of the parsed procedures of one process; thread-safe.

    A new version is visible within a second of its publication, at the cost of reading one row per second.

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
        """The version number and procedure in force; None when there is no such procedure."""
        self._refresh(connection)
        return self._current.get(code)

    def version(self, connection: Connection, code: str, version: int) -> Procedure:
        """A version of a procedure, such as that of a dossier.

        Raises:
            LookupError: it was never published.
        """
        known = self._versions.get((code, version))
        if known is None:
            text = store.definition(connection, code, version)
            if text is None:
                raise LookupError(f"procedure {code} has no version {version}")
            known = self._versions[code, version] = Procedure.from_dict(orjson.loads(text))
        return known

    def search(self, connection: Connection, text: str = "", field: str = "") -> list[tuple[int, Procedure]]:
        """Procedures in force whose name or code contains every word of a text, ignoring case and diacritics.

        Args:
            connection: any.
            text: words; empty for all.
            field: the code of a field (lĩnh vực); empty for all.

        Returns:
            version and procedure, ordered by field and name.
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
        """Code and Vietnamese name of every field that has a procedure, ordered by name."""
        self._refresh(connection)
        names = {procedure.field: procedure.field_name for _, procedure in list(self._current.values())}
        return dict(sorted(names.items(), key=lambda item: slug(item[1])))

    def _refresh(self, connection: Connection) -> None:
        if self._monotonic() < self._fresh_until:
            return
        with self._lock:
            checked_at = self._monotonic()
            if checked_at < self._fresh_until:
                return
            revision = store.revision(connection)
            if revision != self._revision:
                self._load_new(connection)
                self._revision = revision
            self._fresh_until = checked_at + FRESH_SECONDS

    def _load_new(self, connection: Connection) -> None:
        for code, version, text in store.published_after(connection, self._revision):
            procedure = Procedure.from_dict(orjson.loads(text))
            self._versions[code, version] = procedure
            self._folded[code] = f"{fold_words(procedure.name)} {code}"
            self._current[code] = (version, procedure)


def fold_words(text: str) -> str:
    """Text folded for search: lower case without diacritics; codes such as ``1.013831`` keep their dot."""
    return " ".join(
        slug(word).replace("_", " ") if not word.replace(".", "").isdigit() else word for word in text.split()
    )

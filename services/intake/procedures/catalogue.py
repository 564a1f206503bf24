"""The catalogue in memory: a cache of the procedures in force, so that filing needs no query, and their search."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date

import orjson
from sqlalchemy import Connection

from services.intake.procedures import store
from services.intake.procedures.everyday_words import everyday_words
from services.intake.procedures.search import Word, find, readings
from shared.catalogue import Procedure
from shared.catalogue.text import slug, words_of

FRESH_SECONDS = 1.0
"""How long (real time) the cache is used before it checks the catalogue's revision again."""


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
        self._words: dict[str, list[Word]] = {}

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

    def search(
        self, connection: Connection, text: str = "", field: str = "", on: date | None = None
    ) -> list[tuple[int, Procedure]]:
        """Procedures in force that a text finds, see :mod:`services.intake.procedures.search`.

        Args:
            connection: any.
            text: words of the name or everyday ones, or a code; empty for all.
            field: the code of a field (lĩnh vực); empty for all.
            on: the day whose everyday words are understood; only needed with a text.

        Returns:
            version and procedure, the best first; without a text ordered by field and name.
        """
        self._refresh(connection)
        current = dict(self._current)
        entries = {code: self._words[code] for code, (_, one) in current.items() if field in ("", one.field)}
        if not text.strip():
            names = {code: (slug(current[code][1].field_name), slug(current[code][1].name)) for code in entries}
            return [current[code] for code in sorted(entries, key=names.__getitem__)]
        return [current[code] for code in find(entries, readings(text, everyday_words(), on or date.max))]

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
            self._words[code] = words_of(procedure.name)
            self._current[code] = (version, procedure)

"""The catalogue in memory: a cache of the published procedures, so that filing needs no query, and their search."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import orjson
from sqlalchemy import Connection

from services.intake.procedures import store
from services.intake.procedures.everyday_words import everyday_words
from services.intake.procedures.filters import NO_FILTERS, Filters
from services.intake.procedures.search import SearchIndex
from shared.catalogue import Procedure
from shared.catalogue.text import slug, words_of

FRESH_SECONDS = 1.0
"""How long (real time) the cache is used before it checks the catalogue's revision again."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search for procedures found.

    Attributes:
        procedures: version and procedure, the best first.
        instead: the words that were searched for where those typed found nothing; else empty.
    """

    procedures: list[tuple[int, Procedure]]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class _Day:
    """The procedures in force on a day."""

    day: date
    revision: int
    current: dict[str, tuple[int, Procedure]]
    in_order: list[str]
    index: SearchIndex


class Catalogue:
    """A cache of the parsed procedures of one process; thread-safe.

    A new version is visible within a second of its publication, at the cost of reading one row per second, and in force from its
    effective day on: of the versions whose day has come, the one with the highest number.

    Args:
        monotonic: real seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._fresh_until = float("-inf")
        self._revision = 0
        self._published: dict[str, list[tuple[date | None, int, Procedure]]] = {}
        self._versions: dict[tuple[str, int], Procedure] = {}
        self._day: _Day | None = None

    def current(self, connection: Connection, code: str, on: date) -> tuple[int, Procedure] | None:
        """The version number and procedure in force on a day; None when there is no such procedure."""
        self._refresh(connection)
        return _in_force(self._published.get(code, ()), on)

    def field_of(self, code: str) -> str:
        """The field of a procedure that is in memory, of whichever day; empty for one that is not. Asks no database."""
        versions = self._published.get(code)
        return versions[-1][2].field if versions else ""

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

    def search(self, connection: Connection, text: str, on: date, filters: Filters = NO_FILTERS) -> SearchResult:
        """Procedures in force that a text finds, see :mod:`services.intake.procedures.search`.

        Args:
            connection: any.
            text: words of the name or everyday ones, or a code; empty for all, ordered by field and name.
            on: today.
            filters: what else must be true of them.
        """
        day = self._in_force_on(connection, on)
        wanted = {code for code, (_, one) in day.current.items() if filters.accept(one)}
        if not text.strip():
            return SearchResult([day.current[code] for code in day.in_order if code in wanted])
        found = day.index.search(text, on, wanted)
        return SearchResult([day.current[code] for code in found.codes], found.instead)

    def all(self, connection: Connection, on: date) -> list[tuple[int, Procedure]]:
        """Version and procedure of all in force on a day, ordered by field and name."""
        return self.search(connection, "", on).procedures

    def fields(self, connection: Connection, on: date) -> dict[str, str]:
        """Code and Vietnamese name of every field that has a procedure, ordered by name."""
        day = self._in_force_on(connection, on)
        names = {procedure.field: procedure.field_name for _, procedure in day.current.values()}
        return dict(sorted(names.items(), key=lambda item: slug(item[1])))

    def _in_force_on(self, connection: Connection, on: date) -> _Day:
        self._refresh(connection)
        day = self._day
        if day is None or day.day != on or day.revision != self._revision:
            with self._lock:
                day = self._day
                if day is None or day.day != on or day.revision != self._revision:
                    day = self._day = self._made(on)
        return day

    def _made(self, on: date) -> _Day:
        found = {code: _in_force(versions, on) for code, versions in self._published.items()}
        current = {code: one for code, one in found.items() if one is not None}
        names = {code: (slug(one.field_name), slug(one.name)) for code, (_, one) in current.items()}
        entries = {code: words_of(one.name) for code, (_, one) in current.items()}
        in_order = sorted(current, key=names.__getitem__)
        return _Day(on, self._revision, current, in_order, SearchIndex(entries, everyday_words()))

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
        for code, version, effective_from, text in store.published_after(connection, self._revision):
            procedure = Procedure.from_dict(orjson.loads(text))
            self._versions[code, version] = procedure
            self._published[code] = [*self._published.get(code, ()), (effective_from, version, procedure)]


def _in_force(versions: Sequence[tuple[date | None, int, Procedure]], on: date) -> tuple[int, Procedure] | None:
    begun = [(version, procedure) for begins, version, procedure in versions if begins is None or begins <= on]
    return max(begun, key=lambda entry: entry[0], default=None)

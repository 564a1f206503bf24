"""The rows of facts that a transaction changes: read once, changed by pure functions, written once before the commit, with the totals.

On PostgreSQL a transaction first locks the names of what it changes (a dossier with all that belongs to it has one name), so that nobody
else changes these rows, or makes them, before it ends. A batch locks its names in order; a deadlock of others is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Table, and_

from services.stats.facts.row_store import Key as Key
from services.stats.facts.row_store import Row as Row
from services.stats.facts.row_store import key_names, key_of, names_of, read_keys, read_rows, read_with, write
from services.stats.totals import writing
from services.stats.totals.codes import numbers_of
from services.stats.totals.places import NOWHERE, Place
from services.stats.totals.tables import Total
from services.stats.totals.writing import Contribution, Differences
from shared.persistence.unit_of_work import UnitOfWork

MAX_KEYS = 400
"""Rows that one statement reads at most; SQLite takes a bounded number of values."""


@dataclass(frozen=True, eq=False)
class Subject:
    """Rows that are counted.

    Attributes:
        table: of facts.
        total: to which they contribute; None if they are not counted.
        contributions: what a row adds to it; pure.
        place: where a row counts, given the place of its dossier (:data:`~services.stats.totals.places.NOWHERE` if there is none); pure.
        dossier_column: the column with the code of the dossier, if it takes the dossier's place; indexed.
        complete: fills in what follows from the other columns; pure.
        named_alone: whether its rows are locked by their own names, since not all events of a row name its dossier.
        affected: what a row adds, but only what may differ between two rows of which some columns differ; None if all is always counted.
    """

    table: Table
    total: Total | None
    contributions: Callable[[Row], Sequence[Contribution]]
    place: Callable[[Row, Place], Place] = lambda _, dossier: dossier
    dossier_column: str | None = None
    complete: Callable[[dict[str, Any]], Row] = lambda row: row
    named_alone: bool = False
    affected: Callable[[Row, frozenset[str]], Sequence[Contribution]] | None = None

    def dossier_of(self, row: Row) -> str | None:
        """The code of the dossier whose place a row takes; None if it takes none."""
        return row[self.dossier_column] if self.dossier_column is not None else None

    def blank(self, key: Key) -> dict[str, Any]:
        """The row of something of which nothing is known."""
        row: dict[str, Any] = dict.fromkeys(names_of(self.table))
        row.update(zip(key_names(self.table), key, strict=True))
        return row


class Family:
    """The dossiers and all that takes their place.

    Args:
        dossiers: their subject.
        others: all other subjects.
    """

    def __init__(self, dossiers: Subject, others: Sequence[Subject]) -> None:
        self.dossiers = dossiers
        self.subjects = (dossiers, *others)
        self.children = tuple(subject for subject in others if subject.dossier_column is not None)


class FactRows:
    """The rows of one transaction.

    Args:
        work: the transaction.
        family: the subjects.
    """

    def __init__(self, work: UnitOfWork, family: Family) -> None:
        self._connection: Connection = work.connection
        self._alone = work.alone
        self._family = family
        self._known: dict[Subject, dict[Key, Row | None]] = {subject: {} for subject in family.subjects}
        self._before: dict[Subject, dict[Key, Row | None]] = {subject: {} for subject in family.subjects}
        self._locked: set[str] = set()
        work.before_commit(self.flush)

    def lock(self, names: Iterable[str]) -> None:
        """Keeps others from changing what has these names until the transaction ends; SQLite has one writer anyway."""
        wanted = sorted(set(names) - self._locked)
        if not wanted:
            return
        self._locked.update(wanted)
        if self._connection.dialect.name == "postgresql" and not self._alone:
            self._connection.exec_driver_sql(_LOCK, (wanted,))

    def name_of(self, subject: Subject, key: Key, dossier: str | None) -> str:
        """The name to lock for a row; arguments as for :meth:`change`."""
        if subject is self._family.dossiers:
            return str(key[0])
        if isinstance(dossier, str) and not subject.named_alone:
            return dossier
        return "/".join(map(str, (subject.table.name, *key)))

    def beginning(self, subject: Subject, *values: Any) -> list[Key]:
        """The keys that begin with some values; change one of the rows before, so that nobody else adds any."""
        known = self._known[subject]
        condition = and_(*(column == value for column, value in zip(subject.table.primary_key, values, strict=False)))
        for row in read_rows(self._connection, subject.table, condition):
            known.setdefault(key_of(subject.table, row), row)
        return [key for key, row in known.items() if row is not None and key[: len(values)] == values]

    def load(self, subject: Subject, keys: Iterable[Key]) -> None:
        """Reads rows that are not known yet; `lock` them before."""
        known = self._known[subject]
        wanted = sorted({key for key in keys if key not in known}, key=repr)
        for begin in range(0, len(wanted), MAX_KEYS):
            part = wanted[begin : begin + MAX_KEYS]
            known.update(dict.fromkeys(part))
            for row in read_keys(self._connection, subject.table, part):
                known[key_of(subject.table, row)] = row

    def get(self, subject: Subject, *key: Any) -> Row | None:
        """A row as the transaction knows it; None if there is none."""
        if key not in self._known[subject]:
            if subject is self._family.dossiers:
                self.lock([str(key[0])])
            self.load(subject, [key])
        return self._known[subject][key]

    def change(self, subject: Subject, key: Key, merge: Callable[[Row], Row], dossier: str | None = None) -> Row:
        """Changes a row; it is written before the commit.

        Args:
            subject: of which kind.
            key: which.
            merge: the row (with its key alone, if nothing is known) → the row as it is then; pure; raises what the handler raises.
            dossier: the code of the dossier, or of what else the row belongs to with others, if any.

        Returns:
            the row.
        """
        known = self._known[subject]
        if key not in known:
            self.lock([self.name_of(subject, key, dossier)])
            self.load(subject, [key])
        before = known[key]
        after = subject.complete(dict(merge(before if before is not None else subject.blank(key))))
        if after != (before if before is not None else subject.complete(subject.blank(key))):
            self._before[subject].setdefault(key, before)
            known[key] = after
        return after

    def flush(self) -> None:
        """Writes the changed rows, and adds to the totals what they contribute more or less than before."""
        if not any(self._before.values()):
            return
        moved = self._moved()
        found: dict[Total, Differences] = {}
        for subject in self._family.subjects:
            before = self._before[subject]
            self._load_dossiers_of(subject, before)
            changed = {key: self._known[subject][key] for key in before}
            write(self._connection, subject.table, [row for row in changed.values() if row is not None])
            if subject.total is not None:
                differences = found.setdefault(subject.total, Differences())
                self._add_differences(subject, differences, moved)
        numbers = numbers_of(self._connection, {code for one in found.values() for code in writing.codes_in(one)})
        for total in sorted(found, key=lambda total: total.name):
            writing.write(self._connection, total, found[total], numbers)
        for rows in self._before.values():
            rows.clear()

    def _moved(self) -> dict[str, Place]:
        """The dossiers whose place changes, with the place before; what belongs to them is read."""
        dossiers = self._family.dossiers
        moved = {}
        for key, before in self._before[dossiers].items():
            was, now = self._place(dossiers, before), self._place(dossiers, self._known[dossiers][key])
            if was != now:
                moved[key[0]] = was
        codes = sorted(moved)
        for subject in self._family.children:
            column, known = subject.dossier_column or "", self._known[subject]
            for begin in range(0, len(codes), MAX_KEYS):
                for row in read_with(self._connection, subject.table, column, codes[begin : begin + MAX_KEYS]):
                    known.setdefault(key_of(subject.table, row), row)
        return moved

    def _load_dossiers_of(self, subject: Subject, before: Mapping[Key, Row | None]) -> None:
        if subject.dossier_column is None:
            return
        codes = {subject.dossier_of(row) for key in before if (row := self._known[subject][key]) is not None}
        codes |= {subject.dossier_of(row) for row in before.values() if row is not None}
        wanted = {code for code in codes if code is not None}
        self.lock(wanted)
        self.load(self._family.dossiers, ((code,) for code in wanted))

    def _add_differences(self, subject: Subject, found: Differences, moved: Mapping[str, Place]) -> None:
        changed, known = self._before[subject], self._known[subject]
        keys = set(changed)
        if subject.dossier_column is not None and moved:
            keys |= {key for key, row in known.items() if row is not None and subject.dossier_of(row) in moved}
        for key in keys:
            after = known[key]
            before = changed.get(key, after)
            was = now = NOWHERE
            if before is not None:
                dossier = subject.dossier_of(before)
                was = subject.place(before, moved.get(dossier or "") or self._place_of_dossier(dossier))
            if after is not None:
                now = subject.place(after, self._place_of_dossier(subject.dossier_of(after)))
            counted: Callable[[Row], Sequence[Contribution]] = subject.contributions
            if subject.affected is not None and before is not None and after is not None and was == now:
                columns = frozenset(name for name, value in after.items() if before[name] != value)
                counted = partial(_affected, subject.affected, columns)
            if before is not None:
                writing.add(found, counted(before), was, -1)
            if after is not None:
                writing.add(found, counted(after), now, 1)

    def _place_of_dossier(self, code: str | None) -> Place:
        if code is None:
            return NOWHERE
        return self._place(self._family.dossiers, self._known[self._family.dossiers].get((code,)))

    @staticmethod
    def _place(dossiers: Subject, row: Row | None) -> Place:
        return NOWHERE if row is None else dossiers.place(row, NOWHERE)


def _affected(
    of: Callable[[Row, frozenset[str]], Sequence[Contribution]], columns: frozenset[str], row: Row
) -> Sequence[Contribution]:
    return of(row, columns)


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name"

"""The unit of work: one transaction, its deferred writes, and the events that are published when it commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Table
from sqlalchemy.sql import Executable

from shared.contracts import make_event, seal_event
from shared.messaging.event import Event, event_source
from shared.messaging.hints import OUTBOX
from shared.persistence.single_statement_commit import DeferredNumber, flush, flush_for_commit
from shared.persistence.sql import insert
from shared.runtime.clock import Clock
from shared.runtime.data_keys import DataKeys
from shared.runtime.reference_data import Reference

T = TypeVar("T")


class UnitOfWork:
    """One transaction. Made by :meth:`shared.persistence.store.Store.uow` and :meth:`~shared.persistence.store.Store.run`.

    Attributes:
        connection: the SQLAlchemy connection, inside the transaction. It does not see deferred writes before `flush`.
        clock: the service's clock.
        now: the business time of the whole transaction: everything in it happens at one moment.
        service: the service's name.
        events: the events emitted so far.
        hash_key: of the hashes of citizens' secrets; empty where none are stored.
        data_keys: of personal data; None where none is kept.
        alone: whether nobody else writes what this transaction writes, so that it need not lock it.
        hints: names of the hints that are sent after the commit; see `shared.messaging.hints`.
    """

    def __init__(
        self,
        connection: Connection,
        service: str,
        clock: Clock,
        reference: Reference | None,
        hash_key: str = "",
        data_keys: DataKeys | None = None,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.now = clock.now()
        self.events: list[Event] = []
        self.hints: set[str] = set()
        self.alone = False
        self.service = service
        self._reference = reference
        self.hash_key = hash_key
        self.data_keys = data_keys
        self._before_commit: list[Callable[[], None]] = []
        self._after_commit: list[Callable[[], None]] = []
        self._attached: dict[Callable[[UnitOfWork], Any], Any] = {}
        self._deferred: dict[Executable, list[Mapping[str, Any]]] = {}
        self._number: DeferredNumber | None = None

    @property
    def reference(self) -> Reference:
        """Agencies, regulations and calendars.

        Raises:
            LookupError: the store was opened without them.
        """
        if self._reference is None:
            raise LookupError(f"the store of {self.service} was opened without reference data")
        return self._reference

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs a statement now, after the writes deferred so far."""
        self.flush()
        return self.connection.execute(statement, parameters)

    def insert(self, table: Table) -> Any:
        """An INSERT with ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on either database."""
        return insert(table, self.connection)

    def defer(self, statement: Executable, parameters: Mapping[str, Any]) -> None:
        """Defers a write until the next `execute` or the commit, so that many writes need one round trip.

        Each statement's rows keep their order; different statements do not. Defer only writes whose order does not matter and
        whose result you do not read.

        Args:
            statement: a constant of its module, with bound parameters.
            parameters: their values.
        """
        self._deferred.setdefault(statement, []).append(parameters)

    def defer_number(self, statement: Executable, parameters: Mapping[str, Any], digits: int) -> str:
        """Takes the next number of a gapless sequence, as late as possible: the counter stays locked from then until the commit.

        Args:
            statement: raises a counter and returns it, in one row and one column; a constant of its module.
            parameters: its values.
            digits: the number's least width; it is padded with zeros.

        Returns:
            a placeholder. It becomes the number in deferred writes, in events, and in what `resolve_placeholder` gets after the
            transaction. `execute` would write the placeholder itself.

        Raises:
            RuntimeError: the transaction has a number already.
        """
        if self._number is not None:
            raise RuntimeError("a transaction takes one number at most")
        self._number = DeferredNumber(statement, parameters, digits)
        return self._number.placeholder

    def resolve_placeholder(self, text: str) -> str:
        """Replaces the placeholder in a text by the number; call it after the transaction.

        Raises:
            RuntimeError: the text has the placeholder, and the database has not given the number yet.
        """
        return self._number.substitute(text) if self._number is not None else text

    def emit(self, name: str, data: Mapping[str, Any]) -> Event:
        """Adds an event. It is written to the outbox when the transaction commits, or not at all.

        Args:
            name: the event's name in the contracts, such as ``dossier.received``.
            data: its fields, as the contract says; times as aware datetimes.

        Raises:
            shared.contracts.ContractViolation: the data breaks the contract.
        """
        made = seal_event(make_event(name, data, source=event_source(self.service), time=self.now), self.data_keys)
        self.events.append(made)
        self.hints.add(OUTBOX)
        return made

    def hint(self, name: str) -> None:
        """Wakes those who wait for some work, once the transaction has committed; see `shared.messaging.hints`."""
        self.hints.add(name)

    def before_commit(self, callback: Callable[[], None]) -> None:
        """Registers a callback that runs inside the transaction, when all else but the deferred writes is done; it may write and defer.

        Callbacks run in order; what one of them registers runs after all others.
        """
        self._before_commit.append(callback)

    def attached(self, make: Callable[[UnitOfWork], T]) -> T:
        """The one object of its kind that belongs to this transaction; made at its first use.

        Args:
            make: makes it; it is also the kind.
        """
        if make not in self._attached:
            self._attached[make] = make(self)
        found: T = self._attached[make]
        return found

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Registers a callback that runs once the transaction has committed, such as counting in a metric.

        It does not run after a rollback, nor for a repeated request that gets its first answer again.

        Args:
            callback: must not fail and must not touch the database.
        """
        self._after_commit.append(callback)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Part of the transaction that may fail alone: when the block raises, its writes, events and callbacks are undone."""
        self.flush()
        events, number = len(self.events), self._number
        before, after = len(self._before_commit), len(self._after_commit)
        try:
            with self.connection.begin_nested():
                yield
                self.flush()
        except BaseException:
            self._deferred.clear()
            self._number = number
            del self.events[events:]
            del self._before_commit[before:]
            del self._after_commit[after:]
            raise

    def flush(self) -> None:
        """Runs the deferred writes now."""
        deferred, self._deferred = self._deferred, {}
        flush(self.connection, deferred, self._number)

    def flush_for_commit(self) -> None:
        """Runs the callbacks and the deferred writes, and writes the events; called by the store as the last action before the commit."""
        for callback in self._before_commit:  # it grows when one registers another
            callback()
        deferred, self._deferred = self._deferred, {}
        flush_for_commit(self.connection, deferred, self.events, self.clock.wall(), self._number)

    def run_after_commit(self) -> None:
        """Runs the callbacks; called by the store after the commit."""
        for callback in self._after_commit:
            callback()

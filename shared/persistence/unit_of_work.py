"""The unit of work: one transaction, its deferred writes, and the events that leave with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Table
from sqlalchemy.sql import Executable

from shared.contracts import make_event
from shared.messaging.event import Event, event_source
from shared.persistence.flush import flush_transaction, run_deferred
from shared.persistence.sequence import DeferredNumber
from shared.persistence.sql import insert
from shared.runtime.clock import Clock
from shared.runtime.reference_data import Reference


class UnitOfWork:
    """One transaction: its statements, and the events that leave with it.

    Attributes:
        connection: the SQLAlchemy connection, inside the transaction.
        now: the business time of the whole transaction, so that all that happens in it happens at one moment.
    """

    def __init__(self, connection: Connection, service: str, clock: Clock, reference: Reference | None) -> None:
        self.connection = connection
        self.clock = clock
        self.now = clock.now()
        self._service = service
        self._reference = reference
        self.events: list[Event] = []
        self._after_commit: list[Callable[[], None]] = []
        self._deferred: dict[Executable, list[Mapping[str, Any]]] = {}
        self._number: DeferredNumber | None = None

    @property
    def reference(self) -> Reference:
        """Agencies, regulations and calendars.

        Raises:
            LookupError: the store was opened without them.
        """
        if self._reference is None:
            raise LookupError(f"the store of {self._service} was opened without reference data")
        return self._reference

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs a statement inside the transaction, after whatever was put off."""
        self.flush()
        return self.connection.execute(statement, parameters)

    def defer(self, statement: Executable, parameters: Mapping[str, Any]) -> None:
        """Puts a write off until the next `execute` or the commit, so that many writes make one round trip.

        Writes put off are run statement by statement, each statement's rows in their order. So put off only what commutes
        with other statements that are put off, and needs no look at what it changed.

        Args:
            statement: one object for all its uses (a module's constant), with bound parameters.
            parameters: their values.
        """
        self._deferred.setdefault(statement, []).append(parameters)

    def defer_number(self, statement: Executable, parameters: Mapping[str, Any], digits: int) -> str:
        """Draws a number as late as can be, since all others who want one wait from then on until this transaction's commit.

        Args:
            statement: raises a counter and returns it, in one row and one column; a module's constant.
            parameters: its values.
            digits: how many the number is written with at least, zeros in front.

        Returns:
            a mark that stands for the number in texts that are put off by `defer`, in events, and in what goes through
            `resolve_placeholder` when the transaction is over. Nothing else knows it: a statement run at once would write the mark.

        Raises:
            RuntimeError: the transaction has drawn one before.
        """
        if self._number is not None:
            raise RuntimeError("a transaction draws one number")
        self._number = DeferredNumber(statement, parameters, digits)
        return self._number.placeholder

    def resolve_placeholder(self, text: str) -> str:
        """A text with the number in the place of its mark; for after the transaction.

        Raises:
            RuntimeError: the text has the mark, and the number is not drawn yet.
        """
        return self._number.substitute(text) if self._number is not None else text

    def flush(self) -> None:
        """Runs what was put off."""
        put_off, self._deferred = self._deferred, {}
        run_deferred(self.connection, put_off, self._number)

    def flush_on_commit(self) -> None:
        """Writes what was put off and the events, as the last thing of the transaction."""
        put_off, self._deferred = self._deferred, {}
        flush_transaction(self.connection, put_off, self.events, self.clock.wall(), self._number)

    def insert(self, table: Table) -> Any:
        """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on either database."""
        return insert(table, self.connection)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Runs a callback once the transaction has committed, for what must not be undone, such as counting in a metric.

        It never runs when the transaction is rolled back, and not for a repeated request that gets its first answer again.

        Args:
            callback: must not fail and must not touch the database.
        """
        self._after_commit.append(callback)

    def run_after_commit(self) -> None:
        """Runs the callbacks; called by the store once the transaction has committed."""
        for callback in self._after_commit:
            callback()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the transaction that may fail by itself: what it wrote and said is taken back when the block raises, the rest stays."""
        self.flush()
        said, drawn, callbacks = len(self.events), self._number, len(self._after_commit)
        try:
            with self.connection.begin_nested():
                yield
                self.flush()
        except BaseException:
            self._deferred.clear()
            self._number = drawn
            del self.events[said:]
            del self._after_commit[callbacks:]
            raise

    def emit(self, name: str, data: Mapping[str, Any]) -> Event:
        """Announces what happened; the event is written to the outbox when the transaction commits, or not at all.

        Args:
            name: the event's name in the published language, such as ``dossier.received``.
            data: its fields, as the contract says; times as aware datetimes.

        Raises:
            shared.contracts.ContractViolation: the data does not keep the contract.
        """
        made = make_event(name, data, source=event_source(self._service), time=self.now)
        self.events.append(made)
        return made

"""Applies events: inbox, effects and new outbox rows in one transaction. Failed events go to the retry queue or are parked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from shared.contracts import read_data, unseal_event
from shared.messaging import inbox, missing_events, parked_events, poison_messages, retry_policy, retry_queue
from shared.messaging.errors import Conflict, NotYet, Permanent
from shared.messaging.event import Event, Undecodable, in_sequence
from shared.messaging.hints import RETRY
from shared.messaging.port import Delivery
from shared.messaging.reconciliation.checks import Reconciler
from shared.messaging.reconciliation.messages import is_control
from shared.messaging.restored import report_conflict
from shared.messaging.retry_policy import MISSING, RetryPolicy
from shared.messaging.retry_queue import RetryEntry
from shared.messaging.reused_ids import Refuse, refuse_reused
from shared.messaging.sender_identity import SpoofedSender, read_event, sender_by_source
from shared.persistence.engine import may_succeed_later, wants_rerun
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

Handler = Callable[[Event, UnitOfWork], None]
"""Applies one event inside a transaction; `event.data` is validated and in Python's types. Raises when it cannot."""

Prepare = Callable[[Sequence[Event], UnitOfWork], None]
"""Reads at once what the handlers of a batch will need, once its events are claimed; `event.data` is as received, not validated. Must not
fail because of what an event says."""

POISON_CHECK_FROM = 2
"""An event that was delivered this many times before may have killed its worker: it is applied alone and its attempts are counted."""

MAX_CRASHES = 5
MAX_DUE_KEYS = 100
RECHECK_SECONDS = 15.0


@dataclass
class Outcome:
    """The result of a batch, as numbers of events.

    Attributes:
        applied: the handler has run.
        duplicates: their ids were applied before; ignored, or refused if they say something else.
        queued: put into the retry queue.
        parked: a person must decide.
    """

    applied: int = 0
    duplicates: int = 0
    queued: int = 0
    parked: int = 0

    def add(self, other: Outcome) -> None:
        """Adds the numbers of another result."""
        self.applied += other.applied
        self.duplicates += other.duplicates
        self.queued += other.queued
        self.parked += other.parked


class Applier:
    """Applies the events of one service.

    Args:
        store: the service's database.
        handlers: event name → handler; the service's one visible table.
        policy: how often and when failed events are reattempted.
        sent_again: called with a subscriber and the number of events that were sent to it again, for metrics.
        prepare: called before the handlers of a batch.
        progress: called after each event that was handled: a long batch on a busy machine is no standstill.
        refuse: tells an agency that it has used an id for two events; without it such events are parked.
    """

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        policy: RetryPolicy | None = None,
        sent_again: Callable[[str, int], None] = lambda _subscriber, _count: None,
        prepare: Prepare | None = None,
        progress: Callable[[], None] = lambda: None,
        refuse: Refuse | None = None,
    ) -> None:
        self.store = store
        self.handlers = handlers
        self.policy = policy or RetryPolicy()
        self.reconciler = Reconciler(store, sent_again)
        self._prepare = prepare
        self._progress = progress
        self._refuse = refuse
        self.handled = 0
        """Messages that were handled so far, for whoever must know whether there is any progress."""

    def apply(self, deliveries: Sequence[Delivery]) -> Outcome:
        """Applies a batch and commits; afterwards the deliveries may be acknowledged.

        The batch is one transaction. If anything raises, each event gets a transaction of its own.

        Raises:
            sqlalchemy.exc.DBAPIError: the database is not available. Do not acknowledge: the broker delivers again.
        """
        outcome = Outcome()
        events, maybe_poison = self._decode(deliveries, outcome)
        controls = [event for event in events if is_control(event)]
        if controls:
            events = [event for event in events if not is_control(event)]
        events = in_sequence(events)
        if maybe_poison or not self._apply_together(events, outcome):
            for event in events:
                self._apply_alone(event, outcome, maybe_poison)
        self.reconciler.handle(controls)  # after the events, which a summary in the same batch may name
        return outcome

    def _decode(self, deliveries: Sequence[Delivery], outcome: Outcome) -> tuple[list[Event], set[str]]:
        events, maybe_poison = [], set()
        for delivery in deliveries:
            try:
                event = read_event(delivery.body, delivery.sender)
            except (Undecodable, SpoofedSender) as error:
                kind = retry_policy.SPOOFED if isinstance(error, SpoofedSender) else retry_policy.UNDECODABLE
                self.park(delivery.body, kind, str(error), delivery.sender)
                outcome.parked += 1
                continue
            events.append(event)
            if delivery.attempts >= POISON_CHECK_FROM and not is_control(event):
                maybe_poison.add(event.id)
        return events, maybe_poison

    def park(self, body: bytes, kind: str, reason: str, sender: str = "") -> None:
        """Parks a message in a transaction of its own, unless it was applied before.

        A message with a spoofed sender is parked under its true sender, so that it does not block the real event's id in the inbox.

        Args:
            body: the bytes as received.
            kind: one of the kinds in `shared.messaging.retry_queue`.
            reason: why, for people.
            sender: the agency that sent it; "" for the platform's own services.
        """

        def work(unit: UnitOfWork) -> None:
            try:
                event = read_event(body, sender)
            except (Undecodable, SpoofedSender):
                parked_events.park_raw(unit.connection, body, sender, kind, reason, self._wall())
                return
            if is_control(event):  # it is sent again when it is needed
                return
            if self._claim(unit, event):
                parked_events.park(unit.connection, event, body, kind, reason, self._wall())

        log.warning("%s parks a message (%s): %s", self.store.service, kind, reason[: retry_queue.MAX_REASON])
        self.store.run(work)

    def _apply_together(self, events: Sequence[Event], outcome: Outcome) -> bool:
        try:
            with self.store.uow() as unit:
                counted = self._apply_in(unit, events)
        except Exception as error:  # a handler may raise anything; applied alone, each event shows its own error
            if may_succeed_later(error) and not wants_rerun(error):
                raise
            log.info("a batch of %d events is applied one by one: %s", len(events), type(error).__name__)
            return False
        outcome.add(counted)
        return True

    def _apply_in(self, unit: UnitOfWork, events: Sequence[Event]) -> Outcome:
        outcome = Outcome()
        wall = self._wall()
        fresh = inbox.claim(unit.connection, events, wall)
        waiting = retry_queue.entries_for(unit.connection, (event.key for event in events))
        self._forget_arrived(unit.connection, events, waiting, wall)
        if self._prepare is not None and fresh:
            self._prepare([event for event in events if inbox.identity(event) in fresh], unit)
        known = []
        for event in events:
            if inbox.identity(event) not in fresh:
                known.append(event)
                continue
            fresh.discard(inbox.identity(event))
            if _is_blocked(event, waiting.get(event.key, ())):
                self._enqueue_blocked(unit.connection, event, waiting, wall)
                unit.hint(RETRY)
                outcome.queued += 1
                continue
            self.handle(event, unit)
            outcome.applied += 1
            if event.key in waiting:
                retry_queue.make_due(unit.connection, [event.key], wall)
                unit.hint(RETRY)
        if known:
            parked = refuse_reused(unit, known, self._refuse, wall)
            outcome.parked += parked
            outcome.duplicates += len(known) - parked
        return outcome

    def _claim(self, unit: UnitOfWork, event: Event) -> bool:
        """Takes one event; False if it is known, as what it says or as something else, which is refused."""
        wall = self._wall()
        if inbox.claim(unit.connection, [event], wall):
            return True
        refuse_reused(unit, [event], self._refuse, wall)
        return False

    def _forget_arrived(
        self, connection: Connection, events: Sequence[Event], waiting: dict[str, list[RetryEntry]], wall: datetime
    ) -> None:
        """Deletes the places that were kept for these events while they were missing."""
        places = {(row.source, row.event_id) for rows in waiting.values() for row in rows if row.kind == MISSING}
        for event in events:
            if inbox.identity(event) in places:
                keys = missing_events.forget(connection, event.source, [event.id])
                retry_queue.make_due(connection, keys, wall)
                waiting.update({event.key: []} | retry_queue.entries_for(connection, [event.key]))

    def _enqueue_blocked(
        self, connection: Connection, event: Event, waiting: dict[str, list[RetryEntry]], wall: datetime
    ) -> None:
        retry_queue.enqueue(
            connection, event, retry_policy.BLOCKED, "waits for an earlier event of its key", self.policy, wall
        )
        waiting.update(retry_queue.entries_for(connection, [event.key]))

    def handle(self, event: Event, unit: UnitOfWork) -> None:
        """Validates an event against its contract and calls its handler.

        Raises:
            Permanent: the event has no contract or breaks it.
            Exception: anything that the handler raises.
        """
        data = read_data(unseal_event(event, unit.data_keys))
        handler = self.handlers.get(event.name)
        if handler is None:  # the broker still has a binding of an earlier version
            log.info("%s has no handler for %s any more", self.store.service, event.name)
            return
        handler(replace(event, data=data), unit)
        self.handled += 1
        self._progress()

    def _apply_alone(self, event: Event, outcome: Outcome, maybe_poison: set[str]) -> None:
        counted_attempts = event.id in maybe_poison
        if counted_attempts and poison_messages.record_attempt(self.store, event.id, self._wall()) > MAX_CRASHES:
            reason = f"{MAX_CRASHES} workers died while they applied this event"
            self.park(event.to_json(), retry_policy.CRASH, reason, sender_by_source(event.source))
            outcome.parked += 1
            return
        try:
            counted = self.store.run(lambda unit: self._apply_in(unit, [event]))
        except Exception as error:  # a handler may raise anything; the reason is kept with the event
            if may_succeed_later(error):
                raise
            self._enqueue_failed(event, error, outcome)
        else:
            outcome.add(counted)
        if counted_attempts:
            poison_messages.forget(self.store, event.id)

    def _enqueue_failed(self, event: Event, error: Exception, outcome: Outcome) -> None:
        kind, reason = classify(error)
        log.warning("%s cannot apply %s now (%s): %s", self.store.service, event.name, kind, reason)

        def work(unit: UnitOfWork) -> None:
            if self._claim(unit, event):
                retry_queue.enqueue(unit.connection, event, kind, reason, self.policy, self._wall())
                if kind == retry_policy.CONFLICT:
                    report_conflict(unit, event)
                unit.hint(RETRY)

        self.store.run(work)
        if kind in (retry_policy.PERMANENT, retry_policy.CONFLICT):
            outcome.parked += 1
        else:
            outcome.queued += 1

    def next_retry_at(self) -> datetime | None:
        """When the next entry of the retry queue is due; ``None`` if none waits. May be in the past."""
        with self.store.read() as connection:
            return retry_queue.next_due(connection)

    def retry_due(self) -> int:
        """Retries due events, key by key and in order; returns how many were applied."""
        with self.store.read() as connection:
            keys = retry_queue.due_keys(connection, self._wall(), MAX_DUE_KEYS)
        return sum(self._retry_key(key) for key in keys)

    def _retry_key(self, key: str) -> int:
        with self.store.read() as connection:
            rows = retry_queue.entries_for(connection, [key]).get(key, [])
        applied = 0
        attempted: set[int] = set()
        while row := self._next_to_retry(rows, attempted):
            attempted.add(row.id)
            if self._retry(row):
                applied += 1
                rows.remove(row)
                attempted.clear()  # others may have waited for this event
                with self.store.read() as connection:
                    rows = retry_queue.entries_for(connection, [key]).get(key, [])
        self._reschedule_blocked(rows)
        return applied

    def _next_to_retry(self, rows: Sequence[RetryEntry], attempted: set[int]) -> RetryEntry | None:
        now = self._wall()
        for row in rows:
            if row.id in attempted or row.state != retry_policy.WAITING or row.next_attempt_at > now:
                continue
            others = [
                other for other in rows if other.id != row.id and (other.id < row.id or other.source == row.source)
            ]
            if not any(other.blocks(row.source, row.sequence) for other in others):
                return row
        return None

    def _retry(self, row: RetryEntry) -> bool:
        def work(unit: UnitOfWork) -> bool:
            if row.kind == MISSING:
                raise Missing("it was published and has not arrived, and its publisher has not sent it again")
            if not retry_queue.remove(unit.connection, row):
                return False
            self.handle(row.verified_event(), unit)
            retry_queue.make_due(unit.connection, [row.key], self._wall())
            return True

        try:
            return self.store.run(work)
        except Exception as error:  # a handler may raise anything; it counts as one more failure of this event
            if may_succeed_later(error):
                raise
            self._record_failure(row, error)
            return False

    def _record_failure(self, row: RetryEntry, error: Exception) -> None:
        kind, reason = classify(error)

        def work(unit: UnitOfWork) -> None:
            retry_queue.record_failure(unit.connection, row, kind, reason, self.policy, self._wall())
            if kind == retry_policy.CONFLICT:
                report_conflict(unit, row.event())

        self.store.run(work)

    def _reschedule_blocked(self, rows: Sequence[RetryEntry]) -> None:
        now = self._wall()
        blocked = [row.id for row in rows if row.state == retry_policy.WAITING and row.next_attempt_at <= now]
        if blocked:
            self.store.run(lambda unit: retry_queue.reschedule(unit.connection, blocked, now, RECHECK_SECONDS))

    def _wall(self) -> datetime:
        return self.store.clock.wall()


class Missing(Permanent):
    """An event has not arrived in a long time; it keeps its place until it arrives or a person discards it."""


def classify(error: Exception) -> tuple[str, str]:
    """The kind of a handler's error (see `shared.messaging.retry_queue`), and the reason to keep with the event."""
    reason = f"{type(error).__name__}: {error}"[: retry_queue.MAX_REASON]
    if isinstance(error, SpoofedSender):
        return retry_policy.SPOOFED, reason
    if isinstance(error, Missing):
        return MISSING, reason
    if isinstance(error, NotYet):
        return retry_policy.NOT_YET, reason
    if isinstance(error, Conflict):
        return retry_policy.CONFLICT, reason
    if isinstance(error, Permanent | Undecodable):
        return retry_policy.PERMANENT, reason
    return retry_policy.RETRY, reason


def _is_blocked(event: Event, waiting: Sequence[RetryEntry]) -> bool:
    return any(row.blocks(event.source, event.sequence) for row in waiting)

"""The subscriber's side of reconciliation, and what either side does with a message of the bus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from shared.contracts import REGISTRY
from shared.contracts.base import PLATFORM
from shared.contracts.stores import SERVICES
from shared.messaging import inbox, missing_events, outbox, retry_queue
from shared.messaging.event import Event, Undecodable
from shared.messaging.hints import OUTBOX, PUBLISHED
from shared.messaging.reconciliation import messages, windows
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

Counted = TypeVar("Counted", int, Mapping[str, int])


class Reconciler:
    """Handles the messages of reconciliation that a service gets.

    Args:
        store: the service's database.
        sent_again: called with a subscriber and the number of events that were sent to it again, for metrics.
    """

    def __init__(self, store: Store, sent_again: Callable[[str, int], None] = lambda _subscriber, _count: None) -> None:
        self.store = store
        self.sent_again = sent_again

    def handle(self, controls: Iterable[Event]) -> None:
        """Handles messages of the bus, each in a transaction of its own. A malformed one is logged and ignored: nothing waits for it.

        Raises:
            sqlalchemy.exc.DBAPIError: the database is not available; the messages are delivered again.
        """
        for event in controls:
            try:
                self._handle(event)
            except Undecodable as error:
                log.warning("%s ignores a message of the bus from %s: %s", self.store.service, event.source, error)

    def _handle(self, event: Event) -> None:
        service, other, at = self.store.service, messages.sender(event), self.store.clock.wall()
        if event.type == messages.SUMMARY:
            summary = messages.read_summary(event)
            self._run(lambda unit: check(unit.connection, service, event.source, summary, at))
        elif event.type == messages.ANSWER:
            answer = messages.read_answer(event)
            self.sent_again(other, self._run(lambda unit: windows.record_answer(unit.connection, other, answer, at)))
        elif event.type == messages.PROBE:
            self._run(lambda unit: len(inbox.claim(unit.connection, [event], at)))
        else:
            since = messages.read_request(event)
            self._run(lambda unit: windows.reopen(unit.connection, since, at, other))

    def _run(self, work: Callable[[UnitOfWork], Counted]) -> Counted:
        def hinting(unit: UnitOfWork) -> Counted:
            unit.hint(OUTBOX)
            unit.hint(PUBLISHED)
            return work(unit)

        return self.store.run(hinting)


def check(connection: Connection, service: str, source: str, summary: messages.Summary, at: datetime) -> int:
    """Compares a summary with the inbox and answers it; returns how many events are missing.

    Args:
        connection: inside a transaction.
        service: the subscriber.
        source: the publisher's CloudEvents source.
        summary: of one window.
        at: real time.
    """
    ids = [event.id for event in summary.events]
    taken = inbox.known(connection, source, ids)
    if arrived := missing_events.forget(connection, source, sorted(taken)):
        retry_queue.make_due(connection, arrived, at)
    missing = [event for event in summary.events if event.id not in taken]
    places = [(event.id, event.type, event.key, event.sequence) for event in missing]
    missing_events.expect(connection, source, places, at)
    if missing:
        log.warning("%s lacks %d of %d events of %s and asks for them", service, len(missing), len(ids), source)
    reply = messages.answer(service, summary, [event.id for event in missing], at)
    outbox.write_direct(connection, source.removeprefix(messages.SOURCE_PREFIX), [reply], at)
    return len(missing)


def request_everything(connection: Connection, service: str, since: datetime, at: datetime) -> tuple[str, ...]:
    """Asks all publishers of a service's events to compare again what they published since a moment, and to send again what it lacks.

    For a service whose store was restored from a backup: it has forgotten events that it had confirmed.

    Args:
        connection: inside a transaction.
        service: the subscriber.
        since: real time; earlier than the backup.
        at: real time.

    Returns:
        the publishers.
    """
    owners = {entry.owner for entry in REGISTRY.by_name.values() if service in entry.subscribers}
    if PLATFORM in owners:
        owners |= set(SERVICES) - {service}
    publishers = tuple(sorted(owners - {"agency", PLATFORM}))
    for publisher in publishers:
        outbox.write_direct(connection, publisher, [messages.request(service, since, at)], at)
    return publishers

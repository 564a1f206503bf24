"""Finds out whether a service still gets what is sent to a queue: it sends a message to itself now and then.

A consumer can be forgotten without being told. When a quorum queue is deleted and made again within about 20 ms, RabbitMQ (tried with
3.10) neither cancels the consumers of the old queue nor shows them anything of the new one. To everybody else it looks well: the new
queue has a consumer, and its messages go to it, and are held there. Only a new connection ends that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.messaging import inbox
from shared.messaging.event import event_source
from shared.messaging.reconciliation import messages
from shared.persistence.store import Store

CHECKS = 2
"""So many looks in a row find the message published, not arrived, and nothing waiting in the queue, before the consumer is opened anew."""
BUSY_CHECKS = 12
"""The same while this process applies other messages: those that the broker has given it already may stand before this one. Not for ever,
since they may come from another queue."""


class DeliveryProbe:
    """Sends one message at a time to a queue and looks for it in the inbox. Used by one thread.

    Any process of the service may consume the message. If none does, each of them opens its consumer anew: one of them is the broker's
    active consumer, and the others lose nothing by it.

    Args:
        store: the service's database.
        waiting: how many messages wait in the queue. A message behind others is late, not lost.
        send: publishes a message, given as a row of the outbox, straight to the queue; says whether it came there. What did not, such as
            before the queue is made, counts as nothing sent.
        handled: how many messages this process has handled so far.
    """

    def __init__(
        self,
        store: Store,
        waiting: Callable[[], int],
        send: Callable[[Mapping[str, Any]], bool],
        handled: Callable[[], int] = lambda: 0,
    ) -> None:
        self._store = store
        self._handled = handled
        self._handled_before = 0
        self._idle = 0
        self._waiting = waiting
        self._publish = send
        self._source = event_source(store.service)
        self._sent = ""
        self._overdue = 0

    def step(self) -> bool:
        """Looks for the message that was sent, or sends one; returns whether the consumer must be opened anew.

        Raises:
            BusUnavailable: the broker is away.
        """
        if not self._sent:
            self._send()
            return False
        if self._arrived():
            self._sent = ""
            return False
        if self._waiting():
            self._overdue = self._idle = 0
            return False
        handled = self._handled()
        self._overdue += 1
        self._idle = self._idle + 1 if handled == self._handled_before else 0
        self._handled_before = handled
        if self._idle < CHECKS and self._overdue < BUSY_CHECKS:
            return False
        self._sent = ""
        return True

    def _send(self) -> None:
        row = messages.probe(self._store.service, self._store.clock.wall())
        self._sent = row["event_id"] if self._publish(row) else ""
        self._overdue = self._idle = 0
        self._handled_before = self._handled()

    def _arrived(self) -> bool:
        with self._store.read() as connection:
            if not inbox.known(connection, self._source, [self._sent]):
                return False
        self._store.run(lambda unit: inbox.forget(unit.connection, self._source, self._sent))
        return True

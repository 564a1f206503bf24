"""The sender: takes due messages in hand, gives them to the provider with no transaction open, and records what became of them."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.notify.channels import open_provider
from services.notify.channels.port import Outgoing, Provider, ProviderError, Refused, Throttled
from services.notify.channels.sms_segments import Segments, segments
from services.notify.messages import store
from services.notify.messages.domain import RetryPolicy, State
from services.notify.messages.store import Claimed
from services.notify.templates.domain import fill_public_url
from shared.messaging.event import new_id
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

log = logging.getLogger(__name__)

BATCH = 200
DEADLINE = timedelta(seconds=60)
"""How long messages are in hand before somebody else may take them; real time."""
BUDGET_SECONDS = 30.0
"""After this no further message of a batch is begun; with the last call's own timeout that is well before the deadline."""


@dataclass
class Results:
    """What became of a batch.

    Attributes:
        sent: the messages taken over by the provider, with their segments.
        failed: the messages that went wrong, with the error.
        untouched: the messages that were not tried.
        pause: how long the untouched ones wait.
    """

    sent: list[tuple[Claimed, Segments]] = field(default_factory=list)
    failed: list[tuple[Claimed, Exception]] = field(default_factory=list)
    untouched: list[Claimed] = field(default_factory=list)
    pause: timedelta = timedelta(0)


class Sender:
    """Sends the messages of one store through one provider.

    Args:
        messages: the store of notify.
        provider: who takes them.
        public_url: where citizens reach the platform, for links.
        patience: how often and how soon failures are tried again.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        messages: Store,
        provider: Provider,
        public_url: str,
        patience: RetryPolicy | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.messages = messages
        self.provider = provider
        self.public_url = public_url
        self.patience = patience or RetryPolicy()
        self.monotonic = monotonic

    def step(self, most: int = BATCH) -> int:
        """Sends one batch; returns how many messages were in hand.

        Dying at any point is safe: what was in hand is taken again after its deadline, and the provider knows it by its id.
        """
        claim = new_id()
        at = self.messages.clock.wall()
        batch = self.messages.run(lambda work: store.claim_due(work.connection, claim, at, at + DEADLINE, most))
        if not batch:
            return 0
        results = self._give(batch)
        self.messages.run(lambda work: self._record(work, claim, results))
        return len(batch)

    def _give(self, batch: Sequence[Claimed]) -> Results:
        results = Results()
        begun = self.monotonic()
        for place, message in enumerate(batch):
            if self.monotonic() - begun > BUDGET_SECONDS:
                results.untouched += batch[place:]
                break
            if message.failures >= self.patience.most:
                results.failed.append((message, ProviderError("no answer from the sender within the deadline")))
                continue
            try:
                results.sent.append((message, self._send(message)))
            except Throttled as error:
                results.untouched += batch[place:]
                results.pause = timedelta(seconds=error.seconds)
                break
            except ProviderError as error:
                results.failed.append((message, error))
            except Exception as error:  # noqa: BLE001 - one message's fault must not keep the others from leaving
                _log_fault(message, error)
                results.failed.append((message, error))
        self._settle(results)
        return results

    def _send(self, message: Claimed) -> Segments:
        text = fill_public_url(message.content, self.public_url)
        counted = segments(text)
        outgoing = Outgoing(
            message.id, message.dossier, message.kind, message.phone, text, counted.encoding, counted.count
        )
        self.provider.send(outgoing)
        return counted

    def _settle(self, results: Results) -> None:
        if not results.sent:
            return
        try:
            self.provider.settle()
        except ProviderError as error:
            results.failed += [(message, error) for message, _ in results.sent]
            results.sent.clear()

    def _record(self, work: UnitOfWork, claim: str, results: Results) -> None:
        self._record_sent(work, claim, results.sent)
        for message, error in results.failed:
            self._record_failed(work, claim, message, error)
        if results.untouched:
            due = work.clock.wall() + results.pause
            store.move(work.connection, [message.id for message in results.untouched], claim, State.QUEUED, due_at=due)

    def _record_sent(self, work: UnitOfWork, claim: str, sent: Sequence[tuple[Claimed, Segments]]) -> None:
        if not sent:
            return
        ids = [message.id for message, _ in sent]
        moved = store.move(work.connection, ids, claim, State.SENT, body=None, reason="", finished_at=work.now)
        for message, counted in sent:
            if message.id in moved:
                work.emit("message.sent", _of(message) | {"segments": counted.count, "sent_at": work.now})

    def _record_failed(self, work: UnitOfWork, claim: str, message: Claimed, error: Exception) -> None:
        failures = message.failures + 1
        reason = str(error) if isinstance(error, ProviderError) else type(error).__name__
        pause = None if isinstance(error, Refused) else self.patience.after(failures)
        if pause is not None:
            due = work.clock.wall() + pause
            store.move(work.connection, [message.id], claim, State.QUEUED, failures=failures, due_at=due, reason=reason)
            return
        final = {"failures": failures, "body": None, "reason": reason, "finished_at": work.now}
        if store.move(work.connection, [message.id], claim, State.FAILED, **final):
            work.emit("message.failed", _of(message) | {"reason": reason, "failed_at": work.now})


def _log_fault(message: Claimed, error: Exception) -> None:
    """Says what kind of fault and where, not its text: that may quote the number or the message."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    fields = {"message_id": message.id, "kind": type(error).__name__, "places": places}
    log.error("a message met a fault of the sender", extra={"fields": fields})


def _of(message: Claimed) -> dict[str, object]:
    return {"dossier": message.dossier, "message": message.id, "kind": message.kind, "channel": message.channel}


def send_due(context: Context) -> int:
    """Sends what is due; the worker's sweep.

    Raises:
        services.notify.channels.UnknownProvider: the settings name no provider that exists.
    """
    return Sender(context.store, open_provider(context.settings), context.settings.public_url).step()

"""Records what became of attempts to send deliveries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notify.channels.port import (
    Accepted,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    SmsContent,
    Throttled,
)
from services.notify.delivery.claims import ClaimedDelivery, held_under, record_results
from services.notify.delivery.domain import RetryPolicy
from services.notify.delivery.progress import advance, apply_receipts, refresh
from services.notify.delivery.states import State
from services.notify.delivery.store import states_of_messages
from shared.observability.metrics import deliveries, deliveries_in_doubt
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Skipped:
    """The channel cannot be used at all; nothing is wrong with the delivery."""

    reason: str
    provider: str = ""


NO_PROVIDER = Skipped("no provider for this channel")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one attempt.

    Attributes:
        delivery: as claimed.
        outcome: what the provider said.
        sent: what it was given; None if it was not asked.
    """

    delivery: ClaimedDelivery
    outcome: Outcome | Skipped
    sent: Outgoing | None = None

    @property
    def recorded_from(self) -> tuple[State, ...]:
        """The states of the delivery in which this is recorded."""
        return (State.SENDING, State.SKIPPED) if isinstance(self.outcome, Accepted) else (State.SENDING,)

    @property
    def segments(self) -> int:
        """How much is paid for: the segments of an SMS, 1 of any other."""
        if self.sent is None:
            return 0
        return self.sent.content.segments if isinstance(self.sent.content, SmsContent) else 1


def record(work: UnitOfWork, claim: str, results: Sequence[Result], retry_policy: RetryPolicy) -> None:
    """Records results under the claim that they were sent under, and what follows from them.

    Args:
        work: the transaction.
        claim: results of deliveries that have a newer claim are dropped; of those that were cancelled meanwhile, only that they were sent
            counts.
        results: of one batch, of one channel.
        retry_policy: how failed attempts are repeated.
    """
    held = held_under(work.connection, [one.delivery.id for one in results], claim)
    kept = [one for one in results if held.get(one.delivery.id) in one.recorded_from]
    rows = [_row(work, one, retry_policy) for one in kept]
    record_results(work.connection, rows)
    by_state: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_state[row["state"]].add(row["id"])
    ended = by_state[State.FAILED] | by_state[State.SKIPPED]
    _count(work, kept, rows)
    refresh(work, {one.delivery.message for one in kept if one.delivery.id in by_state[State.SENT]})
    _apply_early_receipts(work, kept)
    if ended:
        messages = {one.delivery.message for one in kept if one.delivery.id in ended}
        advance(work, [one for one in states_of_messages(work, messages) if one.id in ended])


def _row(work: UnitOfWork, result: Result, retry_policy: RetryPolicy) -> dict[str, Any]:
    """The columns of a delivery after an attempt."""
    delivery, outcome, at = result.delivery, result.outcome, work.clock.wall()
    row: dict[str, Any] = {
        "id": delivery.id,
        "provider": outcome.provider,
        "reference": "",
        "segments": 0,
        "reason": "",
        "failures": delivery.failures,
        "doubts": delivery.doubts,
        "due_at": at,
        "fallback_at": None,
        "sent_at": None,
        "finished_at": None,
    }
    if isinstance(outcome, Accepted):
        taken = {"reference": outcome.reference, "segments": result.segments, "sent_at": work.now}
        return row | taken | {"state": State.SENT, "fallback_at": _fallback_at(work, delivery, outcome, at)}
    row["reason"] = outcome.reason
    if isinstance(outcome, Skipped):
        return row | {"state": State.SKIPPED, "finished_at": work.now}
    if isinstance(outcome, Throttled):
        return row | {"state": State.QUEUED, "due_at": at + timedelta(seconds=outcome.retry_after_seconds)}
    row["failures"] += 1
    row["doubts"] += isinstance(outcome, InDoubt)
    pause = None if isinstance(outcome, PermanentlyFailed) else retry_policy.pause_after(row["failures"])
    if pause is None:
        return row | {"state": State.FAILED, "finished_at": work.now}
    return row | {"state": State.RETRYING, "due_at": at + pause}


def _fallback_at(work: UnitOfWork, delivery: ClaimedDelivery, outcome: Accepted, at: datetime) -> datetime | None:
    """When the next channel has its turn: only if there is one, and if the provider sends receipts."""
    if delivery.wait_seconds is None or not outcome.reference or not outcome.reports_delivery:
        return None
    return at + timedelta(seconds=work.clock.real_seconds(timedelta(seconds=delivery.wait_seconds)))


def _apply_early_receipts(work: UnitOfWork, results: Sequence[Result]) -> None:
    """Applies receipts that have come before the provider's answer was recorded."""
    references: dict[str, list[str]] = defaultdict(list)
    for one in results:
        if isinstance(one.outcome, Accepted) and one.outcome.reference:
            references[one.outcome.provider].append(one.outcome.reference)
    for provider, own in references.items():
        apply_receipts(work, provider, own)


def _count(work: UnitOfWork, results: Sequence[Result], rows: Sequence[dict[str, Any]]) -> None:
    """Counts after the commit what was recorded by it; an expired claim left in doubt what its worker had sent."""
    service = work.service
    states = [(one.delivery.channel, str(row["state"])) for one, row in zip(results, rows, strict=True)]
    doubts = [one.delivery.channel for one in results if isinstance(one.outcome, InDoubt)]

    def count() -> None:
        for channel, state in states:
            deliveries.labels(service, channel, state).inc()
        for channel in doubts:
            deliveries_in_doubt.labels(service, channel).inc()

    work.after_commit(count)

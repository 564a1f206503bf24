"""The states of a delivery, and what receipts make of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from enum import StrEnum

from services.notify.channels.domain import ReceiptStatus

_NAMESPACE = uuid.UUID("0d2f2c5e-7a0b-5f43-8d0e-3a1c3d8f54b1")


class State(StrEnum):
    """The state of a delivery: one message through one channel."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    RETRYING = "retrying"
    FAILED = "failed"
    SKIPPED = "skipped"
    RETURNED = "returned"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.SKIPPED}),
    # SENDING to SENDING: the claim has expired, so its worker may have died. The delivery's id makes sending again safe where the
    # provider's protocol has one. SENDING to QUEUED: it was not tried.
    State.SENDING: frozenset(
        {State.SENDING, State.QUEUED, State.RETRYING, State.SENT, State.FAILED, State.SKIPPED},
    ),
    State.RETRYING: frozenset({State.SENDING, State.SKIPPED, State.FAILED}),
    State.SENT: frozenset({State.DELIVERED, State.FAILED, State.RETURNED}),
    State.DELIVERED: frozenset({State.RETURNED}),
    # a late receipt is the truth
    State.FAILED: frozenset({State.DELIVERED, State.RETURNED}),
    # a worker had it in hand when it was cancelled, and the provider has taken it
    State.SKIPPED: frozenset({State.SENT}),
    State.RETURNED: frozenset(),
}
"""State → the states that may follow it. A delivery that cannot be sent is created as `skipped`, or becomes it."""

PENDING = (State.QUEUED, State.SENDING, State.RETRYING)
"""What may still be sent."""

_RANKS = {ReceiptStatus.FAILED: State.FAILED, ReceiptStatus.DELIVERED: State.DELIVERED}
_BY_RANK = (State.SENT, State.FAILED, State.DELIVERED, State.RETURNED)


def states_before(target: State) -> tuple[State, ...]:
    """The states from which a delivery may change to `target`."""
    return tuple(state for state in State if target in TRANSITIONS[state])


def after_receipts(state: State, statuses: Collection[ReceiptStatus]) -> State:
    """The state of a delivery after all its receipts that are known, whatever their order.

    Of contradicting receipts the one that knows more counts: delivered before failed, and returned before delivered.

    Args:
        state: as it is.
        statuses: what the receipts report.
    """
    if state not in _BY_RANK:
        return state
    reported = {_RANKS.get(status, State.SENT) for status in statuses if status is not ReceiptStatus.RETURNED}
    if ReceiptStatus.RETURNED in statuses:
        reported.add(State.RETURNED)
    return max({state, *reported}, key=_BY_RANK.index)


def delivery_id(message: str, channel: str, cause: str = "") -> str:
    """The id of a delivery: derived, so that a provider recognises it after a restored backup or a replayed event.

    Args:
        message: its id.
        channel: through which it is sent.
        cause: why it is sent through this channel once more, such as a corrected address; empty the first time.
    """
    return str(uuid.uuid5(_NAMESPACE, "\n".join((message, channel, cause))))

"""What follows from what becomes of deliveries: the next channel, the state of the message, and the events that tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from services.notify.channels.domain import Channel
from services.notify.channels.plans import channels_in_text
from services.notify.channels.receipt_store import Receipt, receipts_of
from services.notify.contacts.domain import Contact
from services.notify.contacts.store import contact_of
from services.notify.delivery.composition import BESIDES, new_delivery
from services.notify.delivery.states import PENDING, State, after_receipts
from services.notify.delivery.store import (
    DeliveryState,
    add_delivery,
    change_deliveries,
    end_waits,
    lock_fallbacks,
    lock_referenced,
    states_of_messages,
)
from services.notify.messages.domain import MessageState, message_state
from services.notify.messages.store import Message, lock_messages, write_states
from shared.persistence.unit_of_work import UnitOfWork

OVERTAKEN = "another channel has reached the citizen"
FALLBACKS = 200


def hint_of(channel: str) -> str:
    """The hint that deliveries of a channel wait to be sent."""
    return f"deliveries-{channel}"


def start_channels(
    work: UnitOfWork, message: Message, contact: Contact, channels: Iterable[Channel], cause: str = ""
) -> bool:
    """Queues a message through the first of some channels by which its recipient can be reached; the others before it are skipped.

    Args:
        work: the transaction.
        message: with its variables.
        contact: of its recipient.
        channels: of the message's plan, in its order.
        cause: why these channels are taken once more; empty the first time.

    Returns:
        whether a delivery is queued.
    """
    for channel in channels:
        delivery = new_delivery(work, message, contact, channel, cause)
        add_delivery(work, delivery)
        if delivery.state is State.QUEUED:
            work.hint(hint_of(channel))
            return True
    return False


def start_besides(
    work: UnitOfWork, message: Message, contact: Contact, channels: Iterable[Channel], cause: str = ""
) -> None:
    """Queues a message through channels that are used whatever becomes of the others."""
    for channel in channels:
        delivery = new_delivery(work, message, contact, channel, cause, besides=True)
        add_delivery(work, delivery)
        if delivery.state is State.QUEUED:
            work.hint(hint_of(channel))


def advance(work: UnitOfWork, ended: Sequence[DeliveryState]) -> None:
    """Starts the next channel of messages whose deliveries have failed, were skipped, or had no receipt in time; then brings the
    messages up to date.

    Args:
        work: the transaction.
        ended: the deliveries.
    """
    known = {message.id: message for message in lock_messages(work.connection, {one.message for one in ended})}
    for delivery in ended:
        message = known.get(delivery.message)
        if message is not None and message.variables is not None and delivery.position != BESIDES:
            _start_next(work, message, delivery)
    refresh(work, known.keys())


def _start_next(work: UnitOfWork, message: Message, ended: DeliveryState) -> None:
    plan = channels_in_text(message.plan)
    found = contact_of(work, message.dossier)
    others = [one for one in states_of_messages(work, [message.id]) if one.id != ended.id]
    if found is None or any(one.position > ended.position or one.state is State.DELIVERED for one in others):
        return  # a later channel has had its turn already
    start_channels(work, message, found[0], plan[ended.position + 1 :])


def run_fallbacks(work: UnitOfWork) -> int:
    """Starts the next channel of deliveries whose receipt has not come in time; returns how many there were."""
    late = lock_fallbacks(work.connection, work.clock.wall(), FALLBACKS)
    if late:
        end_waits(work.connection, [one.id for one in late])
        advance(work, late)
    return len(late)


def apply_receipts(work: UnitOfWork, provider: str, references: Collection[str]) -> None:
    """Applies the receipts of a provider that are known to the deliveries with their references.

    Args:
        work: the transaction.
        provider: its name.
        references: its ids of deliveries.
    """
    known = receipts_of(work.connection, provider, references)
    if not known:
        return
    changed: dict[State, list[DeliveryState]] = defaultdict(list)
    for delivery in lock_referenced(work, provider, list(known)):
        found = known[delivery.reference]
        target = after_receipts(delivery.state, {one.status for one in found})
        if target is not delivery.state:
            _write_receipts(work, delivery, target, found)
            changed[target].append(delivery)
    delivered = [*changed[State.DELIVERED], *changed[State.RETURNED]]
    if changed[State.DELIVERED]:
        _skip_overtaken(work, {one.message for one in changed[State.DELIVERED]})
    refresh(work, {one.message for one in delivered})
    advance(work, changed[State.FAILED])


def _write_receipts(work: UnitOfWork, delivery: DeliveryState, target: State, found: Sequence[Receipt]) -> None:
    reason = next((one.reason for one in reversed(found) if one.reason and str(one.status) == str(target)), "")
    change_deliveries(work.connection, [delivery.id], target, reason=reason, finished_at=work.now)


def _skip_overtaken(work: UnitOfWork, messages: Collection[str]) -> None:
    """What was to be sent through a later channel is not, once an earlier one has reached the citizen."""
    pending = [one.id for one in states_of_messages(work, messages) if one.state in PENDING and one.position != BESIDES]
    change_deliveries(work.connection, pending, State.SKIPPED, reason=OVERTAKEN, finished_at=work.now)


def refresh(work: UnitOfWork, ids: Collection[str]) -> None:
    """Brings messages up to date with their deliveries, and announces what has become of them.

    Args:
        work: the transaction.
        ids: of the messages.
    """
    if not ids:
        return
    deliveries: dict[str, list[DeliveryState]] = defaultdict(list)
    for one in states_of_messages(work, ids):
        deliveries[one.message].append(one)
    alike: dict[tuple[MessageState, bool, bool], list[str]] = defaultdict(list)
    for message in lock_messages(work.connection, ids):
        own = deliveries[message.id]
        state = message_state([one.state for one in own])
        settled = not any(one.state in PENDING or one.fallback_at is not None for one in own)
        first = message.sent_at is None and any(one.state in _TAKEN for one in own)
        if state != message.state or first or (settled and message.variables is not None):
            alike[state, settled, first].append(message.id)
        _announce(work, message, state, own, first)
    for (state, settled, first), changed in alike.items():
        write_states(work.connection, changed, state, work.now if settled else None, work.now if first else None)


_TAKEN = (State.SENT, State.DELIVERED, State.RETURNED)
_EVENTS = {
    MessageState.DELIVERED: "delivered",
    MessageState.RETURNED: "returned",
    MessageState.FAILED: "failed",
    MessageState.SKIPPED: "skipped",
}


def _announce(
    work: UnitOfWork, message: Message, state: MessageState, deliveries: Sequence[DeliveryState], first: bool
) -> None:
    if first:
        taken = next(one for one in deliveries if one.state in _TAKEN)
        work.emit("message.sent", _data(message, taken) | {"segments": taken.segments, "sent_at": work.now})
    name = _EVENTS.get(state)
    if name is None or state == message.state:
        return
    told = next(one for one in _newest_first(state, deliveries) if str(one.state) == str(state))
    reason = {} if state is MessageState.DELIVERED else {"reason": told.reason}
    work.emit(f"message.{name}", _data(message, told) | reason | {f"{name}_at": work.now})


def _newest_first(state: MessageState, deliveries: Sequence[DeliveryState]) -> Sequence[DeliveryState]:
    """A skipped message tells why its first channel was skipped, any other what became of the last one."""
    return deliveries if state is MessageState.SKIPPED else deliveries[::-1]


def _data(message: Message, delivery: DeliveryState) -> dict[str, object]:
    return {"dossier": message.dossier, "message": message.id, "kind": message.kind, "channel": delivery.channel}

"""The rules of messages: what has become of one by its deliveries, and its identity."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

import orjson

from services.notify.delivery.states import PENDING, State

_NAMESPACE = uuid.UUID("6f1f4f0e-52a4-5a43-9d6b-5b6d0f8f3f0a")


class MessageState(StrEnum):
    """What has become of a message, whichever channels it took."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"
    SKIPPED = "skipped"


_MEANINGS: Sequence[tuple[Collection[State], MessageState]] = (
    ({State.DELIVERED}, MessageState.DELIVERED),
    ({State.SENT}, MessageState.SENT),
    (PENDING, MessageState.QUEUED),
    ({State.RETURNED}, MessageState.RETURNED),
    ({State.FAILED}, MessageState.FAILED),
)


def message_state(deliveries: Collection[State]) -> MessageState:
    """What has become of a message: the best of its deliveries counts.

    Args:
        deliveries: the states of its deliveries, in any order; at least one.
    """
    for states, meaning in _MEANINGS:
        if any(state in states for state in deliveries):
            return meaning
    return MessageState.SKIPPED


def message_id(dossier: str, kind: str, cause: str) -> str:
    """The id of a message: the same dossier, kind and cause always give the same id.

    The id is derived, not random, so that the provider recognises the message after a restored backup or a replayed event.

    Args:
        dossier: the dossier's code.
        kind: which message this is, such as ``received``.
        cause: why it is sent: the identity of the causing event, or of the obligation, step or correction.
    """
    return str(uuid.uuid5(_NAMESPACE, "\n".join((dossier, kind, cause))))


def content_digest(values: Mapping[str, object], same: Sequence[str]) -> str:
    """What an event says of a cause, as a digest: other templates, or fields of newer software, leave it as it is.

    Args:
        values: of the event.
        same: the fields that never differ for one cause; empty where the event itself is the cause.
    """
    if not same:
        return ""
    return hashlib.sha256(orjson.dumps([values[name] for name in same])).hexdigest()

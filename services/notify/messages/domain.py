"""The rules of messages: their states and allowed transitions, and their identity."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum

import orjson

_NAMESPACE = uuid.UUID("6f1f4f0e-52a4-5a43-9d6b-5b6d0f8f3f0a")


class State(StrEnum):
    """The state of a message. `sent`, `failed` and `skipped` are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.SKIPPED}),
    # SENDING to SENDING: the claim has expired, so its worker may have died. The message's id makes sending again safe.
    State.SENDING: frozenset({State.SENDING, State.QUEUED, State.SENT, State.FAILED, State.SKIPPED}),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
    State.SKIPPED: frozenset(),
}
"""State → the states that may follow it. A message that must not be sent is created as `skipped`, or becomes it."""

FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)


def states_before(target: State) -> tuple[State, ...]:
    """The states from which a message may change to `target`."""
    return tuple(state for state in State if target in TRANSITIONS[state])


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

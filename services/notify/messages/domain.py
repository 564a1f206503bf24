"""The life of a message: a closed table of states, its identity, and how patiently a provider is asked again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_NAMESPACE = uuid.UUID("6f1f4f0e-52a4-5a43-9d6b-5b6d0f8f3f0a")


class State(StrEnum):
    """Where a message stands. `sent`, `failed` and `skipped` are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING}),
    # To itself: its deadline passed, so the worker that had it may have died; sending again is safe by the message's id.
    State.SENDING: frozenset({State.SENDING, State.QUEUED, State.SENT, State.FAILED}),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
    State.SKIPPED: frozenset(),
}
"""From each state, the states that may follow. A message that must not be sent is created as `skipped`."""

FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)


def sources(target: State) -> tuple[State, ...]:
    """The states from which a message may come to `target`."""
    return tuple(state for state in State if target in TRANSITIONS[state])


def message_id(dossier: str, kind: str, cause: str) -> str:
    """The identity of a message, the same whenever the same cause asks for it.

    Derived, not drawn: after a restored backup or a replayed event the provider still recognises what it had before.

    Args:
        dossier: the dossier's code.
        kind: what is told.
        cause: what it is told for: the causing event's identity, or the obligation's.
    """
    return str(uuid.uuid5(_NAMESPACE, "\n".join((dossier, kind, cause))))


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a provider is asked again.

    Attributes:
        first: real time before the second attempt; doubled each time.
        longest: between two attempts at the most.
        most: failed attempts after which a message is given up.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=15)
    most: int = 8

    def after(self, failures: int) -> timedelta | None:
        """The pause after a message's failed attempt number `failures` (1, 2, …); None when it was the last."""
        if failures >= self.most:
            return None
        return min(self.first * (1 << min(failures - 1, 30)), self.longest)

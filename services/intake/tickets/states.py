"""The states of a ticket and of a counter, and the closed table of what may happen to a ticket."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a visitor stands."""

    ISSUED = "issued"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    MISSED = "missed"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What may happen to a ticket."""

    CHECK_IN = "check_in"
    CALL = "call"
    RECALL = "recall"
    RELEASE = "release"
    BEGIN = "begin"
    FINISH = "finish"
    MISS = "miss"
    NO_SHOW = "no_show"
    REQUEUE = "requeue"
    TRANSFER = "transfer"
    CANCEL = "cancel"


class Channel(StrEnum):
    """Where a ticket was taken."""

    KIOSK = "kiosk"
    RECEPTION = "reception"
    WEB = "web"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.ISSUED, Action.CHECK_IN): State.ISSUED,
    (State.ISSUED, Action.CALL): State.CALLED,
    (State.ISSUED, Action.NO_SHOW): State.MISSED,
    (State.ISSUED, Action.TRANSFER): State.TRANSFERRED,
    (State.ISSUED, Action.CANCEL): State.CANCELLED,
    (State.CALLED, Action.RECALL): State.CALLED,
    (State.CALLED, Action.RELEASE): State.ISSUED,
    (State.CALLED, Action.BEGIN): State.SERVING,
    (State.CALLED, Action.MISS): State.MISSED,
    (State.CALLED, Action.TRANSFER): State.TRANSFERRED,
    (State.CALLED, Action.CANCEL): State.CANCELLED,
    (State.SERVING, Action.FINISH): State.SERVED,
    (State.SERVING, Action.TRANSFER): State.TRANSFERRED,
    (State.MISSED, Action.REQUEUE): State.ISSUED,
}
"""The closed table: what is not in it cannot happen."""
AT_COUNTER = frozenset({State.CALLED, State.SERVING})
ENDED = frozenset({State.SERVED, State.MISSED, State.TRANSFERRED, State.CANCELLED})


class CancelCause(StrEnum):
    """Why a ticket was cancelled."""

    VISITOR = "visitor"
    DESK = "desk"
    DAY_ENDED = "day_ended"


class MissCause(StrEnum):
    """Why a ticket is missed: its holder did not come to the counter, or did not come for the appointment."""

    ABSENT = "absent"
    NO_SHOW = "no_show"


class CounterState(StrEnum):
    """What a counter does."""

    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"

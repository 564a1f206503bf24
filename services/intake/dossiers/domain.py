"""The states of a dossier with the national portal's numbers, and the closed table of what may follow what."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class State(IntEnum):
    """A dossier's state (trạng thái hồ sơ), numbered as the national public service portal does."""

    REGISTERED = 1
    RECEIVED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT_REQUESTED = 5
    OBLIGATION_REQUESTED = 6
    WITHDRAWAL_REQUESTED = 7
    STOPPED = 8
    RESOLVED = 9
    RETURNED = 10

    @property
    def vi(self) -> str:
        """The label on Vietnamese screens and papers, in the portal's words."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The English label."""
        return _LABELS[self][1]

    @property
    def final(self) -> bool:
        """Whether nothing can follow."""
        return not TRANSITIONS[self]


_LABELS: Mapping[State, tuple[str, str]] = MappingProxyType(
    {
        State.REGISTERED: ("Mới đăng ký", "Newly registered"),
        State.RECEIVED: ("Được tiếp nhận", "Received"),
        State.REFUSED: ("Không được tiếp nhận", "Refused"),
        State.PROCESSING: ("Đang xử lý", "Being processed"),
        State.SUPPLEMENT_REQUESTED: ("Yêu cầu bổ sung giấy tờ", "More papers requested"),
        State.OBLIGATION_REQUESTED: ("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment of an obligation requested"),
        State.WITHDRAWAL_REQUESTED: ("Công dân yêu cầu rút hồ sơ", "Withdrawal requested by the citizen"),
        State.STOPPED: ("Dừng xử lý", "Stopped"),
        State.RESOLVED: ("Đã xử lý xong", "Resolved, result ready"),
        State.RETURNED: ("Đã trả kết quả", "Result returned"),
    }
)

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.REGISTERED: frozenset({State.RECEIVED, State.REFUSED}),
        State.RECEIVED: frozenset({State.PROCESSING, State.WITHDRAWAL_REQUESTED}),
        State.REFUSED: frozenset(),
        State.PROCESSING: frozenset(
            {
                State.SUPPLEMENT_REQUESTED,
                State.OBLIGATION_REQUESTED,
                State.WITHDRAWAL_REQUESTED,
                State.STOPPED,
                State.RESOLVED,
            }
        ),
        State.SUPPLEMENT_REQUESTED: frozenset({State.PROCESSING, State.WITHDRAWAL_REQUESTED, State.STOPPED}),
        State.OBLIGATION_REQUESTED: frozenset({State.PROCESSING, State.WITHDRAWAL_REQUESTED, State.STOPPED}),
        # A withdrawal counts only until the result (NĐ 118/2025, article 21); the result may have been there before routing heard of it.
        State.WITHDRAWAL_REQUESTED: frozenset({State.STOPPED, State.RESOLVED}),
        State.STOPPED: frozenset(),
        State.RESOLVED: frozenset({State.RETURNED}),
        State.RETURNED: frozenset(),
    }
)
"""What may follow each state directly. Whatever is not here cannot happen, however late or often a message arrives."""

IN_HAND = frozenset({State.RECEIVED, State.PROCESSING, State.SUPPLEMENT_REQUESTED, State.OBLIGATION_REQUESTED})
"""States in which the agencies still have something to do, or wait for the citizen."""

SUCCEEDING = IN_HAND | {State.RESOLVED, State.RETURNED}
"""States in which a fee may be taken: the dossier was received and was neither refused, withdrawn nor stopped."""

RESULT_GIVEN = frozenset({State.RESOLVED, State.RETURNED})
"""States from the result on; nothing can be withdrawn any more (NĐ 118/2025, article 21)."""


def shown_state(state: State) -> dict[str, int | str]:
    """A state as every answer shows it: the portal's number and the labels."""
    return {"state": int(state), "state_label": state.vi, "state_label_en": state.en}


def may_follow(now: State, then: State) -> bool:
    """Whether a dossier may pass directly from one state to another."""
    return then in TRANSITIONS[now]


def leads_to(now: State, then: State) -> bool:
    """Whether a dossier may pass from one state to another, directly or through states of which no message came.

    Routing says what has happened there; the states between, which intake has not been told or has not yet applied, are
    passed in the same moment. A final state leads nowhere, so a late message cannot reopen it.

    Args:
        now: the present state.
        then: the state asked for; asking for the present one is no change and hence False.
    """
    waiting, seen = deque([now]), {now}
    while waiting:
        for state in TRANSITIONS[waiting.popleft()] - seen:
            if state is then:
                return True
            seen.add(state)
            waiting.append(state)
    return False

"""The states of steps and dossiers, and the allowed changes of state.

Lateness and uncounted time are not states: they are columns beside the state (see clock.py and measures.py). A final state has no
successor, so a late message cannot reopen it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class TaskState(StrEnum):
    """The state of a step.

    open: to be done. awaiting_payment: done but for the citizen's payment. awaiting_sub: done by a sub-dossier elsewhere.
    awaiting_supplement: waits for papers of the citizen. done: with an outcome. cancelled: not needed any more.
    """

    OPEN = "open"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_SUB = "awaiting_sub"
    AWAITING_SUPPLEMENT = "awaiting_supplement"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether no state can follow."""
        return not TASK_MOVES[self]


OPEN_STATES = frozenset(
    {TaskState.OPEN, TaskState.AWAITING_PAYMENT, TaskState.AWAITING_SUB, TaskState.AWAITING_SUPPLEMENT}
)
"""The states of steps that are not done yet, though some wait."""


class DossierState(StrEnum):
    """The state of a dossier in routing.

    active: the agencies work on it. supplement: it waits for papers of the citizen. resolved: its result is at the one-stop desk.
    returned: the citizen has the result. withdrawn: by the citizen. stopped: by the agency, or closed without supplement.
    """

    ACTIVE = "active"
    SUPPLEMENT = "supplement"
    RESOLVED = "resolved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"

    @property
    def final(self) -> bool:
        """Whether no state can follow."""
        return not DOSSIER_MOVES[self]


TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = MappingProxyType(
    {
        TaskState.OPEN: frozenset(
            {
                TaskState.AWAITING_PAYMENT,
                TaskState.AWAITING_SUB,
                TaskState.AWAITING_SUPPLEMENT,
                TaskState.DONE,
                TaskState.CANCELLED,
            }
        ),
        TaskState.AWAITING_PAYMENT: frozenset({TaskState.DONE, TaskState.CANCELLED}),
        TaskState.AWAITING_SUB: frozenset({TaskState.DONE, TaskState.CANCELLED}),
        TaskState.AWAITING_SUPPLEMENT: frozenset({TaskState.OPEN, TaskState.CANCELLED}),
        TaskState.DONE: frozenset(),
        TaskState.CANCELLED: frozenset(),
    }
)
DOSSIER_MOVES: Mapping[DossierState, frozenset[DossierState]] = MappingProxyType(
    {
        DossierState.ACTIVE: frozenset(
            {DossierState.SUPPLEMENT, DossierState.RESOLVED, DossierState.WITHDRAWN, DossierState.STOPPED}
        ),
        DossierState.SUPPLEMENT: frozenset({DossierState.ACTIVE, DossierState.WITHDRAWN, DossierState.STOPPED}),
        DossierState.RESOLVED: frozenset({DossierState.RETURNED}),
        DossierState.RETURNED: frozenset(),
        DossierState.WITHDRAWN: frozenset(),
        DossierState.STOPPED: frozenset(),
    }
)

IN_HAND = frozenset({DossierState.ACTIVE, DossierState.SUPPLEMENT})
"""States of a dossier that has no result yet and has not ended."""


class IllegalMove(ValueError):
    """A change of state that the table does not allow: a bug, never a caller's error."""


def check_task_move(before: TaskState, after: TaskState) -> None:
    """Raises IllegalMove unless a step may go from `before` to `after`."""
    if after not in TASK_MOVES[before]:
        raise IllegalMove(f"a step cannot become {after} from {before}")


def check_dossier_move(before: DossierState, after: DossierState) -> None:
    """Raises IllegalMove unless a dossier may go from `before` to `after`."""
    if after not in DOSSIER_MOVES[before]:
        raise IllegalMove(f"a dossier cannot become {after} from {before}")

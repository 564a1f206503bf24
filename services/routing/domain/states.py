"""The states of a step and of a dossier, and the closed tables of what may become what.

Lateness and uncounted time are no states: they are facts beside it (see clock.py and measures.py). A final state leads nowhere, so a
message that comes late cannot reopen it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class TaskState(StrEnum):
    """What an agency was given to do.

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
        """Whether nothing can follow."""
        return not TASK_MOVES[self]


class DossierState(StrEnum):
    """A dossier as routing sees it.

    active: the agencies work on it. supplement: it waits for papers of the citizen. resolved: its result is at the one-stop desk.
    returned: the result is in the citizen's hands. withdrawn: by the citizen. stopped: by the agency, or closed without supplement.
    """

    ACTIVE = "active"
    SUPPLEMENT = "supplement"
    RESOLVED = "resolved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"

    @property
    def final(self) -> bool:
        """Whether nothing can follow."""
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
"""States in which a dossier has no result yet and its clock, counted or not, still lasts."""


class IllegalMove(ValueError):
    """A state was to follow that the table does not allow; a fault of the program, never of a caller."""


def check_task_move(before: TaskState, after: TaskState) -> None:
    """Raises IllegalMove unless a step may go from `before` to `after`."""
    if after not in TASK_MOVES[before]:
        raise IllegalMove(f"a step cannot become {after} from {before}")


def check_dossier_move(before: DossierState, after: DossierState) -> None:
    """Raises IllegalMove unless a dossier may go from `before` to `after`."""
    if after not in DOSSIER_MOVES[before]:
        raise IllegalMove(f"a dossier cannot become {after} from {before}")

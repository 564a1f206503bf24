"""The states of a step and of a dossier, and the closed tables of what may become what.

Lateness and pauses are no states: they are facts beside it (see clock.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class TaskState(StrEnum):
    """A step that an agency was given: to be done, done but for the citizen's payment, or done."""

    OPEN = "open"
    AWAITING_PAYMENT = "awaiting_payment"
    DONE = "done"


class DossierState(StrEnum):
    """A dossier on its way, with its result at the one-stop desk, or with the result in the citizen's hands."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    RETURNED = "returned"


TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = MappingProxyType(
    {
        TaskState.OPEN: frozenset({TaskState.AWAITING_PAYMENT, TaskState.DONE}),
        TaskState.AWAITING_PAYMENT: frozenset({TaskState.DONE}),
        TaskState.DONE: frozenset(),
    }
)
DOSSIER_MOVES: Mapping[DossierState, frozenset[DossierState]] = MappingProxyType(
    {
        DossierState.ACTIVE: frozenset({DossierState.RESOLVED}),
        DossierState.RESOLVED: frozenset({DossierState.RETURNED}),
        DossierState.RETURNED: frozenset(),
    }
)


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

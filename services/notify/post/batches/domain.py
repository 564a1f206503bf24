"""A print batch: its states, and what is said when something cannot happen to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BatchState(StrEnum):
    """The state of a batch."""

    CLOSED = "closed"
    PRINTED = "printed"
    POSTED = "posted"

    @property
    def label(self) -> tuple[str, str]:
        """What people call it, in Vietnamese and in English."""
        return _LABELS[self]


_LABELS = {
    BatchState.CLOSED: ("Chờ in", "To be printed"),
    BatchState.PRINTED: ("Đã in", "Printed"),
    BatchState.POSTED: ("Đã bàn giao cho bưu điện", "Handed to the post"),
}
TRANSITIONS = {
    BatchState.CLOSED: frozenset({BatchState.PRINTED}),
    BatchState.PRINTED: frozenset({BatchState.POSTED}),
    BatchState.POSTED: frozenset[BatchState](),
}
"""State → the states that may follow it."""


class NothingToPrint(ValueError):
    """No letter of the agency waits."""


class UnknownBatch(LookupError):
    """There is no batch of this id at the actor's agencies."""


class WrongBatchState(ValueError):
    """The batch is in a state in which this cannot happen."""

    def __init__(self, state: BatchState) -> None:
        super().__init__(f"the batch is {state}")
        self.state = state


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of `letter_batch`; the fields are the columns, in their order.

    Attributes:
        id: random.
        agency: whose letters.
        number, year: the agency's number of the batch in a year.
        state: see :class:`BatchState`.
        letters: how many.
        pages: of all letters.
        fee: of all letters, VND.
        closed_at, closed_by: when it took its letters, and who closed it; an empty name is the cut-off.
        printed_at, printed_by: when its file was first marked as printed.
        posted_at, posted_by: when the post took it.
    """

    id: str
    agency: str
    number: int
    year: int
    state: str
    letters: int
    pages: int
    fee: int
    closed_at: datetime
    closed_by: str
    printed_at: datetime | None = None
    printed_by: str | None = None
    posted_at: datetime | None = None
    posted_by: str | None = None

    @property
    def name(self) -> str:
        """As people call it: 3/2026."""
        return f"{self.number}/{self.year}"

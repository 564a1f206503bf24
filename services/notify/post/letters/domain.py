"""A letter to a citizen: its number, its states, and what becomes of it at the post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SYMBOL = "TB"
"""Of notices (thông báo): NĐ 30/2020/NĐ-CP, appendix III."""
MAX_SUBJECT = 300
MAX_BODY = 20_000
"""Characters: about eight pages."""


class LetterState(StrEnum):
    """The state of a letter. `delivered`, `returned` and `lost` are final: a letter that comes back later than its proof stays returned."""

    WAITING = "waiting"
    BATCHED = "batched"
    POSTED = "posted"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"


TRANSITIONS = {
    LetterState.WAITING: frozenset({LetterState.BATCHED}),
    LetterState.BATCHED: frozenset({LetterState.POSTED}),
    LetterState.POSTED: frozenset({LetterState.DELIVERED, LetterState.RETURNED, LetterState.LOST}),
    LetterState.DELIVERED: frozenset({LetterState.RETURNED}),
    LetterState.RETURNED: frozenset[LetterState](),
    LetterState.LOST: frozenset({LetterState.DELIVERED, LetterState.RETURNED}),
}
"""State → the states that may follow it."""


class LetterError(ValueError):
    """What was asked for does not fit the state of the letter or batch."""


class UnsendableLetter(ValueError):
    """The letter cannot be sent whoever gets it. The text says why, in English; it is stored and shown."""


class UnknownLetter(LookupError):
    """There is no letter of this id at the actor's agencies."""


class WrongLetterState(LetterError):
    """The letter is in a state in which this cannot happen."""

    def __init__(self, state: LetterState) -> None:
        super().__init__(f"the letter is {state}")
        self.state = state


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with all it says.

    Attributes:
        id: of the delivery.
        number: as printed, such as ``12/TB-H12.31.01``; unique in its agency and year.
        agency: the code of the agency that sends it.
        dossier: the dossier's code.
        kind: which message it is.
        language: ``vi`` or ``en``.
        name, address: lines in the window.
        subject: one line.
        body: paragraphs.
        queued_at: business time.
    """

    id: str
    number: str
    agency: str
    dossier: str
    kind: str
    language: str
    name: tuple[str, ...]
    address: tuple[str, ...]
    subject: str
    body: str
    queued_at: datetime


def letter_number(number: int, agency: str) -> str:
    """A letter's number as printed (NĐ 30/2020/NĐ-CP, article 8 and appendix I)."""
    return f"{number:02d}/{SYMBOL}-{agency}"


def reference_of(number: str, year: int) -> str:
    """What receipts call a letter: its number with the year, in which it is unique."""
    return f"{number}/{year}"

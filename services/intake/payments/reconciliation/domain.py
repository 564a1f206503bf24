"""What does not match between a provider's statement and our records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MISSING_HERE, MISSING_THERE, OTHER_AMOUNT = "missing_here", "missing_there", "other_amount"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One transaction that does not match.

    Attributes:
        transaction: the provider's identifier.
        kind: ``missing_here``, ``missing_there`` or ``other_amount``.
        theirs, ours: VND; None where the transaction is missing.
    """

    transaction: str
    kind: str
    theirs: int | None
    ours: int | None


def compare(theirs: Iterable[tuple[str, int]], ours: Mapping[str, int]) -> list[Mismatch]:
    """All that does not match, in the order of the transactions' identifiers.

    Args:
        theirs: transaction and amount of each line of the statement; the same may stand there twice.
        ours: transaction → amount.
    """
    stated = dict(theirs)
    found = []
    for transaction in sorted(stated.keys() | ours.keys()):
        there, here = stated.get(transaction), ours.get(transaction)
        if there != here:
            kind = MISSING_HERE if here is None else MISSING_THERE if there is None else OTHER_AMOUNT
            found.append(Mismatch(transaction, kind, there, here))
    return found

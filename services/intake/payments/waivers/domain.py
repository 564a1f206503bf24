"""A waiver of the filing fee: for whom, by which paper, and who has decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.filing.domain.fee_reductions import WaiverCategory, reduced
from services.intake.payments.domain import Debt

ASKED, GRANTED, REFUSED = "asked", "granted", "refused"


class WaiverMovedOn(ValueError):
    """A waiver is asked for or granted already, or this one was decided."""


class UnknownWaiver(LookupError):
    """The dossier has no such waiver."""


class UnknownCategory(ValueError):
    """Fees are not waived to such a category of people."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A row of `fee_waiver`; the fields are the columns, in their order.

    Attributes:
        id: a UUID.
        dossier: its code.
        category: of :class:`services.intake.filing.domain.fee_reductions.WaiverCategory`.
        evidence: the paper, and its number.
        state: ``asked``, ``granted`` or ``refused``.
        fee: VND that were owed when it was asked for.
        waived: VND that need not be paid; 0 until it is granted.
        asked_at, asked_by: business time, and the clerk's subject; ``citizen`` if the citizen asked.
        decided_at, decided_by, reason: when, by which clerk, and why; the reason is needed to refuse.
    """

    id: str
    dossier: str
    category: str
    evidence: str
    state: str
    fee: int
    waived: int
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


def waived_part(debt: Debt, category: WaiverCategory) -> int:
    """How much of a fee need not be paid, in VND."""
    return debt.amount - reduced(debt.amount, category.percent)

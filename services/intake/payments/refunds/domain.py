"""A refund: why, how much, and who has decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

CAUSES = MappingProxyType(
    {
        "wrong_amount": ("Nộp sai số tiền", "The amount was wrong"),
        "paid_twice": ("Nộp hai lần", "Paid twice"),
        "nothing_owed": ("Khoản này không phải nộp", "Nothing was owed"),
        "dossier_over": ("Hồ sơ đã kết thúc khi tiền đến", "The dossier was over when the money came"),
        "unknown_reference": ("Không rõ nộp cho hồ sơ nào", "It is not known what it was paid for"),
        "requested": ("Hoàn trả theo đề nghị", "Refund asked for"),
    }
)
"""Cause → Vietnamese and English label."""

OPEN, APPROVED, SENDING, REJECTED, PAID = "open", "approved", "sending", "rejected", "paid"
HANDED_TO = MappingProxyType(
    {
        "applicant": ("Người nộp hồ sơ", "The applicant"),
        "representative": ("Người được ủy quyền", "An authorised representative"),
    }
)
"""Who has taken cash and signed for it → Vietnamese and English label."""
_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 360))


def next_attempt(attempts: int, now: datetime) -> datetime:
    """When the provider is asked again about a refund that it has not finished: soon at first, then every six hours.

    Args:
        attempts: how often it was asked.
        now: real time.
    """
    return now + _DELAYS[min(attempts, len(_DELAYS) - 1)]


class NotRefundable(ValueError):
    """More would be paid back than was paid."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} VND can be refunded")
        self.most = most


class RefundMovedOn(ValueError):
    """The refund is no longer in the state for this."""


class OwnRequest(ValueError):
    """Who asked for a refund does not approve it."""


class UnknownRefund(LookupError):
    """There is no such refund."""


@dataclass(frozen=True, slots=True)
class Refund:
    """A row of `refund`; the fields are the columns, in their order.

    Attributes:
        id: a UUID.
        dossier: its code; empty if it is not known.
        desk: that decides; empty if it is not known, then any leader of a one-stop desk may.
        payment: which payment it gives back; None for money that never counted as one.
        obligation: that the payment was for; None for the filing fee.
        amount: VND.
        cause: of :data:`CAUSES`.
        reason: in words; empty for what the system found.
        state: ``open``, ``approved`` (to be paid out by the desk), ``sending`` (by the provider), ``rejected`` or ``paid``.
        requested_at, requested_by: the clerk, or the provider whose money it is.
        decided_at, decided_by, decision: the leader and their reason.
        paid_at, paid_by, method, reference: when it was paid back, by whom, ``cash``, ``transfer`` or ``online``, and by which transfer.
        series, number: of the voucher (phiếu chi).
        handed_to: who signed for cash, of :data:`HANDED_TO`; None otherwise.
        transaction: the provider's, of the money that it can pay back; None where it cannot.
        sendings: how often the provider was told to pay back; each time is another refund there.
        attempts, next_attempt_at: how often it was asked this time, and when it is asked next (real time).
        failure: why it could not pay back; empty otherwise.
    """

    id: str
    dossier: str
    desk: str
    payment: str | None
    obligation: str | None
    amount: int
    cause: str
    reason: str
    state: str
    requested_at: datetime
    requested_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision: str | None = None
    paid_at: datetime | None = None
    paid_by: str | None = None
    method: str | None = None
    reference: str | None = None
    series: str | None = None
    number: int | None = None
    handed_to: str | None = None
    transaction: str | None = None
    sendings: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = None
    failure: str = ""

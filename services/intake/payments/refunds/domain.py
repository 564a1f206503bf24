"""A refund: why, how much, and who has decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

CAUSES = MappingProxyType(
    {
        "wrong_amount": ("Nộp sai số tiền", "The amount was wrong"),
        "paid_twice": ("Nộp hai lần", "Paid twice"),
        "dossier_over": ("Hồ sơ đã kết thúc khi tiền đến", "The dossier was over when the money came"),
        "unknown_reference": ("Không rõ nộp cho hồ sơ nào", "It is not known what it was paid for"),
        "requested": ("Hoàn trả theo đề nghị", "Refund asked for"),
    }
)
"""Cause → Vietnamese and English label."""

OPEN, APPROVED, REJECTED, PAID = "open", "approved", "rejected", "paid"


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
        state: ``open``, ``approved``, ``rejected`` or ``paid``.
        requested_at, requested_by: the clerk, or the provider whose money it is.
        decided_at, decided_by, decision: the leader and their reason.
        paid_at, paid_by, method, reference: when it was paid back, by whom, ``cash`` or ``transfer``, and by which transfer.
        series, number: of the voucher (phiếu chi).
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
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None
    paid_at: datetime | None
    paid_by: str | None
    method: str | None
    reference: str | None
    series: str | None
    number: int | None

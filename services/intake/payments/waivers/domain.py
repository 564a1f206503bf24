"""A waiver of the filing fee: for whom, by which paper, how that was seen, and who has decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from services.intake.filing.domain.fee_reductions import WaiverCategory, reduced
from services.intake.payments.domain import Debt

BEGUN, ASKED, GRANTED, REFUSED = "begun", "asked", "granted", "refused"
BY_CITIZEN = "citizen"
"""Who has asked, if not a clerk."""
UPLOADED, SCANNED = "evidence", "scan"
"""As what a file of the evidence is kept: the citizen's upload, or the desk's scan."""
MAX_NUMBER = 60
"""Characters of a paper's number."""

SEEN_FILE = "file"
SEEN = MappingProxyType(
    {
        "shown": ("Đã xem bản chính và trả lại ngay", "The original was shown and given back"),
        "copy": ("Đã xem; bản sao lưu tại Bộ phận Một cửa", "It was shown; the desk keeps a copy"),
        SEEN_FILE: ("Đã xem tệp được tải lên hoặc quét", "The uploaded or scanned file was read"),
    }
)
"""How the clerk has seen the paper → Vietnamese and English label."""


class WaiverMovedOn(ValueError):
    """A waiver is asked for or granted already, or this one was decided."""


class UnknownWaiver(LookupError):
    """The dossier has no such waiver."""


class UnknownCategory(ValueError):
    """Fees are not waived to such a category of people."""


class EvidenceNotSeen(ValueError):
    """A waiver is granted by somebody who has not seen the paper."""


class NoEvidenceFile(ValueError):
    """The paper is said to have been read as a file, and there is none that can be read."""


class RefusalUnexplained(ValueError):
    """A waiver is refused without a reason."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says who asks for a waiver.

    Attributes:
        category: of :class:`services.intake.filing.domain.fee_reductions.WaiverCategory`.
        evidence: the kind of the paper that proves it.
        number: of the paper; empty where it has none.
    """

    category: str
    evidence: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the clerk decides.

    Attributes:
        grant: whether the fee is waived.
        seen: of :data:`SEEN`; empty where the paper was not seen.
        reason: in words; needed to refuse.
    """

    grant: bool
    seen: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A row of `fee_waiver`; the fields are the columns, in their order. Files of the evidence are kept under its id.

    Attributes:
        id: a UUID.
        dossier: its code.
        desk: that decides.
        category, evidence, number: as :class:`Claim` says.
        state: ``begun`` (not yet sent by the citizen), ``asked``, ``granted`` or ``refused``.
        fee: VND that were owed when it was asked for.
        waived: VND that need not be paid; 0 until it is granted.
        asked_at, asked_by: business time (of the last change until it is sent), and the clerk's subject; ``citizen`` if the citizen asked.
        owner: who may change it until it is sent: see :func:`services.intake.lookup.opened.owner_of`; None afterwards.
        decided_at, decided_by, reason: when, by which clerk, and why; the reason is needed to refuse.
        seen: how the clerk has seen the paper, of :data:`SEEN`; None until it is decided, or if it was not.
    """

    id: str
    dossier: str
    desk: str
    category: str
    evidence: str
    number: str
    state: str
    fee: int
    waived: int
    asked_at: datetime
    asked_by: str
    owner: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    seen: str | None = None


def waived_part(debt: Debt, category: WaiverCategory) -> int:
    """How much of a fee need not be paid, in VND."""
    return debt.amount - reduced(debt.amount, category.percent)


def check_decision(decision: Decision, files: int) -> None:
    """Checks that a decision says what it needs.

    Args:
        decision: the clerk's.
        files: how many files of the evidence can be read.

    Raises:
        EvidenceNotSeen: it grants, and the paper was not seen.
        NoEvidenceFile: it grants by a file, and there is none.
        RefusalUnexplained: it refuses without a reason.
    """
    if not decision.grant:
        if not decision.reason:
            raise RefusalUnexplained
    elif decision.seen not in SEEN:
        raise EvidenceNotSeen
    elif decision.seen == SEEN_FILE and not files:
        raise NoEvidenceFile

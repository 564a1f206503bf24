"""The kinds of official papers, their numbers, and the check code that shows whether one was issued."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from shared.runtime.keyed_hash import keyed_hash
from shared.text import clean_code

CHECK_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which people confuse on paper."""
CHECK_LENGTH = 10
"""2^50 codes: with limited tries nobody finds one for a paper that they do not hold."""
MAX_NUMBER = 80
MOST_STARS = 3
"""How many letters of a word are hidden at most, so that its length is not told."""
AT_THE_DESK, STOP, RETURN, REFUSED = "desk", "stop", "return", "refused"
"""Causes of papers of which a dossier has one at most: what its desk answers to an application, its stop, its result's return, and its
refusal by the handling agency."""
BEFORE_FILING = "before filing"
"""The cause of papers given to a visitor whose filing was declined: there is no dossier."""
CIRCULAR = "Thông tư số 03/2025/TT-VPCP"


class UnknownDocument(LookupError):
    """No such paper was issued."""


class NotIssuable(ValueError):
    """The dossier gives no cause for this paper, such as an apology without a new promised time."""


class ErasedDocument(LookupError):
    """The paper's contents were erased when their retention ended; only that it was issued is known."""


class _Form(NamedTuple):
    symbol: str
    vi: str
    en: str
    basis: str


class DocumentType(StrEnum):
    """A kind of paper that is issued with a number."""

    RECEIPT = "receipt"
    SUPPLEMENT_REQUEST = "supplement_request"
    REFUSAL = "refusal"
    APOLOGY = "apology"
    STOP_NOTICE = "stop_notice"
    PAYMENT_SLIP = "payment_slip"
    RETURN_SLIP = "return_slip"
    APPOINTMENT_SLIP = "appointment_slip"

    @property
    def symbol(self) -> str:
        """The abbreviation in the number, such as PYCBS."""
        return _FORMS[self].symbol

    @property
    def vi(self) -> str:
        """The Vietnamese name."""
        return _FORMS[self].vi

    @property
    def en(self) -> str:
        """The English name."""
        return _FORMS[self].en

    @property
    def states_an_act(self) -> bool:
        """Whether it says what was done at one moment, and so stays as it is when the dossier goes on; else it says how things stand."""
        return self not in (DocumentType.PAYMENT_SLIP, DocumentType.APPOINTMENT_SLIP)

    @property
    def basis(self) -> str:
        """The official form that the paper follows; empty where there is none."""
        return f"{_FORMS[self].basis}, Phụ lục I, {CIRCULAR}" if _FORMS[self].basis else ""


_FORMS = {
    DocumentType.RECEIPT: _Form(
        "GTN", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Receipt with promised day", "Mẫu số 01"
    ),
    DocumentType.SUPPLEMENT_REQUEST: _Form(
        "PYCBS", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", "Request for a supplement", "Mẫu số 02"
    ),
    DocumentType.REFUSAL: _Form(
        "PTC", "Phiếu từ chối tiếp nhận giải quyết hồ sơ", "Refusal to receive a dossier", "Mẫu số 03"
    ),
    DocumentType.APOLOGY: _Form(
        "PXL", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết", "Apology and new promised day", "Mẫu số 04"
    ),
    DocumentType.STOP_NOTICE: _Form(
        "TBD", "Thông báo dừng giải quyết hồ sơ", "Notice that a dossier is stopped", "Mẫu số 05"
    ),
    DocumentType.PAYMENT_SLIP: _Form("PT", "Phiếu thu phí, lệ phí", "Payment slip", ""),
    DocumentType.RETURN_SLIP: _Form("PTKQ", "Phiếu trả kết quả", "Return slip", ""),
    DocumentType.APPOINTMENT_SLIP: _Form("PH", "Phiếu hẹn trả kết quả", "Appointment slip", ""),
}


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """A row of `document`; the fields are the columns, in their order.

    Attributes:
        number: as printed, such as ``12/PYCBS-H12.31.01``; unique in its year.
        dossier: the code of the dossier or application; the id of the declined filing where there is neither.
        cause: what the paper is about within its kind, such as the step whose request it states; one valid paper for each.
        issued_by: the subject of the clerk's token; empty when the platform issued it by itself.
        contents: JSON; None after the erasure.
        template: version of the sources that it is printed from.
        sha256: of the PDF file, in hex; None until it was first printed.
        replaced_at, replaced_by: since when another paper is valid instead, and its number; None and empty while this one is.
    """

    number: str
    year: int
    kind: str
    agency: str
    dossier: str
    cause: str
    issued_at: datetime
    issued_by: str
    contents: str | None
    template: str
    sha256: str | None
    check_code: str
    replaced_at: datetime | None = None
    replaced_by: str = ""

    @property
    def valid(self) -> bool:
        """Whether no other paper has replaced it."""
        return self.replaced_at is None

    @property
    def type(self) -> DocumentType:
        """The kind of paper."""
        return DocumentType(self.kind)

    @property
    def before_filing(self) -> bool:
        """Whether it was given to a visitor whose filing was declined, so that there is no dossier."""
        return self.cause == BEFORE_FILING

    @property
    def printed_code(self) -> str:
        """The code of the dossier that stands on it; empty without a dossier."""
        return "" if self.before_filing else self.dossier


def moment_cause(moment: datetime) -> str:
    """The cause of a paper about something that happened at a moment, such as an apology."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def document_number(number: int, kind: DocumentType, agency: str) -> str:
    """A paper's number as printed: 12/PYCBS-H12.31.01 (NĐ 30/2020/NĐ-CP, article 8 and appendix I)."""
    return f"{number:02d}/{kind.symbol}-{agency}"


def normalise_number(text: str) -> str:
    """A number typed by a person: capitals, no spaces, ASCII signs, no zeros before it that are not printed."""
    head, slash, rest = clean_code(text).upper().partition("/")
    if slash and head.isascii() and head.isdigit():
        head = f"{int(head[:12]):02d}"
    return f"{head}{slash}{rest}"[:MAX_NUMBER]


def check_code(key: str, number: str, year: int, agency: str, dossier: str, contents: str) -> str:
    """The code that is printed on a paper, and that nobody can make without the platform's key.

    Args:
        key: the platform's.
        number, year, agency, dossier: of the paper.
        contents: JSON.
    """
    digest = keyed_hash(key, "issued document", "\n".join((number, str(year), agency, dossier, contents)))
    value = int(digest, 16)
    return "".join(CHECK_ALPHABET[(value >> 5 * place) % 32] for place in range(CHECK_LENGTH))


def written_check_code(code: str) -> str:
    """A check code in two groups: ABCDE-FGHJK."""
    return f"{code[: CHECK_LENGTH // 2]}-{code[CHECK_LENGTH // 2 :]}"


def masked_name(name: str) -> str:
    """A name of which only the first letter of each word is shown: N*** T** B***."""
    return " ".join(word[0] + "*" * min(len(word) - 1, MOST_STARS) for word in name.split())


def check_code_matches(typed: str, known: str) -> bool:
    """Whether a check code typed by a person is the known one; takes the same time in either case."""
    return hmac.compare_digest(clean_code(typed).replace("-", "").upper().encode(), known.encode())

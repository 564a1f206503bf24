"""How a result is handed over, and when: an early one only after the citizen was notified (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.intake.dossiers.domain import State
from services.intake.filing.domain.applicant import MAX_NAME, MAX_NOTE, InvalidField, plain_text
from services.intake.filing.domain.assessment import FiledPaper
from shared.regulations import Regulation, RuleViolation
from shared.text import clean_code

MAX_DOCUMENT = 200
"""Characters of the number of an authorisation."""
MAX_ORIGINALS = 100
_PARCEL = re.compile(r"[A-Z0-9]{8,20}")


class Method(StrEnum):
    """The way in which a result reaches the citizen."""

    COUNTER = "counter"
    ELECTRONIC = "electronic"
    POST = "post"

    @property
    def label(self) -> tuple[str, str]:
        """What people call it, in Vietnamese and in English."""
        return _METHODS[self]


_METHODS = {
    Method.COUNTER: ("Trả trực tiếp tại quầy", "Handed over at the counter"),
    Method.ELECTRONIC: ("Trả bản điện tử", "As an electronic document"),
    Method.POST: ("Gửi qua bưu chính công ích", "By public post"),
}


class IdentityCheck(StrEnum):
    """How the clerk knows that the one who takes the result may have it."""

    CITIZEN_CARD = "citizen_card"
    AUTHORISATION = "authorisation"
    ONE_TIME_CODE = "one_time_code"

    @property
    def label(self) -> tuple[str, str]:
        """What people call it, in Vietnamese and in English."""
        return _CHECKS[self]


_CHECKS = {
    IdentityCheck.CITIZEN_CARD: (
        "Đã đối chiếu căn cước hoặc giấy tờ tùy thân của người nộp",
        "The applicant's identity card or passport was compared",
    ),
    IdentityCheck.AUTHORISATION: (
        "Người được ủy quyền: đã xem văn bản ủy quyền và giấy tờ tùy thân",
        "An authorised person: the authorisation and the identity card were seen",
    ),
    IdentityCheck.ONE_TIME_CODE: (
        "Mã một lần gửi qua SMS đến số điện thoại của người nộp",
        "The one-time code that the applicant got by SMS",
    ),
}


@dataclass(frozen=True, slots=True)
class HandOver:
    """How a result is handed over.

    Attributes:
        method: the way in which it reaches the citizen.
        identity: how the clerk knows who takes it; None where nobody comes to the counter.
        receiver_name: who takes it, if not the applicant.
        document: the number of the authorisation; empty without one.
        originals: names of the papers that are given back with it.
        parcel: the parcel's number, if it goes by post; else empty.
        note: the clerk's remark.
        citizen_notified: whether the clerk has notified the citizen of the result, by telephone or at the desk.
    """

    method: Method
    identity: IdentityCheck | None
    receiver_name: str = ""
    document: str = ""
    originals: tuple[str, ...] = ()
    parcel: str = ""
    note: str = ""
    citizen_notified: bool = False


def make_hand_over(
    method: str,
    identity: str = "",
    receiver_name: str = "",
    document: str = "",
    originals: tuple[str, ...] = (),
    parcel: str = "",
    note: str = "",
    citizen_notified: bool = False,
) -> tuple[HandOver | None, list[InvalidField]]:
    """A hand-over from the texts typed, or all their faults. Arguments as the attributes of :class:`HandOver`.

    Returns:
        the hand-over and no faults, or None and at least one.
    """
    faults: list[InvalidField] = []
    texts: dict[str, str] = {}
    for field, text, longest in (
        ("receiver_name", receiver_name, MAX_NAME),
        ("document", document, MAX_DOCUMENT),
        ("note", note, MAX_NOTE),
    ):
        try:
            texts[field] = plain_text(text, field, longest)
        except InvalidField as fault:
            faults.append(fault)
    if method not in list(Method):
        faults.append(
            InvalidField("method", "Vui lòng chọn cách trả kết quả.", "Choose how the result is handed over.")
        )
        return None, faults
    way, number, check = Method(method), clean_code(parcel).upper(), None
    if way is Method.COUNTER:
        check, more = _checked_identity(identity, texts)
        faults += more
    if way is Method.POST and not _PARCEL.fullmatch(number):
        faults.append(
            InvalidField(
                "parcel",
                "Vui lòng nhập mã bưu gửi (8 đến 20 chữ và số), ví dụ EB123456789VN.",
                "Enter the parcel's number, 8 to 20 letters and digits, such as EB123456789VN.",
            )
        )
    if faults:
        return None, faults
    parcel = number if way is Method.POST else ""
    return HandOver(way, check, **texts, originals=originals, parcel=parcel, citizen_notified=citizen_notified), []


def _checked_identity(identity: str, texts: dict[str, str]) -> tuple[IdentityCheck | None, list[InvalidField]]:
    """The check of identity, and what is missing for it."""
    if identity not in list(IdentityCheck):
        vi, en = "Vui lòng ghi nhận cách đối chiếu người nhận.", "Say how you know who takes the result."
        return None, [InvalidField("identity", vi, en)]
    faults = []
    if identity == IdentityCheck.AUTHORISATION:
        if texts.get("receiver_name") == "":
            vi, en = "Vui lòng nhập họ tên người được ủy quyền.", "Enter the authorised person's name."
            faults.append(InvalidField("receiver_name", vi, en))
        if texts.get("document") == "":
            vi, en = "Vui lòng nhập số, ngày của văn bản ủy quyền.", "Enter number and day of the authorisation."
            faults.append(InvalidField("document", vi, en))
    return IdentityCheck(identity), faults


def give_back(papers: Sequence[FiledPaper], names: Sequence[str], at: datetime) -> list[FiledPaper]:
    """The papers of a dossier after originals were given back.

    Args:
        papers: all of them.
        names: of those given back.
        at: when.

    Raises:
        InvalidField: one of them is not in the desk's custody.
    """
    if not set(names) <= {paper.name for paper in papers if paper.in_custody}:
        vi, en = "Có bản chính không do Bộ phận Một cửa giữ.", "One of them is not in the desk's custody."
        raise InvalidField("originals", vi, en)
    moment = at.isoformat(timespec="seconds")
    return [replace(one, given_back_at=moment) if one.in_custody and one.name in names else one for one in papers]


class NotReturnable(ValueError):
    """There is no result to hand over: not yet, or it was handed over before."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no result to return in state {state.value}")
        self.state = state


class NoResultFile(ValueError):
    """An electronic result has no file yet."""


class EarlyReturnNotAllowed(RuleViolation):
    """An early result may not be handed over yet."""


def check_early_return(
    regulation: Regulation, due_at: datetime, returned_at: datetime, notified_at: datetime | None
) -> None:
    """Checks that the citizen was notified before an early result is handed over.

    Args:
        regulation: of the dossier; a version without the rule allows any early result.
        due_at: the due time; from then on no notice is needed.
        returned_at: when the result is handed over.
        notified_at: when the citizen was notified of the result; None if not yet.

    Raises:
        EarlyReturnNotAllowed: the citizen was not notified (article 22.5).
    """
    number = regulation.find("early_result_notice_first")
    if number is None or not number.boolean or returned_at >= due_at:
        return
    if notified_at is None or notified_at > returned_at:
        raise EarlyReturnNotAllowed(
            "early_result_not_notified",
            "Phải thông báo cho người nộp hồ sơ trước khi trả kết quả sớm hơn hẹn",
            "The citizen must be notified before a result is handed over earlier than promised",
            regulation,
            number,
        )

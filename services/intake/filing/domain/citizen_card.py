"""The text of the QR code on a Vietnamese citizen card (thẻ căn cước công dân, thẻ căn cước), as a scanner types it.

``012345678901|123456789|Nguyễn Văn A|01011990|Nam|Tổ 1, phường B, tỉnh C|10052021``: the identity number, the number of the old card
(may be empty), name, date of birth, sex, place of residence, date of issue. Cards of 2024 and later add further fields, which are ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from services.intake.filing.domain.applicant import (
    InvalidField,
    birth_date_of,
    old_identity_number,
    person_name,
    postal_address,
    sex_of,
)

MAX_CARD = 1000
"""Characters of a card's text."""
_FEWEST_FIELDS = 6
_ISSUE_DATE = 6
_UNKNOWN_DAY = re.compile(r"0000([0-9]{4})")
"""The date of birth of somebody of whom only the year is known."""


class UnreadableCard(InvalidField):
    """The text is not that of a citizen card."""

    def __init__(self) -> None:
        super().__init__(
            "card",
            "Không đọc được mã QR của thẻ căn cước. Kiểm tra bộ gõ tiếng Việt đang tắt khi quét, hoặc nhập các ô bên dưới.",
            "This is not the text of a citizen card. Switch off the Vietnamese keyboard while scanning, or fill in the fields below.",
        )


@dataclass(frozen=True, slots=True)
class CitizenCard:
    """What a card says of its holder.

    Attributes:
        id_number: 12 digits.
        old_id_number: 9 digits; empty if the card has none.
        name: as printed.
        birth_date, sex: as of an applicant.
        address: place of residence; may be empty.
        issued_on: ``2021-05-10``; empty if the card does not say.
    """

    id_number: str
    old_id_number: str
    name: str
    birth_date: str
    sex: str
    address: str
    issued_on: str


def read_card(text: str, today: date) -> CitizenCard:
    """Reads the text of a card.

    Args:
        text: as scanned or pasted; a line end at its end is what scanners add.
        today: the business day.

    Raises:
        UnreadableCard: it is not such a text.
    """
    parts = [part.strip() for part in text.strip().split("|")]
    if len(text) > MAX_CARD or len(parts) < _FEWEST_FIELDS or not re.fullmatch(r"[0-9]{12}", parts[0]):
        raise UnreadableCard
    born = _UNKNOWN_DAY.sub(r"\1", parts[3])
    issued = parts[_ISSUE_DATE] if len(parts) > _ISSUE_DATE else ""
    try:
        return CitizenCard(
            id_number=parts[0],
            old_id_number=old_identity_number(parts[1]),
            name=person_name(parts[2]),
            birth_date=birth_date_of(born, today),
            sex=sex_of(parts[4]),
            address=postal_address(parts[5]),
            issued_on=birth_date_of(issued, today),
        )
    except InvalidField as error:
        raise UnreadableCard from error

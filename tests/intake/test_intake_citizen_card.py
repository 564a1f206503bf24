"""The text of the QR code on a citizen card."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.applicant import make_applicant
from services.intake.filing.domain.citizen_card import CitizenCard, UnreadableCard, read_card

TODAY = date(2025, 11, 20)
CARD = "012345678901|123456789|Nguyễn Văn A|01011990|Nam|Tổ 1, phường Tây Mỗ, Hà Nội|10052021"


def test_a_card_fills_name_number_birth_sex_and_address() -> None:
    assert read_card(CARD, TODAY) == CitizenCard(
        "012345678901", "123456789", "Nguyễn Văn A", "1990-01-01", "male", "Tổ 1, phường Tây Mỗ, Hà Nội", "2021-05-10"
    )


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        (CARD.replace("123456789|N", "|N"), "old_id_number", ""),
        (CARD.replace("|Nam|", "|Nữ|"), "sex", "female"),
        (CARD.replace("01011990", "00001950"), "birth_date", "1950"),
        (CARD + "||Nguyễn Văn B|Trần Thị C|", "issued_on", "2021-05-10"),
        (CARD.removesuffix("|10052021"), "issued_on", ""),
        (f"  {CARD}\r\n", "id_number", "012345678901"),
        (CARD.replace("Nguyễn", "Nguyễn"), "name", "Nguyễn Văn A"),
    ],
)
def test_cards_of_all_kinds_are_read(text: str, field: str, expected: str) -> None:
    assert getattr(read_card(text, TODAY), field) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "012345678901",
        CARD.replace("012345678901", "12345678901"),
        CARD.replace("01011990", "31021990"),
        CARD.replace("01011990", "21112025"),
        CARD.replace("|Nam|", "|khác|"),
        CARD.replace("Nguyễn Văn A", ""),
        CARD + "x" * 1000,
        "https://example.vn/|a|b|c|d|e|f",
    ],
)
def test_another_text_is_no_card(text: str) -> None:
    with pytest.raises(UnreadableCard):
        read_card(text, TODAY)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(UnreadableCard):
        read_card(text.replace("|", ""), TODAY)


@given(st.lists(st.text(alphabet="0123456789 NamNữ/-", max_size=12), min_size=6, max_size=9))
def test_what_is_read_makes_a_valid_applicant(parts: list[str]) -> None:
    try:
        card = read_card("|".join(parts), TODAY)
    except UnreadableCard:
        return
    applicant, faults = make_applicant(
        name=card.name,
        id_number=card.id_number,
        phone="0912345678",
        address=card.address,
        birth_date=card.birth_date,
        sex=card.sex,
        old_id_number=card.old_id_number,
        today=TODAY,
    )
    assert (faults, applicant is not None) == ([], True)

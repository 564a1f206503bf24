"""Names, telephone and identity numbers as people write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.applicant import (
    Applicant,
    InvalidField,
    email_address,
    identity_number,
    make_applicant,
    person_name,
    phone_number,
    plain_text,
)
from shared.phones import is_mobile

NOTHING = ["\u3164", "\u200b\ufeff", "\u0301 \u0300", "\u115f \u1160"]
MOBILES = st.from_regex(r"0[35789][0-9]{8}", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("0912345678", "0912345678"),
        ("+84912345678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084 912 345 678", "0912345678"),
        ("+84 (0) 912-345.678", "0912345678"),
        ("0291 3999 999", "02913999999"),
        ("+84 24 3999 9999", "02439999999"),
    ],
)
def test_phone_numbers_become_national(typed: str, phone: str) -> None:
    assert phone_number(typed) == phone


@pytest.mark.parametrize(
    "typed", ["", "123", "0112345678", "091234567", "09123456789", "+1 202 555", "0912345abc", "٠٩١٢٣٤٥٦٧٨", "84"]
)
def test_invalid_phone_numbers(typed: str) -> None:
    with pytest.raises(InvalidField) as caught:
        phone_number(typed)
    assert caught.value.field == "phone"
    assert "0912345678" in caught.value.vi  # the example, never what was typed


@given(MOBILES, st.sampled_from(["", "+84", "84", "0084"]), st.sampled_from(["", " ", ".", "-"]))
def test_every_spelling_of_a_mobile_is_one_number(phone: str, prefix: str, separator: str) -> None:
    national = phone[1:] if prefix else phone
    typed = prefix + separator + separator.join([national[:3], national[3:6], national[6:]])
    assert phone_number(typed) == phone
    assert is_mobile(phone)


@given(st.text(max_size=30))
def test_normalising_a_phone_twice_changes_nothing(text: str) -> None:
    try:
        phone = phone_number(text)
    except InvalidField:
        return
    assert phone_number(phone) == phone


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("095185001234", "095185001234"),
        ("095 185 001 234", "095185001234"),
        ("385123456", "385123456"),
        ("0312345678", "0312345678"),
        ("0312345678-001", "0312345678001"),
        ("0312345678001", "0312345678001"),
        ("095-185-001-234", "095185001234"),
        ("０９５１８５００１２３４", "095185001234"),
        ("c1234567", "C1234567"),
        ("EA 1234567", "EA1234567"),
    ],
)
def test_identity_numbers(typed: str, number: str) -> None:
    assert identity_number(typed).number == number


@pytest.mark.parametrize(
    ("typed", "given_kind", "kind"),
    [
        ("095185001234", "", "citizen_id"),
        ("385123456", "", "old_id"),
        ("385123456", "passport", "passport"),  # an American passport has nine digits
        ("0312345678", "", "tax_code"),
        ("0312345678-001", "tax_code", "tax_code"),
        ("C1234567", "", "passport"),
        ("E12345678", "", "passport"),
        ("TR3 123.456", "residence_card", "residence_card"),
        ("12AB34567", "passport", "passport"),
    ],
)
def test_the_kind_of_an_identity_document(typed: str, given_kind: str, kind: str) -> None:
    assert identity_number(typed, given_kind).kind == kind


@pytest.mark.parametrize(
    ("typed", "kind"), [("385123456", "citizen_id"), ("C1234567", "old_id"), ("ABCDEFGH", "passport")]
)
def test_a_number_must_fit_its_kind(typed: str, kind: str) -> None:
    with pytest.raises(InvalidField):
        identity_number(typed, kind)


@pytest.mark.parametrize("typed", ["", "12345678", "12345678901", "09518500123x", "٠٩٥١٨٥٠٠١"])
def test_invalid_identity_numbers(typed: str) -> None:
    with pytest.raises(InvalidField):
        identity_number(typed)


@pytest.mark.parametrize(
    "typed", ["", "  ", "123", "\x00", "a\x07b", "x" * 201, "\u3164", "\u200b\ufeff", "\u0301 \u0300", "\u115f \u1160"]
)
def test_invalid_names(typed: str) -> None:
    with pytest.raises(InvalidField):
        person_name(typed)


@pytest.mark.parametrize("sign", ["\u202e", "\u202a", "\u2066", "\u200b", "\ufeff", "\u00ad", "\u3164"])
def test_names_hold_no_invisible_signs(sign: str) -> None:
    assert person_name(f"{sign}Lê{sign} Văn {sign}Tám{sign}") == "Lê Văn Tám"


@given(st.text(st.characters(categories=["L", "M", "Zs"]), min_size=1, max_size=50))
def test_names_are_composed_with_single_spaces(text: str) -> None:
    try:
        name = person_name(text)
    except InvalidField:
        return
    assert name == unicodedata.normalize("NFC", name) == name.strip()
    assert "  " not in name
    assert person_name(unicodedata.normalize("NFD", name)) == name


@pytest.mark.parametrize("typed", ["buoi", "buoi@", "@vn", "a b@c.vn", "a@b", "a@b.vn, c@d.vn", "a@b.vn\nBcc: x@y.vn"])
def test_invalid_email_addresses(typed: str) -> None:
    with pytest.raises(InvalidField):
        email_address(typed)


def test_email_addresses() -> None:
    assert email_address(" buoi.nguyen+1@sub.example.vn ") == "buoi.nguyen+1@sub.example.vn"
    assert email_address("") == ""


def test_free_text_is_bounded_and_printable() -> None:
    assert plain_text("  đã\n ký  nhận ", "note", 20) == "đã ký nhận"
    with pytest.raises(InvalidField):
        plain_text("a" * 21, "note", 20)


def test_make_applicant_returns_the_applicant_or_all_faults() -> None:
    assert make_applicant("Lê  Văn Tám", "385123456", "0912 345 678") == (
        Applicant("Lê Văn Tám", "385123456", "0912345678", id_kind="old_id"),
        [],
    )
    applicant, faults = make_applicant("", "1", "2", "3", "4")
    assert applicant is None
    assert [fault.field for fault in faults] == ["name", "id_number", "phone", "email"]

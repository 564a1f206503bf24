"""One parser of telephone numbers for intake and notify."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.phones import NotAPhone, Phone, PhoneKind, parse_phone
from shared.phones.numbering import numbering_plan

PLAN = numbering_plan()


@pytest.mark.parametrize(
    ("typed", "number", "kind"),
    [
        ("01646545327", "0346545327", "mobile"),  # the old number of 2018
        ("+84 164 654 5327", "0346545327", "mobile"),
        ("912345678", "0912345678", "mobile"),  # without the trunk prefix
        ("841234567", "0841234567", "mobile"),  # 84 is a prefix here, not the country
        ("84841234567", "0841234567", "mobile"),
        ("0912/345678", "0912345678", "mobile"),
        ("(+84) 0912 345 678", "0912345678", "mobile"),
        ("\u202a+84 912 345 678\u202c", "0912345678", "mobile"),  # pasted from a contact list
        ("84912008412", "0912008412", "mobile"),  # 0084 in its middle is no country code
        ("０９１２３４５６７８", "0912345678", "mobile"),
        ("0912—345‒678", "0912345678", "mobile"),
        ("024 3999 9999", "02439999999", "fixed"),
        ("+84 24 3999 9999", "02439999999", "fixed"),
        ("+1 202 555 0100", "+12025550100", "foreign"),
        ("0086 138 1234 5678", "+8613812345678", "foreign"),
        ("+81-90-1234-5678", "+819012345678", "foreign"),
    ],
)
def test_numbers_as_people_write_them(typed: str, number: str, kind: str) -> None:
    phone = parse_phone(typed)
    assert phone == Phone(number, PhoneKind(kind))
    assert parse_phone(phone.number) == phone
    assert phone.gets_sms == (kind == "mobile")


NO_NUMBERS = [
    "",
    "-",
    "abc",
    "0912345678x",
    "113",
    "091234567",
    "+1 555",
    "+999 123456789",
    "0912345678 0987654321",
    "٠٩١٢٣٤٥٦٧٨",
]


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(NotAPhone) as caught:
        parse_phone(typed)
    assert not any(char.isdigit() for char in str(caught.value))


@given(st.sampled_from(sorted(PLAN.retired)), st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_every_old_number_becomes_its_new_one(old: str, rest: str) -> None:
    assert parse_phone(old + rest) == Phone(PLAN.retired[old] + rest, PhoneKind.MOBILE)


@given(st.text("0123456789+()-./ 84", max_size=18))
def test_reading_a_number_again_changes_nothing(text: str) -> None:
    try:
        phone = parse_phone(text)
    except NotAPhone:
        return
    assert parse_phone(phone.number) == phone


def test_the_library_is_loaded_for_foreign_numbers_only() -> None:
    code = (
        "import sys; from shared.phones import parse_phone; parse_phone('0912345678'); parse_phone('02439999999');"
        "assert 'phonenumbers' not in sys.modules; parse_phone('+12025550100'); assert 'phonenumbers' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

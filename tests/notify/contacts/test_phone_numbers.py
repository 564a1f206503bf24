from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.contacts.domain import NotMobile, mask_phone, mobile_number
from shared.phones.numbering import numbering_plan

PLAN = numbering_plan()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912345678", "0912345678"),
        ("+84912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("84912345678", "0912345678"),
        ("+84 (0)912.345.678", "0912345678"),
        ("  091-234 56 78 ", "0912345678"),
        ("0357123456", "0357123456"),
        ("01689123456", "0389123456"),  # Viettel 0168 → 038
        ("+841201234567", "0701234567"),  # MobiFone 0120 → 070
        ("0199.123.4567", "0591234567"),  # Gmobile 0199 → 059
        ("0841234567", "0841234567"),  # 084 is a mobile prefix, not the country code
    ],
)
def test_a_mobile_number_is_normalised(typed: str, number: str) -> None:
    assert mobile_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "no phone number"),
        (" - ", "no phone number"),
        ("khong co", "not a phone number"),
        ("0912345678x", "not a phone number"),
        ("٠٩١٢٣٤٥٦٧٨", "not a phone number"),  # not ASCII digits
        ("02438251234", "not a mobile number"),  # a fixed line in Hanoi
        ("091234567", "not a phone number of Vietnam"),
        ("09123456789", "not a phone number of Vietnam"),
        ("0412345678", "not a phone number of Vietnam"),
        ("113", "not a phone number of Vietnam"),
        ("+1 202 555 0100", "a foreign number"),
    ],
)
def test_a_number_that_cannot_receive_sms_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(NotMobile) as error:
        mobile_number(typed)
    assert str(error.value) == reason


mobile_numbers = st.builds(
    lambda prefix, rest: prefix + rest, st.sampled_from(PLAN.prefixes), st.from_regex(r"[0-9]{8}", fullmatch=True)
)


@given(mobile_numbers)
def test_normalising_is_idempotent(number: str) -> None:
    assert mobile_number(number) == number
    assert mobile_number("+84" + number[1:]) == number


@given(st.text(max_size=20))
def test_any_text_gives_a_mobile_number_or_a_reason(typed: str) -> None:
    try:
        outcome = mobile_number(typed)
    except NotMobile as error:
        outcome = str(error)
    is_mobile = len(outcome) == 10 and outcome.isdigit() and outcome.startswith(PLAN.prefixes)
    assert is_mobile or "number" in outcome


@given(mobile_numbers)
def test_a_masked_number_shows_five_digits(number: str) -> None:
    shown = mask_phone(number)
    assert sum(char.isdigit() for char in shown) == 5
    assert shown.startswith(number[:2])
    assert shown.endswith(number[-3:])


def test_mask_phone() -> None:
    assert mask_phone("0912345678") == "09xx xxx 678"

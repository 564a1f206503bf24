"""Dossier codes and look-up secrets."""

from __future__ import annotations

import hmac
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.dossier_code import (
    MAX_CODE,
    BadPattern,
    CodeParts,
    CodePattern,
    looks_like_code,
    normalise_code,
)
from shared.runtime.lookup_secret import ALPHABET, hash_secret, new_secret, normalise_secret, secret_matches

AGENCIES = st.from_regex(r"[0-9A-Z]{1,4}(\.[0-9A-Z]{1,3}){0,4}", fullmatch=True)
DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))
NUMBERS = st.integers(1, 99_999)
PATTERNS = st.sampled_from(
    [
        "{agency}-{yymmdd}-{number:04d}",
        "{agency}-{yyyymmdd}-{number:07d}",
        "{agency}/{yymmdd}/{number:03d}",
        "HS-{yymmdd}-{agency}-{number:06d}",
    ]
)

KEY, OTHER_KEY = "k" * 32, "l" * 32


@pytest.mark.parametrize(
    ("pattern", "parts", "code"),
    [
        ("{agency}-{yymmdd}-{number:04d}", ("000.00.14.H56", date(2020, 2, 3), 118), "000.00.14.H56-200203-0118"),
        ("{agency}-{yymmdd}-{number:04d}", ("000.17.22.H56", date(2021, 5, 31), 1), "000.17.22.H56-210531-0001"),
        ("{agency}-{yyyymmdd}-{number:07d}", ("G09.20", date(2026, 6, 9), 92637), "G09.20-20260609-0092637"),
        ("{agency}-{yymmdd}-{number:04d}", ("H12.31.01", date(2025, 11, 20), 12345), "H12.31.01-251120-12345"),
    ],
)
def test_real_codes(pattern: str, parts: tuple[str, date, int], code: str) -> None:
    assert CodePattern(pattern).make(*parts) == code
    assert CodePattern(pattern).parse(code) == CodeParts(*parts)
    assert looks_like_code(code)


@given(PATTERNS, AGENCIES, DAYS, NUMBERS)
def test_made_codes_can_be_parsed(pattern: str, agency: str, day: date, number: int) -> None:
    made = CodePattern(pattern)
    assert made.parse(made.make(agency, day, number)) == CodeParts(agency, day, number)


@given(PATTERNS, AGENCIES, DAYS, st.lists(NUMBERS, min_size=2, max_size=2, unique=True))
def test_codes_of_one_desk_and_day_differ(pattern: str, agency: str, day: date, numbers: list[int]) -> None:
    first, second = (CodePattern(pattern).make(agency, day, number) for number in numbers)
    assert first != second


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{agency}-{number:04d}",
        "{agency}-{yymmdd}",
        "{yymmdd}-{number:04d}",
        "{agency}-{agency}-{yymmdd}-{number:04d}",
        "{agency}-{yymmdd}-{yyyymmdd}-{number:04d}",
        "{agency}{yymmdd}-{number:04d}",
        "{agency}-{yymmdd}-{number}",
        "{agency}-{yymmdd}-{number:04d}-{secret}",
        "{agency}-{yymmdd}-{number:04d} x",
        "{agency.__class__}-{yymmdd}-{number:04d}",
    ],
)
def test_unusable_patterns(text: str) -> None:
    with pytest.raises(BadPattern):
        CodePattern(text)


@pytest.mark.parametrize(
    "code", ["", "H12.31.01-251320-0001", "H12.31.01-251120-1", "h12-251120-0001", "H12.31.01-251120-0001 "]
)
def test_other_texts_do_not_parse(code: str) -> None:
    assert CodePattern().parse(code) is None


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("G09.20-20260609-0092637", True),
        ("H12.31.01-251120-0001", True),
        ("h12.31.01-251120-0001", False),
        ("H12.31.01-251120", False),
        ("x' OR 1=1 --", False),
        ("A" * MAX_CODE + "-251120-0001", False),
        ("", False),
    ],
)
def test_loose_validation(text: str, loose: bool) -> None:
    assert looks_like_code(text) is loose


def test_typed_codes_are_normalised() -> None:
    assert normalise_code("  h12.31.01 \N{EN DASH} 251120-0001\n") == "H12.31.01-251120-0001"


@given(st.text(max_size=80))
def test_validation_never_fails(text: str) -> None:
    assert looks_like_code(normalise_code(text)) in (True, False)


def test_secrets_are_short_unambiguous_and_different() -> None:
    made = {new_secret() for _ in range(500)}
    assert len(made) > 490
    assert all(len(secret) == 8 and set(secret) <= set(ALPHABET) for secret in made)
    assert not set("0O1I") & set(ALPHABET)


@given(st.text(ALPHABET, min_size=6, max_size=6), st.text(ALPHABET, min_size=6, max_size=6))
def test_only_the_right_secret_matches(secret: str, other: str) -> None:
    stored = hash_secret(secret, KEY)
    assert secret_matches(f" {secret[:3].lower()}-{secret[3:]} ", stored, KEY)
    assert secret_matches(other, stored, KEY) == (other == secret)
    assert not secret_matches(secret, "", KEY)
    assert not secret_matches(secret, stored, OTHER_KEY), "a stolen table is worthless without the key"
    assert secret not in stored


def test_the_same_secret_is_stored_differently_each_time() -> None:
    assert hash_secret("ABCDEF", KEY) != hash_secret("ABCDEF", KEY)


def test_a_stored_secret_is_an_hmac_of_its_salt_and_the_secret() -> None:
    salt, _, digest = hash_secret("abc-def", KEY).partition(":")
    assert digest == hmac.new(KEY.encode(), f"look-up secret\n{salt}:ABCDEF".encode(), "sha256").hexdigest()


def test_nothing_is_hashed_without_a_key() -> None:
    with pytest.raises(ValueError, match="without a key"):
        hash_secret("ABCDEF", "")


def test_an_empty_secret_matches_no_missing_dossier() -> None:
    assert not secret_matches("", "", KEY)


def test_typed_secrets_are_normalised() -> None:
    assert normalise_secret(" ab c-2 3d ") == "ABC23D"

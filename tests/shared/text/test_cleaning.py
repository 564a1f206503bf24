"""One cleaning for texts from outside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import UnprintableText, clean_code, clean_line, clean_text, is_clean, prints_something

INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u200b\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\u2800\u3164\ufe0f\ufeff\uffa0\U000e0041"


@pytest.mark.parametrize("sign", INVISIBLE)
def test_signs_that_print_as_nothing_are_removed(sign: str) -> None:
    assert clean_line(f"{sign}Nguyễn{sign} Thị {sign} Bưởi{sign}") == "Nguyễn Thị Bưởi"
    assert clean_text(f"a{sign}b") == "ab"
    assert clean_code(f"{sign}H12.31.01-{sign}251120-0001{sign}") == "H12.31.01-251120-0001"


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\ud800", "\ue000", "\uffff"])
def test_what_no_keyboard_makes_is_refused(sign: str) -> None:
    with pytest.raises(UnprintableText):
        clean_text(f"a{sign}b")
    with pytest.raises(UnprintableText):
        clean_line(f"a{sign}b")


@pytest.mark.parametrize(
    ("typed", "text", "line"),
    [
        ("một\r\nhai\rba\x0bbốn\u2028năm", "một\nhai\nba\nbốn\nnăm", "một hai ba bốn năm"),
        ("a\tb\u00a0c\u2009d\x1fe", "a b c d e", "a b c d e"),
        ("  a  ", "  a  ", "a"),
        (unicodedata.normalize("NFD", "Đặng Hữu Nghĩa"), "Đặng Hữu Nghĩa", "Đặng Hữu Nghĩa"),
        ("e\u200b\u0301", "é", "é"),  # what kept a letter and its mark apart is gone
        ("می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"),  # spelled with a joiner
        ("a\u200cb", "ab", "ab"),
        ("😀 ok", "😀 ok", "😀 ok"),
    ],
)
def test_texts_and_lines(typed: str, text: str, line: str) -> None:
    assert clean_text(typed) == text
    assert clean_line(typed) == line


@pytest.mark.parametrize("dash", "-‐‑‒–—―−_＿－﹣︱")
def test_every_dash_in_a_code_is_a_hyphen(dash: str) -> None:
    assert clean_code(f"H12.31.01 {dash} 251120{dash}0001\n") == "H12.31.01-251120-0001"


def test_full_width_signs_in_a_code_are_ascii() -> None:
    assert clean_code("Ｈ１２．３１．０１－２５１１２０＿０００１") == "H12.31.01-251120-0001"
    assert clean_code("\x00a\x1bb") == "ab"


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_code(clean_code(text)) == clean_code(text)
    try:
        cleaned = clean_text(text)
    except UnprintableText:
        return
    assert clean_text(cleaned) == cleaned
    assert clean_line(clean_line(text)) == clean_line(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not set(cleaned) & set(INVISIBLE)


SIGNS = 'aEđ \u0301\u0300\u200b\u00e9\u1e9d"\n\x00\ue000\u212a'


@given(st.text(st.sampled_from(SIGNS), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_cleaning_changes_no_part_of_a_clean_text(text: str, start: int, end: int) -> None:
    if is_clean(text):
        assert clean_text(text[start:end]) == text[start:end]


@given(st.text(max_size=40), st.text(st.sampled_from(INVISIBLE), max_size=5), st.integers(0, 40))
def test_texts_that_look_alike_are_alike(text: str, signs: str, place: int) -> None:
    try:
        cleaned = clean_text(text)
    except UnprintableText:
        return
    assert clean_text(cleaned[:place] + signs + cleaned[place:]) == cleaned


@pytest.mark.parametrize(
    ("text", "printed"),
    [("", False), ("  ", False), ("\u0301 \u0300", False), ("\u200b", False), ("a", True), ("?", True), ("王", True)],
)
def test_whether_a_text_prints_something(text: str, printed: bool) -> None:
    assert prints_something(text) is printed

"""What a citizen's SMS asks for, and who is never answered."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.inbound.domain import MAX_TEXT, UNKNOWN, Request, answerable_number, kept_text, understood
from services.notify.inbound.rules import Purpose, inbound_rules

RULES = inbound_rules(date(2026, 1, 5))
CODE, SECRET = "H12.31.01-251120-0001", "ABCD2345"
LOOK_UP = Request(Purpose.LOOK_UP, CODE, SECRET)
RATED = Request(Purpose.RATE, CODE, SECRET, 5)


def read(text: str) -> Request:
    return understood(text, RULES.keywords)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"HS {CODE} {SECRET}", LOOK_UP),
        (f"  hs   {CODE.lower()}\n{SECRET.lower()} ", LOOK_UP),
        (f"Hồ sơ {CODE}, {SECRET}.", LOOK_UP),
        (f"ho so: {CODE} {SECRET}", LOOK_UP),
        (f"TRA CỨU {CODE} {SECRET}", LOOK_UP),
        (unicodedata.normalize("NFD", f"Tra cứu {CODE} {SECRET}"), LOOK_UP),
        ("HS H12.31.01 251120 0001 ABCD 2345", LOOK_UP),
        ("HS H12.31.01–251120–0001 ABCD-2345", LOOK_UP),
        ("HS 000.00.14.H56-200203-0118 ABCD2345", Request(Purpose.LOOK_UP, "000.00.14.H56-200203-0118", SECRET)),
        (f"HS {CODE}", UNKNOWN),
        (f"HS {SECRET}", UNKNOWN),
        ("HS", UNKNOWN),
        (f"{CODE} {SECRET}", UNKNOWN),
        (f"DG {CODE} {SECRET} 5", RATED),
        (f"Đánh giá: {CODE.lower()}, {SECRET.lower()}, 5.", RATED),
        ("DG H12.31.01 251120 0001 ABCD 2345 5", RATED),
        (f"DG {CODE} {SECRET} 0", UNKNOWN),
        (f"DG {CODE} {SECRET} 6", UNKNOWN),
        (f"DG {CODE} {SECRET} 55", UNKNOWN),
        (f"DG {CODE} {SECRET} -5 5", UNKNOWN),
        (f"DG {CODE} {SECRET}", UNKNOWN),
        (f"DG {CODE} 5", UNKNOWN),
        ("DG 5", UNKNOWN),
        ("DG", UNKNOWN),
        (f"HS {CODE} {SECRET} 5", UNKNOWN),
        ("PA Chờ lâu quá", Request(Purpose.COMPLAIN, words="Chờ lâu quá")),
        ("phản ánh: chờ lâu,\nquá lâu", Request(Purpose.COMPLAIN, words="chờ lâu,\nquá lâu")),
        ("Kiến nghị HS nên nộp qua mạng", Request(Purpose.COMPLAIN, words="HS nên nộp qua mạng")),
        ("GOPY", Request(Purpose.COMPLAIN)),
        ("TU CHOI", Request(Purpose.STOP)),
        ("từ chối!", Request(Purpose.STOP)),
        ("Stop", Request(Purpose.STOP)),
        ("Từ chối lên tiếng", UNKNOWN),
        ("NHAN", Request(Purpose.START)),
        ("Nhân ơi mai họp nhé", UNKNOWN),
        ("TG", Request(Purpose.HELP)),
        ("", UNKNOWN),
        ("🙂", UNKNOWN),
        ("Mai họp nhé", UNKNOWN),
        ("HS " + "x" * MAX_TEXT, UNKNOWN),
    ],
)
def test_what_a_text_asks_for(text: str, asked: Request) -> None:
    assert read(text) == asked


@given(st.text(max_size=MAX_TEXT + 10))
def test_every_text_is_read_without_an_error(text: str) -> None:
    request = read(text)
    assert request.purpose in Purpose
    assert not (request.secret and request.secret in kept_text(request))


@given(st.sampled_from(sorted(RULES.keywords)), st.data())
def test_spelling_does_not_matter(word: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from([char.upper(), char.lower()])) for char in word)
    assert read(f" {written}  {CODE} {SECRET}") == read(f"{word} {CODE} {SECRET}")


@pytest.mark.parametrize(
    ("sender", "number"),
    [
        ("0912345678", "0912345678"),
        ("+84912345678", "0912345678"),
        ("84912345678", "0912345678"),
        ("01682345678", "0382345678"),
        ("8099", ""),
        ("VIETTEL", ""),
        ("MotCua", ""),
        ("0292 3 123 456", ""),
        ("+8613812345678", ""),
        ("", ""),
        ("0988777666", ""),
    ],
)
def test_machines_and_ourselves_are_never_answered(sender: str, number: str) -> None:
    assert answerable_number(sender, ["+84988777666", "8099"]) == number


@pytest.mark.parametrize(
    ("request_", "kept"),
    [
        (LOOK_UP, f"look_up {CODE} ********"),
        (RATED, f"rate {CODE} ********"),
        (Request(Purpose.STOP), "stop"),
        (UNKNOWN, ""),
    ],
)
def test_no_secret_and_no_stray_text_is_kept(request_: Request, kept: str) -> None:
    assert kept_text(request_) == kept


def test_the_keyword_that_replies_name() -> None:
    assert RULES.keyword_of(Purpose.LOOK_UP) == "HS"

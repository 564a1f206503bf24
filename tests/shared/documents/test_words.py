"""Days and amounts as Vietnamese papers write them."""

from __future__ import annotations

from datetime import date

import pytest

from shared.documents.words import day_in_words, dong_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (101, "Một trăm linh một đồng"),
        (1_000, "Một nghìn đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (15_000, "Mười lăm nghìn đồng"),
        (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
        (2_000_015, "Hai triệu không trăm mười lăm đồng"),
        (1_000_000_000, "Một tỷ đồng"),
        (3_040_000_000_000, "Ba nghìn không trăm bốn mươi tỷ đồng"),
    ],
)
def test_amounts_in_words(amount: int, words: str) -> None:
    assert dong_in_words(amount) == words


def test_negative_amounts_have_no_words() -> None:
    with pytest.raises(ValueError, match="negative"):
        dong_in_words(-1)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        (date(2026, 3, 15), "ngày 15 tháng 3 năm 2026"),
        (date(2026, 12, 31), "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_days_in_words(day: date, words: str) -> None:
    assert day_in_words(day) == words

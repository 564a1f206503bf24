from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.sms_folding import fits_gsm_7, remove_diacritics


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hồ sơ đã được tiếp nhận", "Ho so da duoc tiep nhan"),
        ("ĐƯỜNG Nguyễn Ỷ", "DUONG Nguyen Y"),
        ("Hồ sơ", "Ho so"),  # decomposed: o with two combining marks
        ("Ðặng Thị ÐÀO, ðường", "Dang Thi DAO, duong"),  # U+00D0 and U+00F0, typed for Đ and đ
        ("“trước” – ‘sau’…", "\"truoc\" - 'sau'..."),
        ("1.250.000 ₫", "1.250.000 d"),
        ("120 m²", "120 m2"),
        ("1½ và ¼", "1 1/2 va 1/4"),
        ("① ② ⓫ ﬁ ± ≥ ≤ ×", "1 2 11 fi +/- >= <= x"),
        ("a\u200bb\ufeffc\u00add\u202ee", "abcde"),
        ("a\u2009b\u00a0c", "a b c"),
        ("a\u2010b\u2011c\u2012d\u2013e\u2014f", "a-b-c-d-e-f"),
        ("25°C, 100 ㎡", "25 do C, 100 m2"),
        ("{public_url}", "{public_url}"),
        ("a`b\tc", "a'b c"),
        ("hồ sơ 😀 王", "ho so 😀 王"),  # no spelling: the text is sent in UCS-2
    ],
)
def test_remove_diacritics(text: str, folded: str) -> None:
    assert remove_diacritics(text) == folded


LATIN = [
    char
    for char in map(chr, (*range(0x20, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2028), *range(0xFF01, 0xFF5F)))
    if unicodedata.category(char) not in ("Cc", "Cn", "Cf")
]
RARE = set("ƄƅƆƉƍƎƐƔƖƛƜƦƧƨƩƪƱƷƸƹƺƻƼƽƾƿǀǁǂǃǝǮǯǶǷȜȝȸȹɁɂɄɅɊẜẝẟỺỻỼỽ‱‰")
"""Letters of African and phonetic alphabets that no Vietnamese text has."""


def test_every_latin_letter_and_punctuation_mark_has_a_spelling() -> None:
    folded = {char: remove_diacritics(f"a{char}b") for char in LATIN if char not in RARE}
    assert [char for char, text in folded.items() if not fits_gsm_7(text)] == []
    assert [char for char, text in folded.items() if "?" in text and char not in "?？¿‽⁇⁈⁉"] == []
    vietnamese = {
        char: text
        for char, text in folded.items()
        if char in "àáảãạâầấẩẫậăằắẳẵặđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    }
    assert len(vietnamese) == 67
    assert all(text.isascii() and len(text) == 3 for text in vietnamese.values())


@given(st.text(max_size=400))
def test_removing_diacritics_twice_changes_nothing(text: str) -> None:
    folded = remove_diacritics(text)
    assert remove_diacritics(folded) == folded


@given(st.text(max_size=400))
def test_nothing_becomes_a_question_mark(text: str) -> None:
    assert "?" not in remove_diacritics(
        "".join(char for char in text if "?" not in unicodedata.normalize("NFKC", char))
    )

"""Normal forms of Vietnamese text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.catalogue import load_builtin, parse_data
from shared.catalogue.text import fold, normalise, slug, words_of
from shared.text import has_unprintable
from tests.shared.catalogue.test_catalogue_importing import SAMPLE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đăng ký", "ĐĂNG KÍ"),
        ("kỹ thuật", "kĩ thuật"),
        ("lý lịch", "lí lịch"),
        ("tỷ lệ", "tỉ lệ"),
        ("quý", "quí"),
        ("Hòa giải", "hoà giải"),
        ("Thủy", "thuỷ"),
        ("Ủy ban", "Uỷ ban"),
        ("xóa", "xoá"),
        ("Đất  đai ", unicodedata.normalize("NFD", "đất đai")),
    ],
)
def test_spellings_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tai", "tay"),
        ("mai táng", "may táng"),
        ("hòa", "hóa"),
        ("ma", "mà"),
        ("dat", "đạt"),
        ("Loại I", "Loại Y"),
        ("thúi", "thúy"),
    ],
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_words_for_searching() -> None:
    assert [plain for _, plain in words_of("Đăng ký  KHAI-SINH 1.001193, bh\u200byt (2.000815.H12)")] == [
        "dang", "ki", "khai", "sinh", "1.001193", "bhyt", "2.000815.h12",
    ]  # fmt: skip
    assert slug("Đất đai – Hộ tịch") == "dat_dai_ho_tich"


@settings(deadline=None)
@given(st.text(max_size=40))
def test_folding_is_idempotent_on_words(text: str) -> None:
    assert [plain for _, plain in words_of(" ".join(plain for _, plain in words_of(text)))] == [
        again for _, plain in words_of(text) for _, again in words_of(plain)
    ]


def test_a_case_is_found_by_any_spelling_of_its_name() -> None:
    procedure = next(one for one in load_builtin() if one.code == "1.013831")
    assert procedure.case("chuyển đổi, chuyển nhượng, thừa kế, tặng cho, góp vốn").code == "transfer"
    listed = {
        **SAMPLE[0],
        "truong_hop": [{"ten": name, "so_ngay_lam_viec": 2} for name in ("Đăng ký hòa giải", "Khác")],
    }
    (mine,) = parse_data([listed])
    assert mine.case("đăng kí hoà giải").code == "1"


@settings(deadline=None)
@given(st.text(st.characters(), max_size=40))
@example("a\x00b\ud800c\ue000d\ufdd0")
def test_nothing_that_is_compared_or_searched_for_is_refused(text: str) -> None:
    assert fold(fold(text)) == fold(text) == fold(normalise(text))
    assert not has_unprintable(normalise(text))
    words_of(text)
    slug(text)


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u202e", "\u3164", "\u2800", "\u00ad", "\x00", "\ud800"])
def test_signs_that_print_as_nothing_make_no_difference(sign: str) -> None:
    assert normalise(f"Đất{sign} đai{sign}") == "Đất đai"
    assert words_of(f"Đất{sign} đai") == words_of("Đất đai")

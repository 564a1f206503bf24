"""Texts that lost their letters on the way are told from texts that did not."""

from __future__ import annotations

import pytest

from shared.plugin_sdk.conformance.text_checks import OUTCOME, TEXTS, damage, without_marks

STEP = "Thẩm định hồ sơ, trích lục bản đồ địa chính"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"Đã giải quyết: {without_marks(STEP)}", "has lost the marks of 'thẩm định hồ'"),
        ("Đã xong: THAM DINH HO SO", "has lost the marks"),
        ("Thẩm định hồ sơ, trich luc ban do", "has lost the marks"),
        ("Da giai quyet xong", "is Vietnamese without its marks"),
        ("?ã gi?i quy?t", "question marks in place of letters"),
        ("Th?m ??nh xong", "question marks in place of letters"),
        ("xong ??i", "question marks in place of letters"),
    ],
)
def test_damaged_text_is_found(text: str, fault: str) -> None:
    assert fault in damage(text, [STEP])


@pytest.mark.parametrize(
    "text",
    [
        "",
        STEP,
        STEP.upper(),
        *TEXTS.values(),
        OUTCOME,
        "Đã giải quyết",
        "xong",
        "Thửa 27, tờ 4",
        "Thửa số 27, ấp Rạch Gốc",
        "Còn thiếu gì? Bổ sung hợp đồng.",
        "xem https://dat-dai.example/ho-so?id=27&xa=4",
        "See the cadastral map of the parcel",
        "parcel 27 verified by software",
    ],
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert damage(text, [STEP]) == ""

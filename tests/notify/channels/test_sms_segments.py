from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.sms_segments import (
    GSM_7,
    UCS_2,
    Segments,
    count_segments,
    decode_gsm_7,
    encode_segment,
    split_segments,
)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", GSM_7, 0, 1),
        ("a" * 160, GSM_7, 160, 1),
        ("a" * 161, GSM_7, 161, 2),
        ("a" * 306, GSM_7, 306, 2),
        ("a" * 307, GSM_7, 307, 3),
        ("{" * 80, GSM_7, 160, 1),  # an escape and a character each
        ("{" * 81, GSM_7, 162, 2),
        ("{" * 153, GSM_7, 306, 3),  # 76 in a segment: the 77th would be split
        ("a" * 152 + "{" + "a" * 152, GSM_7, 306, 3),  # the escaped character does not fit into the first segment
        ("€" + "a" * 158, GSM_7, 160, 1),
        ("ạ" * 70, UCS_2, 70, 1),
        ("ạ" * 71, UCS_2, 71, 2),
        ("ạ" * 134, UCS_2, 134, 2),
        ("ạ" * 135, UCS_2, 135, 3),
        ("a" * 69 + "ạ", UCS_2, 70, 1),
        ("😀" * 35, UCS_2, 70, 1),  # a surrogate pair each
        ("😀" * 36, UCS_2, 72, 2),
        ("😀" * 67, UCS_2, 134, 3),  # 33 in a segment
        ("à", GSM_7, 1, 1),  # GSM-7 has some letters with diacritics
        ("á", UCS_2, 1, 1),
    ],
)
def test_count_segments(text: str, encoding: str, units: int, count: int) -> None:
    assert count_segments(text) == Segments(encoding, units, count)


@given(st.text(alphabet="aạ{😀", max_size=500))
def test_the_segments_hold_the_text_and_none_is_superfluous(text: str) -> None:
    found = count_segments(text)
    single, each = (160, 153) if found.encoding == GSM_7 else (70, 67)
    if found.units <= single:
        assert found.count == 1
    else:
        assert (found.count - 1) * (each - 1) < found.units <= found.count * each


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert count_segments(text + more).count >= count_segments(text).count


@given(st.text(alphabet="aạ{😀€\n", max_size=500))
def test_the_parts_are_the_text_and_fit_into_a_segment(text: str) -> None:
    parts, found = split_segments(text), count_segments(text)
    assert "".join(parts) == text
    assert len(parts) == found.count
    size = 1 if found.encoding == GSM_7 else 2
    limit = (160 if found.encoding == GSM_7 else 140) if found.count == 1 else (153 if found.encoding == GSM_7 else 134)
    encoded = [encode_segment(part, found.encoding) for part in parts]
    assert all(len(part) <= limit for part in encoded)
    assert sum(map(len, encoded)) == found.units * size
    assert b"".join(encoded) == encode_segment(text, found.encoding), "no character is split"
    for part in encoded:
        if found.encoding == GSM_7:
            assert decode_gsm_7(part) in text
            assert not part.endswith(b"\x1b")
        else:
            assert part.decode("utf-16-be") in text


@pytest.mark.parametrize(
    ("text", "octets"),
    [("@£$", "000102"), ("Az ", "417a20"), ("€[]", "1b651b3c1b3e"), ("\nà", "0a7f"), ("Δ_Σ", "101118")],
)
def test_septets_are_those_of_the_standard(text: str, octets: str) -> None:
    assert encode_segment(text, GSM_7).hex() == octets
    assert decode_gsm_7(bytes.fromhex(octets)) == text


def test_septets_that_mean_nothing_harm_nothing() -> None:
    assert decode_gsm_7(b"a\x1bb\x1b") == "a b"
    assert decode_gsm_7(bytes([0x80, 0xFF])) == "  "

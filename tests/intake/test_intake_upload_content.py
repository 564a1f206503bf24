"""A file is known by its content, whatever its name says."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.uploads.content import TYPES, Unacceptable, file_name, media_type_of
from tests.intake.online_fixture import JPEG, pdf, png
from tests.intake.upload_fixture import GOOD


def type_of(content: bytes) -> str:
    return media_type_of(io.BytesIO(content), len(content))


@pytest.mark.parametrize("media_type", GOOD)
def test_a_file_is_known_by_its_content(media_type: str) -> None:
    assert type_of(GOOD[media_type]) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00",
        b"<html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.4\n%%EOF",
        b"%PDF-9.9" + pdf()[8:],
        pdf(b"/Encrypt 5 0 R"),
        pdf() + b"<script>",
        png()[:-4],
        png() + b"<script>",
        png(0, 1),
        png().replace(b"IDAT", b"IDAX"),
        JPEG[:-2],
        b"\xff\xd8\xff\xe0",
        JPEG[:20] + JPEG[-2:],
    ],
)
def test_other_and_broken_files_are_refused(content: bytes) -> None:
    with pytest.raises(Unacceptable):
        type_of(content)


@given(st.sampled_from(sorted(GOOD)), st.integers(0, 400))
def test_a_file_that_was_cut_off_is_refused(media_type: str, length: int) -> None:
    content = GOOD[media_type].rstrip()
    with pytest.raises(Unacceptable):
        type_of(content[: min(length, len(content) - 1)])


@given(st.binary(max_size=300), st.sampled_from([b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]))
def test_no_bytes_make_the_check_fail_otherwise(content: bytes, head: bytes) -> None:
    try:
        assert type_of(head + content) in TYPES
    except Unacceptable:
        return


@given(st.text(max_size=300))
def test_a_name_holds_nothing_that_a_folder_or_a_header_could_misread(given_name: str) -> None:
    name = file_name(given_name, "application/pdf")
    assert name.endswith(".pdf")
    assert len(name) < 160
    assert not set(name) & set('/\\<>:"|?*\r\n\0')
    assert not name.startswith(".")

"""Where the parts of a letter stand on its pages, by the positions of its text."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from services.notify.post.address import MAX_LINE, check_address
from services.notify.post.letters.domain import Letter
from services.notify.post.letters.typeset import letters_pdf, pages_of
from tests.notify.post.letters_fixture import ADDRESS, AT, DESK
from tests.support.pdf import text_of
from tests.support.service import reference

MM = 72 / 25.4
PAGE = 297 * MM
CHECKED = check_address("Nguyễn Thị Bưởi", ADDRESS)
LETTER = Letter(
    "1",
    f"07/TB-{DESK}",
    DESK,
    f"{DESK}-251120-0001",
    "apology",
    "vi",
    CHECKED.name,
    CHECKED.lines,
    "Xin lỗi vì trả kết quả quá hạn",
    "Đoạn một.\n\nĐoạn hai.",
    AT,
)
AGENCIES = reference().agencies


def spans(file: bytes, page: int = 0) -> list[tuple[str, float, float, float]]:
    """Pieces of text with their place in mm from the left and the top, and their size in points."""
    found: list[tuple[str, float, float, float]] = []

    def visit(text: str, user: list[float], matrix: list[float], _font: object, size: float) -> None:
        if text.strip():
            x, y = (
                matrix[4] * user[0] + matrix[5] * user[2] + user[4],
                matrix[4] * user[1] + matrix[5] * user[3] + user[5],
            )
            found.append((text.replace("\u200b", "").strip(), x / MM, (PAGE - y) / MM, size))

    PdfReader(io.BytesIO(file)).pages[page].extract_text(visitor_text=visit)
    return found


def where(file: bytes, start: str) -> tuple[float, float]:
    """The place of the piece that begins so."""
    places = [(x, y) for text, x, y, _ in spans(file) if text.startswith(start)]
    assert places, [text for text, *_ in spans(file)]
    return places[0]


def test_the_address_stands_in_the_window_and_nothing_else_does() -> None:
    file = letters_pdf([LETTER], AGENCIES, AT)
    inside = [text for text, x, y, _ in spans(file) if 45 < y < 90 and x < 105]
    assert "".join(inside).replace("\n", "").startswith("Nguyễn Thị Bưởi")
    for line in ("Số 12", "phường", "tỉnh An"):
        x, y = where(file, line)
        assert 24.5 < x < 26
        assert 62.7 < y < 90
    assert len(inside) == 4
    assert where(file, "THÔNG BÁO")[1] > 98


@pytest.mark.parametrize("sign", ["W", "i"])
def test_the_widest_address_stays_in_the_window(sign: str) -> None:
    wide = replace(LETTER, name=(sign * MAX_LINE,) * 2, address=(sign * MAX_LINE,) * 4)
    file = letters_pdf([wide], AGENCIES, AT)
    ys = [y for text, x, y, _ in spans(file) if text.startswith(sign * 10) and x < 26]
    assert len(ys) == 6
    assert min(ys) > 62.7
    assert max(ys) < 90


def test_long_names_of_agencies_do_not_reach_the_window() -> None:
    longest = max(
        AGENCIES.all(AT.date()),
        key=lambda one: len(one.name) + (len(AGENCIES.name_of(one.parent, AT.date())) if one.parent else 0),
    )
    file = letters_pdf([replace(LETTER, agency=longest.code)], AGENCIES, AT)
    assert [text for text, x, y, _ in spans(file) if 45 < y < 62 and x < 105] == []


def test_a_letter_says_what_official_letters_say() -> None:
    said = text_of(letters_pdf([LETTER], AGENCIES, AT))
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        f"Số: 07/TB-{DESK}",
        "ngày 24 tháng 11 năm 2025",
        "Kính gửi: Nguyễn Thị Bưởi",
        LETTER.subject,
        "Đoạn hai.",
        "Trang 1/1",
    ):
        assert part in said


def test_each_letter_of_a_file_has_its_own_pages() -> None:
    long = replace(LETTER, id="2", number=f"08/TB-{DESK}", body="\n\n".join(["Một đoạn văn dài. " * 60] * 6))
    pages = pages_of(long, AGENCIES)
    assert pages_of(LETTER, AGENCIES) == 1
    assert pages > 1
    file = letters_pdf([LETTER, long, LETTER], AGENCIES, AT, "Bản in lại")
    texts = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(file)).pages]
    assert len(texts) == pages + 2
    assert all("Bản in lại" in text for text in texts)
    assert [f"Trang {n}/{pages}" in texts[n] for n in range(1, pages + 1)] == [True] * pages
    assert "Trang 1/1" in texts[0]
    assert "Trang 1/1" in texts[-1]


def test_the_signature_is_never_alone_on_a_page() -> None:
    for lines in range(14, 30):
        body = "\n\n".join(f"Dòng {n}." for n in range(lines))
        last = PdfReader(io.BytesIO(letters_pdf([replace(LETTER, body=body)], AGENCIES, AT))).pages[-1].extract_text()
        assert f"Dòng {lines - 1}." in last


def test_the_marks_for_folding_stand_at_the_edge() -> None:
    content = PdfReader(io.BytesIO(letters_pdf([LETTER], AGENCIES, AT))).pages[0].get_contents()
    assert content is not None
    drawn = content.get_data().decode("latin-1")
    for height in (105, 148.5, 210):
        assert any(abs(PAGE - float(y) - height * MM) < 0.1 for y in _line_heights(drawn)), height


def _line_heights(drawn: str) -> list[str]:
    """The heights, from the bottom of the page, to which the pen is moved."""
    return re.findall(r"([\d.]+) cm\b", drawn)


def test_the_same_letters_give_the_same_file() -> None:
    assert letters_pdf([LETTER], AGENCIES, AT) == letters_pdf([LETTER], AGENCIES, AT)

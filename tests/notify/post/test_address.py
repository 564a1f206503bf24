"""Which addresses the post can deliver to, and what stands in the window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.post.address import MAX_LINE, UndeliverableAddress, check_address, same_province


def test_an_address_of_two_levels() -> None:
    found = check_address("Nguyễn Thị  Bưởi", ["Số 12, đường Lê Lợi", "phường Vĩnh Thông", "tỉnh An Giang"])
    assert found.name == ("Nguyễn Thị Bưởi",)
    assert found.lines == ("Số 12, đường Lê Lợi", "phường Vĩnh Thông", "tỉnh An Giang")


def test_one_line_is_parted_at_its_commas() -> None:
    found = check_address("Lê Văn Tám", ["Ấp 3, xã Phước Long, huyện Phước Long, Bạc Liêu"])
    assert found.lines == ("Ấp 3", "xã Phước Long, huyện Phước Long", "Bạc Liêu")


@pytest.mark.parametrize(
    ("name", "address", "reason"),
    [
        (" ", ["Ấp 3, xã Phước Long, Cà Mau"], "the recipient has no name"),
        ("Tám", [], "the address does not end with a province"),
        ("Tám", [""], "the address does not end with a province"),
        ("Tám", ["Ấp 3, xã Phước Long"], "the address does not end with a province"),
        ("Tám", ["Cà Mau"], "the address has no commune"),
        ("Tám", ["quận 1, TP. Hồ Chí Minh"], "the address has no commune"),
        ("Tám", ["xã Phước Long, tỉnh Cà Mau"], "the address has no house, street or hamlet"),
        ("Tám", ["x" * (MAX_LINE + 1), "xã Phước Long, tỉnh Cà Mau"], "too long"),
        ("Tám", ["Ấp 3", "xã " + "Long " * 20, "tỉnh Cà Mau"], "too long"),
        ("Tám " * 40, ["Ấp 3, xã Phước Long, tỉnh Cà Mau"], "too long"),
    ],
)
def test_what_cannot_be_delivered_is_refused_with_the_reason(name: str, address: list[str], reason: str) -> None:
    with pytest.raises(UndeliverableAddress, match=reason):
        check_address(name, address)


@pytest.mark.parametrize("written", ["tỉnh Cà Mau", "Ca Mau", "CÀ MAU", "T. Cà Mau", "cà  mau"])
def test_a_province_is_known_however_it_is_written(written: str) -> None:
    assert same_province(written, "Cà Mau")
    assert check_address("Tám", [f"Ấp 3, xã Phước Long, {written}"]).street == ("Ấp 3",)


@pytest.mark.parametrize(
    "written", ["TP.HCM", "Thành phố Hồ Chí Minh", "TP Hồ Chí Minh", "Bà Rịa - Vũng Tàu", "TP. Huế"]
)
def test_cities_and_former_provinces_are_known(written: str) -> None:
    assert check_address("Tám", ["Số 1, phường Sài Gòn", written]).province == written


@given(st.text(max_size=200), st.lists(st.text(max_size=120), max_size=6))
def test_an_address_that_is_taken_fits_the_window(name: str, address: list[str]) -> None:
    try:
        found = check_address(name, [*address, "Cà Mau"])
    except UndeliverableAddress:
        return
    lines = (*found.name, *found.lines)
    assert len(lines) <= 6
    assert all(line.strip() and len(line) <= MAX_LINE for line in lines)

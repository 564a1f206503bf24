"""The menu of officials' pages."""

from __future__ import annotations

import pytest

from shared.web.staff_menu import ITEMS, STAFF, menu_of


@pytest.mark.parametrize("role", sorted(STAFF))
def test_each_page_of_a_role_is_in_its_menu_once(role: str) -> None:
    menu = menu_of(role)
    assert sorted((*menu.row, *menu.more), key=ITEMS.index) == [item for item in ITEMS if role in item.roles]
    assert set(menu.row) & set(menu.more) == set()


def test_the_row_of_each_role_fits_a_desk_and_three_lines_of_a_phone() -> None:
    assert {role: len(menu_of(role).row) for role in STAFF if len(menu_of(role).row) > 7} == {}


def test_a_page_below_another_marks_it() -> None:
    by_path = {item.path: item for item in ITEMS}
    assert by_path["/intake/payments"].is_current("/intake/payments/day")
    assert not by_path["/intake/dossiers"].is_current("/intake/dossiers/H12.31.01-251103-0001")

"""What the leader's page of statistics shows of a profile: the cells of its tables, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.catalogue import FIELDS
from shared.client.browser import Browser, NotOnPage, Page
from shared.client.profiles.figures import PAGE, Figure, period_of, satisfied_share, wanted_of
from shared.client.profiles.model import Profile
from shared.client.profiles.written import LEVELS, most, number_of, shown_share

ADDRESS = "/stats/leader"
BY_LEVEL, BY_FIELD, RATINGS = "Theo cấp tiếp nhận", "Theo lĩnh vực", "Đánh giá của người dân"
"""Captions of tables."""
COLUMNS: Mapping[str, str] = {
    "received": "Tiếp nhận",
    "on_time": "Đúng hạn",
    "resolved_late": "Giải quyết quá hạn",
    "in_progress": "Đang giải quyết",
    "in_progress_overdue": "Đang quá hạn",
}
GIVEN, SATISFIED, VALUE = "Lượt đánh giá", "Hài lòng (%)", "Giá trị"


def read_leader_page(profile: Profile, leader: Browser, least_ratings: int) -> list[Figure]:
    """Opens the page for the profile's period: for each group that of its level, for ratings that of all.

    Args:
        profile: as it was played.
        leader: of the agency above all its desks.
        least_ratings: with fewer, the page shows no share of them.
    """
    found: list[Figure] = []
    for group in profile.groups:
        asked = {**period_of(profile), "level": group.level, "by": "level"}
        page = leader.open(ADDRESS, asked).page
        for name, number in wanted_of(group).items():
            shown = _cell(page, BY_LEVEL, LEVELS[group.level], COLUMNS[name])
            found.append(Figure(f"{group.name}: {name}", number, shown, PAGE))
    if profile.ratings.given:
        page, wanted = leader.open(ADDRESS, period_of(profile)).page, profile.ratings
        share = shown_share(satisfied_share(wanted), wanted.given, least_ratings)
        found += [
            Figure("ratings: given", wanted.given, _cell(page, RATINGS, GIVEN, VALUE), PAGE),
            Figure("ratings: satisfied, %", share, _cell(page, RATINGS, SATISFIED, VALUE), PAGE),
        ]
    if profile.largest_field:
        page = leader.open(ADDRESS, {**period_of(profile), "by": "field"}).page
        received = {
            name: number_of(cells.get(COLUMNS["received"], "")) for name, cells in page.tables.get(BY_FIELD, {}).items()
        }
        found.append(Figure("largest field", FIELDS[profile.largest_field], most(received), PAGE))
    return found


def _cell(page: Page, table: str, row: str, column: str) -> Any:
    """The number in a cell, or what is missing on the page."""
    try:
        return number_of(page.cell(table, row, column))
    except NotOnPage as error:
        return str(error)

"""The report on a profile's period: officials draw it up, and its paper says the numbers of the profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.catalogue import FIELDS
from shared.client.browser import Browser
from shared.client.profiles.figures import PAPER, Figure, fields_of, satisfied_share, wanted_of
from shared.client.profiles.model import Profile
from shared.client.profiles.written import PAPER_LEVELS, most, number_of, shown_share

REPORTS = "/stats/reports"
RECEIVED, GIVEN, SATISFIED = "Hồ sơ tiếp nhận trong kỳ", "Lượt đánh giá", "Tỷ lệ hài lòng"
"""Lines of the table of numbers; the first column of numbers is that of the period."""
BY_LEVEL, BY_FIELD = "Theo cấp tiếp nhận", "Theo lĩnh vực"
COLUMNS: Mapping[str, str] = {
    "received": "Tiếp nhận",
    "resolved": "Đã giải quyết",
    "early": "Trước hạn",
    "on_time": "Đúng hạn",
    "resolved_late": "Quá hạn",
    "in_progress": "Đang giải quyết",
    "in_progress_overdue": "Đang giải quyết, quá hạn",
}
"""Columns of the tables by level and by field."""
_NUMBER = r"(?:\d[\d.,]*%?|–)"


def sign_report(profile: Profile, agency: str, officer: Browser, leader: Browser) -> bytes:
    """Draws up the report on the profile's period, submits it and signs it off, by the pages of reports; returns its paper.

    Args:
        profile: its period is over.
        agency: whose report.
        officer: of the agency.
        leader: of the agency.

    Raises:
        ApiError: the platform refuses a step.
    """
    form = {
        "form_key": officer.open(f"{REPORTS}/new").page.field("form_key"),
        "agency": agency,
        "kind": profile.report,
        "day": profile.last_day.isoformat(),
    }
    path = officer.send(f"{REPORTS}/new", form).path
    for who, action in ((officer, "submit"), (leader, "sign")):
        asked = who.open(f"{path}/confirm/{action}").page
        who.send(path, {name: asked.field(name) for name in ("action", "digest")})
    return leader.open(f"{path}/report.pdf").content


def read_paper(profile: Profile, text: str, least_ratings: int) -> list[Figure]:
    """What the paper of a report says of a profile.

    Args:
        profile: as it was played.
        text: of the paper, with single spaces.
        least_ratings: with fewer, the paper states no share of them.
    """
    received = sum(group.received for group in profile.groups)
    found = [Figure("all: received", received, _line(text, RECEIVED), PAPER)]
    for group in profile.groups:
        shown = _row(text, BY_LEVEL, PAPER_LEVELS[group.level])
        for name, number in wanted_of(group).items():
            found.append(Figure(f"{group.name}: {name}", number, shown.get(COLUMNS[name], "not on the paper"), PAPER))
    if profile.ratings.given:
        wanted = profile.ratings
        share = shown_share(satisfied_share(wanted), wanted.given, least_ratings)
        found += [
            Figure("ratings: given", wanted.given, _line(text, GIVEN), PAPER),
            Figure("ratings: satisfied, %", share, _line(text, SATISFIED), PAPER),
        ]
    if profile.largest_field:
        names = [FIELDS[field] for field in fields_of(profile)]
        by_field = {name: _row(text, BY_FIELD, name).get(COLUMNS["received"]) for name in names}
        found.append(Figure("largest field", FIELDS[profile.largest_field], most(by_field), PAPER))
    return found


def _line(text: str, name: str) -> Any:
    """The number of the period in a line of the table of numbers."""
    found = re.search(rf"{re.escape(name)} ({_NUMBER}) {_NUMBER} {_NUMBER} ", text)
    return number_of(found[1]) if found else f"no line {name!r} on the paper"


def _row(text: str, table: str, name: str) -> dict[str, Any]:
    """A row of a table of dossiers: title of the column → number. Titles are read from the head of the table."""
    _, _, table = text.partition(table)
    row = re.search(rf"{re.escape(name)}((?: {_NUMBER})+)", table)
    if row is None:
        return {}
    titles = "|".join(sorted(map(re.escape, COLUMNS.values()), key=len, reverse=True))
    head = dict.fromkeys(re.findall(titles, table[: row.start()]))  # once, also where a page ends between head and row
    return {title: number_of(number) for title, number in zip(head, row[1].split(), strict=False)}

"""Who issues a paper, and where and when, as its head shows it (NĐ 30/2020/NĐ-CP, appendix I)."""

from __future__ import annotations

from datetime import date

from shared.agencies import Agencies, UnknownAgency
from shared.documents.words import day_in_words

UNIT_KINDS = ("Tỉnh ", "Thành phố ", "Huyện ", "Quận ", "Thị xã ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu ")


def issuer_fields(agencies: Agencies, agency: str, today: date) -> dict[str, str]:
    """The fields of the common head: the issuer, the agency above it, place and day.

    Args:
        agencies: all of them.
        agency: the issuer's code.
        today: the day of the paper.
    """
    name, parent, place = agencies.name_of(agency, today), "", ""
    try:
        known = agencies.get(agency, today)
        parent = agencies.name_of(known.parent, today) if known.parent else ""
        place = agencies.unit(known.unit, today).name
    except UnknownAgency:
        pass  # it has ended; its last name is all that is printed
    for kind in UNIT_KINDS:
        place = place.removeprefix(kind)
    day = day_in_words(today)
    return {
        "issuer": name,
        "parent": parent,
        "place_day": f"{place}, {day}" if place else day.capitalize(),
        "desk_label": "Bộ phận Một cửa",
        "contact": name,
    }

"""One-stop desks as of a day: which may receive, and which carries on the work of one that has ended."""

from __future__ import annotations

from datetime import date

from shared.agencies import Agencies, Agency, UnknownAgency

DESK = "one_stop_desk"


class NotADesk(LookupError):
    """The agency cannot receive dossiers on this day.

    Args:
        vi: why, in Vietnamese.
        en: the same in English.
    """

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en


def open_desk(agencies: Agencies, code: str, on: date) -> Agency:
    """The one-stop desk of that code.

    Raises:
        NotADesk: there is no such agency on the day, or it is not a one-stop desk.
    """
    try:
        agency = agencies.get(code, on)
    except UnknownAgency as error:
        raise NotADesk(
            "Không có cơ quan này vào ngày tiếp nhận.", "There is no such agency on the day of receipt."
        ) from error
    if DESK not in agency.roles:
        raise NotADesk("Cơ quan này không phải Bộ phận Một cửa.", "This agency is not a one-stop desk.")
    return agency


def in_charge(agencies: Agencies, desk: str, on: date) -> frozenset[str]:
    """Who acts for a receiving desk on a day: itself, and after a merger whoever carries on its work."""
    try:
        return frozenset({desk, agencies.successor(desk, on).code})
    except UnknownAgency:
        return frozenset({desk})


def above(agencies: Agencies, code: str, on: date) -> frozenset[str]:
    """The agencies above one, up to the province's committee: their leaders answer for its work."""
    found: set[str] = set()
    try:
        agency = agencies.successor(code, on)
        while agency.parent is not None and agency.parent not in found:
            found.add(agency.parent)
            agency = agencies.get(agency.parent, on)
    except UnknownAgency:
        return frozenset(found)
    return frozenset(found)


def desks_of(agencies: Agencies, own: str, on: date) -> frozenset[str]:
    """The desks whose dossiers an agency has in hand on a day: its own and those that were merged into it."""
    ended = {agency.code for agency in agencies.all() if DESK in agency.roles and not agency.valid_on(on)}
    return frozenset({own, *(code for code in ended if own in in_charge(agencies, code, on))})


def name_of(agencies: Agencies, code: str, on: date) -> str:
    """An agency's name on a day, its last name if it has ended, the code itself if nobody knows it."""
    for day in (on, None):
        try:
            return agencies.get(code, day).name
        except UnknownAgency:
            continue
    return code

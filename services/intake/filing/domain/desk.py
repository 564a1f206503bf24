"""One-stop desks (Bộ phận Một cửa): which agency may receive dossiers on a day."""

from __future__ import annotations

from datetime import date

from shared.agencies import Agencies, Agency, UnknownAgency

ONE_STOP_DESK = "one_stop_desk"


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
    """The one-stop desk of a code.

    Raises:
        NotADesk: there is no such agency on the day, or it is not a one-stop desk.
    """
    try:
        agency = agencies.get(code, on)
    except UnknownAgency as error:
        raise NotADesk(
            "Không có cơ quan này vào ngày tiếp nhận.", "There is no such agency on the day of receipt."
        ) from error
    if ONE_STOP_DESK not in agency.roles:
        raise NotADesk("Cơ quan này không phải Bộ phận Một cửa.", "This agency is not a one-stop desk.")
    return agency

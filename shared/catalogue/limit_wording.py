"""Reading the words in which a list of procedures publishes a time limit: same-day results, waits that do not count.

Only wording that is known is read; all other wording is handed back as it stands, for a person.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from shared.catalogue.text import normalise

WaitKind = Literal["posting", "tax"]

_CLAUSE_ENDS = re.compile(r"[;()]|\.(?!\d)")
_UNCOUNTED = re.compile(r"(không|chưa) (được )?(tính|kể|bao gồm|gồm)|ngoài thời gian|trừ thời gian", re.IGNORECASE)
_SAME_DAY = re.compile(
    r"\btrong (ngày|buổi)\b(?!( làm việc)?,? (tiếp theo|kế tiếp|hôm sau|liền kề|sau))"
    r"|\bngay sau khi (nhận|tiếp nhận|hồ sơ)|\b(giải quyết|trả kết quả) ngay\b",
    re.IGNORECASE,
)
_AFTER_HOUR = re.compile(r"\bsau 15( giờ|h|:00|g)\b.*\b(tiếp theo|kế tiếp|hôm sau|liền kề)\b", re.IGNORECASE)
_REMOTE = re.compile(r"vùng (khó khăn|sâu|xa)|hải đảo|biên giới|miền núi|đặc biệt khó khăn", re.IGNORECASE)
_ORDINARY_PLACE = re.compile(r"khu vực thường", re.IGNORECASE)
_DAYS = re.compile(
    r"((không quá|tối đa|thời hạn|trong|trong thời hạn) )?(?P<low>\d+)( ?[-–] ?(?P<high>\d+))? ngày( làm việc)?"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
_NUMBER_OF_DAYS = re.compile(r"(\d+) ngày", re.IGNORECASE)
_POSTING = re.compile(r"niêm yết|đăng tin|đăng báo|thông báo công khai", re.IGNORECASE)
_TAX = re.compile(r"nghĩa vụ tài chính|thuế", re.IGNORECASE)
_WORDS_OF_WAITS = re.compile(
    r"(không|chưa) (được )?(tính|kể|bao gồm|gồm)|ngoài|trừ|vào|thời gian|thời hạn|giải quyết|\d+ ngày"
    r"|niêm yết|đăng tin|đăng báo|thông báo|công khai|trên (phương tiện thông tin đại chúng|báo|đài)"
    r"|tại|(ủy ban nhân dân|ubnd)( cấp)?( xã)?|việc|mất|giấy chứng nhận|gcn"
    r"|xác định|thực hiện|nộp|cơ quan thuế|nghĩa vụ tài chính|thuế|người sử dụng đất|của|về|và|hoặc|các|để",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait that does not count against the limit.

    Attributes:
        kind: ``posting`` (niêm yết công khai), or ``tax``: the tax notice and its payment.
        days: calendar days that a posting lasts; None for ``tax``.
    """

    kind: WaitKind
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What the published wording of a limit says.

    Attributes:
        same_day: a result on the day of receipt ("trong ngày", "ngay sau khi nhận đủ hồ sơ", "trong buổi").
        one_day: some case has one working day, said as a number.
        uncounted: the clauses that say which time is not counted, as published.
        unread: clauses that were not understood, as published.
    """

    same_day: bool = False
    one_day: bool = False
    uncounted: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read_waits(text: str) -> tuple[Wait, ...] | None:
    """Return the waits that a text names, such as ``Niêm yết công khai 30 ngày``; None if it is not understood.

    A posting needs its number of days. A text with any word that says something else is not understood.
    """
    text = normalise(text)
    if any(char.isalnum() for char in _WORDS_OF_WAITS.sub(" ", text)):
        return None
    numbers = [int(number) for number in _NUMBER_OF_DAYS.findall(text)]
    posting = [Wait("posting", days) for days in numbers] if _POSTING.search(text) else []
    tax = [Wait("tax")] if _TAX.search(text) else []
    if len(numbers) > 1 or len(numbers) != len(posting) or not 0 < sum(numbers) + len(tax) <= 365:
        return None
    if _POSTING.search(text) and not posting:
        return None
    return (*posting, *tax)


def read_wording(text: str, days: Collection[int], remote_extra_days: Collection[int]) -> Wording:
    """Return what the published wording of a procedure's limits says.

    Args:
        text: the wording of all cases together; may be empty.
        days: the working days of the cases as the list gives them as numbers.
        remote_extra_days: those that the cases add in hard-to-reach areas.
    """
    same_day = one_day = False
    uncounted: list[str] = []
    unread: list[str] = []
    clauses = [clause.strip(" ,:–-") for clause in _CLAUSE_ENDS.split(normalise(text))]
    for clause in filter(None, clauses):
        found = _DAYS.fullmatch(clause)
        if _UNCOUNTED.search(clause):
            uncounted.append(clause)
        elif _AFTER_HOUR.search(clause):
            same_day = same_day or bool(_SAME_DAY.search(clause))
        elif _SAME_DAY.search(clause):
            same_day = True
            if _NUMBER_OF_DAYS.search(clause):
                unread.append(clause)
        elif _REMOTE.search(clause):
            if not any(remote_extra_days):
                unread.append(clause)
        elif found is not None and _says_a_limit(found, days, remote_extra_days):
            one_day = one_day or 1 in (int(found["low"]), int(found["high"] or 0))
        elif not _ORDINARY_PLACE.fullmatch(clause):
            unread.append(clause)
    return Wording(same_day, one_day, tuple(uncounted), tuple(unread))


def _says_a_limit(found: re.Match[str], days: Collection[int], remote_extra_days: Collection[int]) -> bool:
    """Whether a clause names one of the limits given as numbers (the longest of a range), and no further time."""
    most = int(found["high"] or found["low"])
    known = {number + extra for number in days for extra in (0, *remote_extra_days)}
    return most in known and not re.search(r"\d+ (ngày|giờ|tháng)", found["rest"], re.IGNORECASE)

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
_FILLER = (
    r"(không|chưa) (được )?(tính|kể|bao gồm|gồm)|ngoài|trừ|vào|thời gian|thời hạn|giải quyết|này|nêu trên|trên|đây"
    r"|của|về|và|hoặc|các|để|việc|là"
)
_DAYS_OFF = re.compile(r"ngày (nghỉ|lễ)", re.IGNORECASE)
_WORDS_OF_DAYS_OFF = re.compile(
    rf"{_FILLER}|ngày|nghỉ|lễ|tết|hàng tuần|hằng tuần|theo quy định|của pháp luật|pháp luật|thứ bảy|chủ nhật",
    re.IGNORECASE,
)
_WORDS_OF_WAITS = re.compile(
    rf"trên (phương tiện thông tin đại chúng|báo|đài)|{_FILLER}|\d+ ngày|niêm yết|đăng tin|đăng báo|thông báo|công khai"
    r"|tại|(ủy ban nhân dân|ubnd)( cấp)?( xã)?|mất|giấy chứng nhận|gcn"
    r"|xác định|thực hiện|nộp|cơ quan thuế|nghĩa vụ tài chính|thuế|người sử dụng đất",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[,;]?\s*(?:\bvà\s+)?(?=\bthời gian\b)", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Waits:
    """What a text says about waits that do not count.

    Attributes:
        known: the waits.
        unread: parts that were not understood, as published.
    """

    known: tuple[Wait, ...] = ()
    unread: tuple[str, ...] = ()


def read_waits(text: str) -> Waits:
    """Return the waits that a text names, such as ``Niêm yết công khai 30 ngày``; days off, which never count, are no waits.

    A posting needs its number of days. A part of the text, between one "thời gian" and the next, with any word that says
    something else is not understood.
    """
    text = normalise(text)
    whole = _waits(text)
    if whole is not None or not text:
        return Waits(whole or ())
    known: list[Wait] = []
    unread: list[str] = []
    for part in filter(None, (part.strip(" ,;:–-") for part in _PARTS.split(text))):
        found = _waits(part)
        if found is None and not _is_only(part, _WORDS_OF_DAYS_OFF):
            unread.append(part)
        known += found or ()
    kinds = [wait.kind for wait in known]
    if not known or len(set(kinds)) < len(kinds):
        return Waits((), (text,))
    return Waits(tuple(known), tuple(unread))


def _waits(text: str) -> tuple[Wait, ...] | None:
    """The waits of one part of a text; None if it is not understood or says nothing."""
    if _DAYS_OFF.search(text) and _is_only(text, _WORDS_OF_DAYS_OFF):
        return ()
    numbers = [int(number) for number in _NUMBER_OF_DAYS.findall(text)]
    posting = [Wait("posting", days) for days in numbers] if _POSTING.search(text) else []
    tax = [Wait("tax")] if _TAX.search(text) else []
    if not _is_only(text, _WORDS_OF_WAITS) or len(numbers) > 1 or len(numbers) != len(posting):
        return None
    if not 0 < sum(numbers) + len(tax) <= 365 or (_POSTING.search(text) and not sum(numbers)):
        return None
    return (*posting, *tax)


def _is_only(text: str, words: re.Pattern[str]) -> bool:
    return not any(char.isalnum() for char in words.sub(" ", text))


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

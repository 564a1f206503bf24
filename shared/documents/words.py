"""How Vietnamese papers write days, moments and amounts (NĐ 30/2020/NĐ-CP, appendix I)."""

from __future__ import annotations

from datetime import date, datetime

from shared.runtime.clock import VIETNAM

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_UNITS = ("", "nghìn", "triệu")
_BILLION = 10**9


def day_in_words(day: date) -> str:
    """A day as papers write it: ngày 05 tháng 01 năm 2026. Days below 10 and the months 1 and 2 get a zero."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def moment_in_words(moment: datetime) -> str:
    """A moment as the forms write it: 08 giờ 15 phút, ngày 20 tháng 11 năm 2025."""
    local = moment.astimezone(VIETNAM)
    return f"{local:%H} giờ {local:%M} phút, {day_in_words(local.date())}"


def dong(amount: int) -> str:
    """An amount as papers write it: 1.250.000 đồng."""
    return f"{amount:,}".replace(",", ".") + "\u00a0đồng"


def dong_in_words(amount: int) -> str:
    """An amount in words, as receipts require: Một triệu hai trăm năm mươi nghìn đồng.

    Args:
        amount: VND, not negative.

    Raises:
        ValueError: the amount is negative.
    """
    if amount < 0:
        raise ValueError(f"no negative amounts: {amount}")
    words = " ".join(_number(amount))
    return f"{words[0].upper()}{words[1:]} đồng"


def number_in_words(value: int) -> str:
    """A whole number, not negative, as it is spoken: mười hai."""
    return " ".join(_number(value))


def digits_in_words(text: str) -> str:
    """A number read out sign by sign, as numbers of tickets are: A012 is A không một hai."""
    return " ".join(_DIGITS[int(sign)] if sign.isascii() and sign.isdigit() else sign for sign in text)


def _number(value: int) -> list[str]:
    if value == 0:
        return [_DIGITS[0]]
    billions, rest = divmod(value, _BILLION)
    words = [*_number(billions), "tỷ"] if billions else []
    for place in (2, 1, 0):
        group, rest = divmod(rest, 1000**place)
        if group:
            words += _group(group, full=bool(words))
            words += [_UNITS[place]] if place else []
    return words


def _group(value: int, full: bool) -> list[str]:
    """A number below 1000; `full`: others stand before it, so that its hundreds are read although they are none."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0:
        return words + (["linh"] if words and ones else []) + ([_DIGITS[ones]] if ones else [])
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones == 1 and tens > 1:
        return [*words, "mốt"]
    if ones == 5:
        return [*words, "lăm"]
    return words + ([_DIGITS[ones]] if ones else [])

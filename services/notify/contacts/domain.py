"""Phone numbers: which can receive an SMS, in which form they are kept, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SEPARATORS = re.compile(r"[\s.\-()/]+")
_COUNTRY = re.compile(r"^(?:\+|00)84")
_COUNTRY_WITHOUT_PLUS = re.compile(r"^84(?=[1-9]\d{8,9}$)")


class NotMobile(ValueError):
    """The text is not a number that an SMS can be sent to; the message says why, without the number."""


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """The mobile part of the national numbering plan, as data.

    Attributes:
        prefixes: how a mobile number begins, trunk prefix 0 included.
        digits: how long it is, trunk prefix included.
        retired: the beginning of a number of the old, longer form → its beginning in today's form.
    """

    prefixes: tuple[str, ...]
    digits: int
    retired: Mapping[str, str] = field(hash=False)


def mobile_number(text: str, plan: NumberingPlan) -> str:
    """The number in the one form that is kept and sent to: ``0912345678``.

    Separators and the country code (+84, 0084, 84) are dropped, and a number of a retired form is given its present one.

    Args:
        text: as somebody typed it; spaces, dots, hyphens and brackets may separate the digits.
        plan: the numbering plan.

    Raises:
        NotMobile: empty, not a number, or a number that takes no SMS.
    """
    digits = _SEPARATORS.sub("", text)
    if not digits:
        raise NotMobile("no phone number")
    digits = _COUNTRY_WITHOUT_PLUS.sub("0", _COUNTRY.sub("0", digits))
    if digits.startswith("00"):  # written +84(0)912…
        digits = digits[1:]
    if not digits.isascii() or not digits.isdigit():
        raise NotMobile("not a phone number")
    digits = _modern(digits, plan)
    if len(digits) != plan.digits or not digits.startswith(plan.prefixes):
        raise NotMobile("not a mobile number")
    return digits


def _modern(digits: str, plan: NumberingPlan) -> str:
    for old, new in plan.retired.items():
        if digits.startswith(old) and len(digits) - len(old) + len(new) == plan.digits:
            return new + digits[len(old) :]
    return digits


def masked(phone: str) -> str:
    """How a number is shown to staff: enough to tell two numbers of a family apart, not enough to call.

    Args:
        phone: as :func:`mobile_number` returns it.
    """
    return f"{phone[:2]}xx xxx {phone[-3:]}"

"""Phone numbers: which can receive an SMS, how they are normalised, and how they are masked for staff."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SEPARATORS = re.compile(r"[\s.\-()/]+")
_COUNTRY = re.compile(r"^(?:\+|00)84")
_COUNTRY_WITHOUT_PLUS = re.compile(r"^84(?=[1-9]\d{8,9}$)")


class NotMobile(ValueError):
    """No SMS can be sent to this number; the error text says why, without the number."""


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """The mobile part of the national numbering plan.

    Attributes:
        prefixes: first digits of mobile numbers, with the trunk prefix 0.
        digits: length of a mobile number, with the trunk prefix.
        retired: prefix of an old, longer number → the prefix that replaced it.
    """

    prefixes: tuple[str, ...]
    digits: int
    retired: Mapping[str, str] = field(hash=False)


def mobile_number(text: str, plan: NumberingPlan) -> str:
    """Normalises a mobile number to ``0912345678``.

    Removes separators and the country code (+84, 0084, 84), and replaces a retired prefix.

    Args:
        text: as typed; spaces, dots, hyphens and brackets may separate the digits.
        plan: the numbering plan.

    Raises:
        NotMobile: the text is empty, not a number, or not a mobile number.
    """
    digits = _SEPARATORS.sub("", text)
    if not digits:
        raise NotMobile("no phone number")
    digits = _COUNTRY_WITHOUT_PLUS.sub("0", _COUNTRY.sub("0", digits))
    if digits.startswith("00"):  # written +84(0)912…
        digits = digits[1:]
    if not digits.isascii() or not digits.isdigit():
        raise NotMobile("not a phone number")
    digits = _replace_retired_prefix(digits, plan)
    if len(digits) != plan.digits or not digits.startswith(plan.prefixes):
        raise NotMobile("not a mobile number")
    return digits


def _replace_retired_prefix(digits: str, plan: NumberingPlan) -> str:
    for old, new in plan.retired.items():
        if digits.startswith(old) and len(digits) - len(old) + len(new) == plan.digits:
            return new + digits[len(old) :]
    return digits


def mask_phone(phone: str) -> str:
    """A number as staff see it: enough to tell two numbers of a family apart, not enough to call.

    Args:
        phone: normalised by :func:`mobile_number`.
    """
    return f"{phone[:2]}xx xxx {phone[-3:]}"

"""Reads a telephone number as people write it, Vietnamese or foreign.

Vietnamese numbers are read by the numbering plan of :mod:`.numbering`, which knows the change of 2018 from 11 to 10 digits; numbers of
other countries by the library phonenumbers (Google's libphonenumber). The library is imported at the first foreign number only: it
takes 0.1 s and 4 MB, and nearly no filing needs it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.phones.numbering import numbering_plan
from shared.text import clean_code

_SIGNS = re.compile(r"\(?\+?[0-9()./-]*")
_SEPARATORS = re.compile(r"[()./-]+")
_COUNTRY = re.compile(r"^(?:\+|00)84")
_COUNTRY_WITHOUT_PLUS = re.compile(r"^84(?=0?[1-9][0-9]{8,9}$)")
_ABROAD = re.compile(r"(?:\+|00)(?=[1-9])")


class PhoneKind(StrEnum):
    """What a number belongs to."""

    MOBILE = "mobile"
    FIXED = "fixed"
    FOREIGN = "foreign"


class NotAPhone(ValueError):
    """The text is no telephone number; the error text says why, without the number."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number.

    Attributes:
        number: national form (``0912345678``), or ``+`` and country code for a foreign one (``+8613812345678``, ITU-T E.164).
        kind: of which kind.
    """

    number: str
    kind: PhoneKind

    @property
    def gets_sms(self) -> bool:
        """Whether the platform can send an SMS to it: only to Vietnamese mobile numbers."""
        return self.kind is PhoneKind.MOBILE


def parse_phone(text: str) -> Phone:
    """Reads a telephone number.

    Spaces, dots, hyphens, slashes and brackets may separate the digits; full-width digits and invisible signs do no harm. ``+84``,
    ``0084`` and ``84`` are the trunk prefix 0, which a mobile number may also lack.

    Args:
        text: as typed.

    Raises:
        NotAPhone: the text is empty, no number, or a number that does not exist.
    """
    plan = numbering_plan()
    typed = clean_code(text)
    digits = _SEPARATORS.sub("", typed)
    if not digits:
        raise NotAPhone("no phone number")
    if not _SIGNS.fullmatch(typed):
        raise NotAPhone("not a phone number")
    if plan.mobile.fullmatch(digits):  # nearly all are typed so
        return Phone(digits, PhoneKind.MOBILE)
    national = _COUNTRY_WITHOUT_PLUS.sub("0", _COUNTRY.sub("0", digits, count=1), count=1)
    if national != digits and national.startswith("00"):  # written +84 (0)912…
        national = national[1:]
    if _ABROAD.match(national):
        return _foreign(national)
    national = plan.renewed(national)
    for candidate in (national, f"0{national}"):
        if plan.mobile.fullmatch(candidate):
            return Phone(candidate, PhoneKind.MOBILE)
    if plan.is_fixed(national):
        return Phone(national, PhoneKind.FIXED)
    raise NotAPhone("not a phone number of Vietnam")


def is_mobile(phone: str) -> bool:
    """Whether a number in national form is a mobile number, which can receive SMS."""
    return numbering_plan().mobile.fullmatch(phone) is not None


def _foreign(digits: str) -> Phone:
    import phonenumbers  # takes 0.1 s, see above

    try:
        found = phonenumbers.parse(_ABROAD.sub("+", digits))
    except phonenumbers.NumberParseException as error:
        raise NotAPhone("not a phone number") from error
    if not phonenumbers.is_valid_number(found):
        raise NotAPhone("not a phone number of its country")
    return Phone(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164), PhoneKind.FOREIGN)

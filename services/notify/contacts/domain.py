"""Which telephone numbers can receive an SMS, and how they are masked for staff."""

from __future__ import annotations

from shared.phones import NotAPhone, PhoneKind, parse_phone


class NotMobile(ValueError):
    """No SMS can be sent to this number; the error text says why, without the number."""


_REASONS = {PhoneKind.FIXED: "not a mobile number", PhoneKind.FOREIGN: "a foreign number"}


def mobile_number(text: str) -> str:
    """The mobile number in national form, ``0912345678``.

    Args:
        text: as the citizen gave it.

    Raises:
        NotMobile: it is empty, not a number, a fixed line, or a number of another country.
    """
    try:
        phone = parse_phone(text)
    except NotAPhone as error:
        raise NotMobile(str(error)) from error
    if not phone.gets_sms:
        raise NotMobile(_REASONS[phone.kind])
    return phone.number


def mask_phone(phone: str) -> str:
    """A number as staff see it: enough to tell two numbers of a family apart, not enough to call.

    Args:
        phone: normalised by :func:`mobile_number`.
    """
    return f"{phone[:2]}xx xxx {phone[-3:]}"

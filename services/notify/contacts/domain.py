"""By which addresses a citizen can be reached, and how these are masked for staff."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from services.notify.channels.domain import Channel
from shared.phones import NotAPhone, PhoneKind, parse_phone


class NotReachable(ValueError):
    """Nothing can be sent to this address; the error text says why, without the address."""


class NotMobile(NotReachable):
    """No SMS can be sent to this number; the error text says why, without the number."""


_REASONS = {PhoneKind.FIXED: "not a mobile number", PhoneKind.FOREIGN: "a foreign number"}
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]+@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]+")


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the applicant of a dossier.

    Attributes:
        dossier: the dossier's code.
        name: of the applicant.
        phone: as the citizen gave it; may be empty.
        email: as the citizen gave it; may be empty.
        registered_at: business time, as the event has it: it tells whether a registration is the same one.
        language: ``vi`` or ``en``.
        channels: that the citizen prefers, the best first, with commas between them; empty for the usual order.
        chat_user: the citizen's id in the chat service; may be empty.
        address: postal, on one line; may be empty.
        stopped_sms: whether the citizen wants no SMS.
    """

    dossier: str
    name: str
    phone: str
    email: str
    registered_at: datetime
    language: str = "vi"
    channels: str = ""
    chat_user: str = ""
    address: str = ""
    stopped_sms: bool = False

    def given(self, channel: Channel) -> str:
        """What the citizen gave for a channel; may be empty."""
        return {
            Channel.SMS: self.phone,
            Channel.EMAIL: self.email,
            Channel.CHAT: self.chat_user,
            Channel.LETTER: self.address,
        }[channel]

    def reached_at(self, channel: Channel) -> str:
        """The address to which a channel sends.

        Raises:
            NotReachable: there is none, or it cannot be used.
        """
        given = self.given(channel)
        if channel is Channel.SMS:
            if self.stopped_sms:
                raise NotReachable("the citizen has stopped SMS")
            return mobile_number(given)
        if not given.strip():
            raise NotReachable(f"no {_NAMES[channel]}")
        if channel is Channel.EMAIL and not _EMAIL.fullmatch(given):
            raise NotReachable("not an e-mail address")
        return given


_NAMES = {Channel.EMAIL: "e-mail address", Channel.CHAT: "chat user", Channel.LETTER: "postal address"}


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


def mask_address(channel: str, address: str) -> str:
    """An address of any channel as staff see it.

    Args:
        channel: of which.
        address: as sent to.
    """
    if channel == Channel.SMS:
        return mask_phone(address)
    if channel == Channel.EMAIL:
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}***@{domain}"
    if channel == Channel.LETTER:
        return "***, " + address.rpartition(",")[2].strip()
    return f"***{address[-3:]}"

"""The envelope sender of an e-mail (VERP): each has its own, so that a bounce says which e-mail it is about, whatever the report says.

``bounce+<delivery>.<code>@domain``, where the code is an HMAC that only the platform can make: whoever invents a bounce must know it.
It also covers the provider's name, so that the address says through which one the e-mail went.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.notify.channels.email.address import EmailAddress
from shared.runtime.data_keys import DataKeys

PURPOSE = "email.bounce"
CODE_CHARACTERS = 16
"""64 bits, and a local part of 60 characters: RFC 5321 allows 64."""
_TOKEN = re.compile(rf"([A-Za-z0-9-]{{1,40}})\.([0-9a-f]{{{CODE_CHARACTERS}}})")


@dataclass(frozen=True, slots=True)
class BouncedDelivery:
    """The delivery that a genuine bounce address names.

    Attributes:
        delivery: its id.
        provider: the name of the provider through which it went.
    """

    delivery: str
    provider: str


def bounce_token(keys: DataKeys, provider: str, delivery: str) -> str:
    """The part of a bounce address after the ``+``; also the envelope's identity in a request for reports (ENVID, RFC 3461).

    Args:
        keys: those of personal data.
        provider: the provider's name in the configuration.
        delivery: the delivery's id.
    """
    return f"{delivery}.{keys.token(_word(provider, delivery), PURPOSE)[:CODE_CHARACTERS]}"


def bounce_address(keys: DataKeys, provider: str, delivery: str, mailbox: EmailAddress) -> EmailAddress:
    """The envelope sender of a delivery.

    Args:
        keys: those of personal data.
        provider: the provider's name in the configuration.
        delivery: the delivery's id.
        mailbox: where bounces arrive; its mail server must ignore what follows a ``+``.
    """
    return EmailAddress(f"{mailbox.local}+{bounce_token(keys, provider, delivery)}", mailbox.domain)


def find_delivery(keys: DataKeys, providers: Iterable[str], text: str) -> BouncedDelivery | None:
    """The delivery that a genuine token in a text names; None if there is none.

    Args:
        keys: those of personal data; a token made with any of them is genuine.
        providers: the names of all providers of e-mail.
        text: an address, or a header with addresses. Mail servers may have changed the case of letters.
    """
    names = tuple(providers)
    for delivery, code in _TOKEN.findall(text.lower()):
        for provider in names:
            made = keys.tokens(_word(provider, delivery), PURPOSE)
            if any(hmac.compare_digest(token[:CODE_CHARACTERS], code) for token in made):
                return BouncedDelivery(delivery, provider)
    return None


def _word(provider: str, delivery: str) -> str:
    return f"{provider}\n{delivery}"

"""Enhanced mail status codes (RFC 3463) in words. Only these are stored and shown: the server's own text often repeats the address."""

from __future__ import annotations

import re

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_DETAILS = {
    "1.1": "no such mailbox",
    "1.2": "no such domain",
    "1.3": "not a valid address",
    "1.6": "the mailbox has moved",
    "1.10": "the domain takes no mail",
    "2.1": "the mailbox is disabled",
    "2.2": "the mailbox is full",
    "2.3": "too long for the mailbox",
    "3.4": "too long for the server",
    "4.1": "the recipient's server does not answer",
    "4.4": "no route to the domain",
    "4.7": "it could not be delivered in time",
    "5.3": "too many recipients",
    "7.1": "refused by a rule of the recipient's server",
}
_SUBJECTS = {
    "1": "the address is refused",
    "2": "the mailbox takes no mail",
    "3": "the recipient's server cannot take it",
    "4": "it could not be carried to the recipient's server",
    "5": "the servers do not understand each other",
    "6": "the content cannot be delivered",
    "7": "refused by a rule of the recipient's server",
}


def status_of(text: str) -> str:
    """The first enhanced status code in a text, such as ``5.1.1``; empty if there is none."""
    found = STATUS.search(text)
    return found[0] if found else ""


def in_words(status: str) -> str:
    """What a status code means; empty if it says nothing.

    Args:
        status: such as ``5.1.1``; may be empty.
    """
    _, _, detail = status.partition(".")
    return _DETAILS.get(detail) or _SUBJECTS.get(detail.partition(".")[0], "")

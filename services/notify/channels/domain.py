"""The channels by which a message reaches a citizen."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach a citizen."""

    CHAT = "chat"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


CHANNELS = frozenset(Channel)
"""All channels; holds their names too."""


class ReceiptStatus(StrEnum):
    """What a receipt reports."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"

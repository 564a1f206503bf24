"""What people call the states, channels and reasons of messages, and what a message costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.notify.channels.domain import Channel
from services.notify.delivery.states import State

CHANNEL_LABELS: Mapping[str, tuple[str, str]] = {
    Channel.CHAT: ("Trò chuyện", "Chat"),
    Channel.SMS: ("SMS", "SMS"),
    Channel.EMAIL: ("Thư điện tử", "E-mail"),
    Channel.LETTER: ("Thư qua bưu chính", "Letter"),
}
STATE_LABELS: Mapping[str, tuple[str, str]] = {
    State.QUEUED: ("Chờ gửi", "Waiting"),
    State.SENDING: ("Đang gửi", "Being sent"),
    State.SENT: ("Đã gửi", "Sent"),
    State.DELIVERED: ("Đã đến", "Arrived"),
    State.RETRYING: ("Chờ gửi lại", "To be tried again"),
    State.FAILED: ("Không gửi được", "Failed"),
    State.SKIPPED: ("Không gửi", "Not sent"),
    State.RETURNED: ("Bị trả lại", "Returned"),
}
BADGES: Mapping[str, str] = {
    State.QUEUED: "waiting",
    State.SENDING: "busy",
    State.SENT: "good",
    State.DELIVERED: "good",
    State.RETRYING: "waiting",
    State.FAILED: "late",
    State.SKIPPED: "plain",
    State.RETURNED: "late",
}
RESENDABLE = frozenset({State.FAILED, State.SKIPPED, State.RETURNED})
"""States from which staff may send once more."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What messages cost, in đồng.

    Attributes:
        valid_from: the first day.
        by_channel: of one SMS segment, and of one message of any other channel.
        by_provider: of the providers whose contract has a price of its own; by name.
    """

    valid_from: date
    by_channel: Mapping[str, int]
    by_provider: Mapping[str, int] = field(default_factory=dict)

    def cost(self, channel: str, segments: int, provider: str) -> int:
        """The cost of so many segments or messages that a provider has taken, in đồng."""
        return self.by_provider.get(provider, self.by_channel.get(channel, 0)) * segments

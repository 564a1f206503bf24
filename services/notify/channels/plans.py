"""The plans of channels: by which a message is tried first, and when the next one has its turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notify.channels.domain import CHANNELS, Channel


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """How messages of one kind reach a citizen.

    Attributes:
        channels: in the order in which they are tried, until one succeeds.
        also: channels that are used in any case, such as the letter of an apology.
        waits: business time without a receipt after which the next channel is tried; a channel that is not here never ends by waiting.
    """

    channels: tuple[Channel, ...]
    also: tuple[Channel, ...]
    waits: Mapping[Channel, timedelta]

    @property
    def used(self) -> frozenset[Channel]:
        """All channels that a message of this kind may use."""
        return frozenset((*self.channels, *self.also))

    def ordered(self, preferred: Iterable[Channel]) -> tuple[Channel, ...]:
        """The channels to try, those that the citizen prefers first."""
        first = [channel for channel in dict.fromkeys(preferred) if channel in self.channels]
        return (*first, *(channel for channel in self.channels if channel not in first))


@dataclass(frozen=True, slots=True)
class ChannelPlans:
    """The plans of all kinds of messages."""

    default: ChannelPlan
    by_kind: Mapping[str, ChannelPlan]

    def of(self, kind: str) -> ChannelPlan:
        """The plan of a kind of message."""
        return self.by_kind.get(kind, self.default)


def channels_in_text(text: str) -> tuple[Channel, ...]:
    """Channels as a column or a form holds them, with commas between them; names that are no channel are left out."""
    return tuple(Channel(name) for name in text.split(",") if name in CHANNELS)


def text_of_channels(channels: Sequence[Channel]) -> str:
    """Channels as a column holds them."""
    return ",".join(channels)

"""What an SMS costs through each provider: whether to remove diacritics is a decision about money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.notify.channels.config.model import ProviderSettings
from services.notify.channels.domain import Channel
from services.notify.channels.sms_segments import count_segments


@dataclass(frozen=True, slots=True)
class SmsCost:
    """The cost of a text through one provider.

    Attributes:
        provider: its name.
        segments: how many are paid for.
        cost: đồng.
    """

    provider: str
    segments: int
    cost: int


def sms_costs(text: str, providers: Iterable[ProviderSettings]) -> Sequence[SmsCost]:
    """What a text costs through each provider of SMS, the cheapest first.

    Args:
        text: as it is sent: folded or not.
        providers: of all channels.
    """
    segments = count_segments(text).count
    costs = [SmsCost(one.name, segments, segments * one.price) for one in providers if one.channel is Channel.SMS]
    return sorted(costs, key=lambda one: (one.cost, one.provider))

"""Which visitor of its counter a device shows and asks. Pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.rating.devices.rules import DeviceRules
from services.rating.officials.domain import Visit


@dataclass(frozen=True, slots=True)
class Turn:
    """What a device shows of its counter.

    Attributes:
        visit: by which a rating names it.
        number: of the ticket, as called.
        asks: whether the visitor was served, and may rate; otherwise they are at the counter.
    """

    visit: str
    number: str
    asks: bool


def turn_of(visits: Sequence[Visit], now: datetime, rules: DeviceRules) -> Turn | None:
    """The visitor whom a device shows: who was served and has not rated, or who is at the counter; None for nobody.

    A clerk mostly ends a visit by calling the next number, so the visitor before is still asked for a moment.

    Args:
        visits: of the counter, the newest call first.
        now: business time.
        rules: how long visitors are asked.
    """
    for place, visit in enumerate(visits):
        patience = rules.still_ask_for if place else rules.ask_for
        if visit.served_at is not None and visit.rated_at is None and now - visit.served_at <= patience:
            return Turn(visit.ticket_hash, visit.number or "", asks=True)
    last = visits[0] if visits else None
    if last is None or last.served_at is not None or last.rated_at is not None:
        return None
    return Turn(last.ticket_hash, last.number or "", asks=False)

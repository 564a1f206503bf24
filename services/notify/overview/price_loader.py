"""Reads the prices of messages from ``data/prices.json``: they follow from the centre's contracts, and are a change of data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from services.notify.channels.domain import Channel
from services.notify.channels.providers import configured_providers
from services.notify.overview.domain import Prices
from shared.data_files import Record
from shared.data_files.dated_rules import in_force, read_rules

PRICES_FILE = Path(__file__).parent.parent / "data" / "prices.json"


@cache
def all_prices() -> tuple[Prices, ...]:
    """All prices, the newest first.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return read_rules(PRICES_FILE, _prices)


def prices_on(day: date) -> Prices:
    """The prices in force on a day; the provider file has those of single providers.

    Raises:
        shared.data_files.DataError: with every fault of a file.
    """
    own = {one.name: one.price for one in configured_providers() if one.price is not None}
    return replace(in_force(all_prices(), day), by_provider=own)


def segment_price(day: date) -> int:
    """What a segment of an SMS costs at most, đồng: by the dearest provider, or the common price."""
    own = [one.price for one in configured_providers() if one.channel is Channel.SMS and one.price is not None]
    return max(own, default=prices_on(day).by_channel[Channel.SMS])


def _prices(record: Record) -> Prices:
    record.optional_text("source")
    since = record.day("valid_from")
    prices = {str(channel): record.integer(channel, 0) for channel in Channel}
    record.done()
    return Prices(since, prices)

"""Reads the plans of channels from ``data/channel_plans.json``. Another order, or another wait, is a change of data."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

from services.notify.channels.domain import CHANNELS, Channel
from services.notify.channels.plans import ChannelPlan, ChannelPlans
from shared.data_files import Record, read_record

CHANNEL_PLANS_FILE = Path(__file__).parent.parent / "data" / "channel_plans.json"


@cache
def channel_plans() -> ChannelPlans:
    """The plans in force.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return parse_plans(read_record(CHANNEL_PLANS_FILE))


def parse_plans(record: Record) -> ChannelPlans:
    """The plans of a data file.

    Args:
        record: ``default`` and ``kinds`` (a list with ``kinds`` each), of ``channels``, ``also`` and ``wait_minutes``.

    Raises:
        shared.data_files.DataError: with every fault: an unknown channel, a wait that is not a number of minutes, a kind named twice.
    """
    for remark in ("note", "source"):
        record.optional_text(remark)
    record.integer("version", 1)
    record.text("valid_from", pattern=r"\d{4}-\d{2}-\d{2}", like="a day")
    default = _plan(record.record("default"))
    by_kind: dict[str, ChannelPlan] = {}
    for entry in record.records("kinds"):
        names = entry.texts("kinds", at_least=1)
        plan = _plan(entry, default)
        for name in names:
            if name in by_kind:
                entry.fault("kinds", f"{name} has two plans")
            by_kind[name] = plan
    record.done()
    record.raise_faults()
    return ChannelPlans(default, by_kind)


def _plan(record: Record, default: ChannelPlan | None = None) -> ChannelPlan:
    record.optional_text("reason")
    channels = record.texts("channels", choices=list(Channel), at_least=1)
    also = record.texts("also", choices=list(Channel))
    waits = dict(default.waits) if default else {}
    for channel in Channel:
        name = f"wait_minutes_{channel}"
        if record.raw(name) is not None:
            waits[channel] = timedelta(minutes=record.integer(name, 1))
    if twice := set(channels) & set(also):
        record.fault("also", f"{', '.join(sorted(twice))} is among the channels already")
    record.done()
    in_order = tuple(Channel(name) for name in channels if name in CHANNELS)
    return ChannelPlan(in_order, tuple(Channel(name) for name in also if name in CHANNELS), waits)

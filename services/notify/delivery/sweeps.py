"""The sweeps of notify's worker: one sender for each channel, and the turn of the next channel."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.notify.channels.domain import Channel
from services.notify.channels.health.commands import attend_providers
from services.notify.channels.pool.metrics import withdraw_health
from services.notify.channels.providers import providers_of
from services.notify.delivery.commands import Sender
from services.notify.delivery.due_metrics import show_due, withdraw_due
from services.notify.delivery.progress import hint_of, run_fallbacks
from services.notify.delivery.quiet_hours import quiet_hours
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

EVERY = timedelta(seconds=5)


def close_provider(context: Context, channel: Channel) -> None:
    """Ends the connections of a channel's provider, when its sender ends."""
    provider = providers_of(context).get(channel)
    if provider is not None:
        provider.close()


def send_due(context: Context, channel: Channel) -> int:
    """Sends one batch of a channel's due deliveries; returns how many.

    Args:
        context: of notify.
        channel: which one.
    """
    settings = context.settings
    sender = Sender(
        context.store,
        channel,
        providers_of(context).get(channel),
        settings.public_url,
        quiet_hours=quiet_hours() if settings.quiet_hours else None,
        lease_seconds=settings.lease_seconds,
    )
    return sender.send_batch()


def take_next_channels(context: Context) -> int:
    """Starts the next channel where a receipt has not come in time; returns for how many deliveries."""
    return context.store.run(run_fallbacks)


def attend(context: Context) -> int:
    """Keeps the providers' sessions bound, and writes down how they do; returns how many early receipts of parts were applied."""
    return attend_providers(context.store, providers_of(context).values())


def measure_due(context: Context) -> int:
    """Shows since when deliveries have been due; there is never more to do at once."""
    show_due(context.store)
    return 0


def sender_of(channel: Channel) -> Sweep:
    """The sweep that sends the deliveries of a channel, in a thread of its own: a slow one never delays another."""
    return Sweep(
        f"send {channel}",
        EVERY,
        partial(send_due, channel=channel),
        hint_of(channel),
        close=partial(close_provider, channel=channel),
    )


SWEEPS = (
    *map(sender_of, Channel),
    Sweep("next channel", EVERY, take_next_channels),
    Sweep("providers", EVERY, attend, withdraw=withdraw_health),
    Sweep("due deliveries", EVERY, measure_due, withdraw=withdraw_due),
)

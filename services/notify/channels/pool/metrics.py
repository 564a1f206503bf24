"""Metrics of providers: what became of deliveries, and how their circuit breakers stand. No label holds a person or a dossier."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Gauge

from services.notify.channels.domain import Channel
from services.notify.channels.pool.member import OUTCOMES, ProviderHealth
from services.notify.channels.port import Outcome
from shared.observability.metrics import MeasuredGauges, counter, gauge, start_at_zero

SERVICE = "notify"
_measured = MeasuredGauges()

outcomes = counter(
    "motcua_notify_provider_outcomes", "Attempts to hand a delivery to a provider.", "channel", "provider", "outcome"
)
share = gauge(
    "motcua_notify_provider_share",
    "The part of its weight that a provider gets: 1 in full, 0 while its circuit breaker is open.",
    "channel",
    "provider",
)
waits = gauge(
    "motcua_notify_provider_waits_seconds", "For how long a provider gets nothing from now on.", "channel", "provider"
)


def known(channel: Channel, provider: str) -> None:
    """Shows the counters of a provider before its first delivery."""
    start_at_zero(outcomes, SERVICE, [channel], [provider], OUTCOMES.values())


def count_outcome(channel: Channel, provider: str, outcome: Outcome) -> None:
    """Counts one attempt."""
    outcomes.labels(SERVICE, channel, provider, OUTCOMES[type(outcome)]).inc()


def show_health(rows: Iterable[ProviderHealth]) -> None:
    """Shows how the providers stand; only the process that sends knows it."""
    values: dict[tuple[Gauge, tuple[str, ...]], float] = {}
    for row in rows:
        values[share, (SERVICE, row.channel, row.name)] = row.share
        values[waits, (SERVICE, row.channel, row.name)] = row.waits_seconds
    _measured.show(values)


def withdraw_health() -> None:
    """Shows nothing any more: another process sends."""
    _measured.withdraw()

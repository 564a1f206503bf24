"""Shows since when deliveries of each channel have been due and not sent, urgent ones apart: for alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import Gauge
from sqlalchemy import Connection, bindparam, select

from services.notify.channels.domain import Channel
from services.notify.delivery.states import PENDING
from services.notify.delivery.store import deliveries
from shared.observability.metrics import MeasuredGauges, gauge
from shared.persistence.store import Store

oldest_due_at = gauge(
    "motcua_notify_deliveries_oldest_due_timestamp_seconds",
    "Since when the delivery has been due that has waited longest; 0 when none is due.",
    "channel",
    "urgency",
)
URGENCIES = {True: "urgent", False: "normal"}
_measured = MeasuredGauges()
_EARLIEST = (
    select(deliveries.c.due_at)
    .where(
        deliveries.c.channel == bindparam("channel"),
        deliveries.c.state == bindparam("state"),
        deliveries.c.urgent == bindparam("urgent"),
        deliveries.c.due_at <= bindparam("at"),
    )
    .order_by(deliveries.c.due_at)
    .limit(1)
)
"""One step in the index, however many wait."""


def oldest_due(connection: Connection, at: datetime) -> Mapping[tuple[Channel, bool], datetime | None]:
    """When the delivery became due that has waited longest, by channel and urgency; None where none is due.

    One that a live worker holds, or that waits for its next attempt or for the end of the quiet hours, is not due.

    Args:
        connection: of the store.
        at: real time.
    """
    found = {}
    for channel in Channel:
        for urgent in URGENCIES:
            where = {"channel": channel, "urgent": urgent, "at": at}
            due = (connection.execute(_EARLIEST, where | {"state": state}).scalar() for state in sorted(PENDING))
            found[channel, urgent] = min((moment for moment in due if moment is not None), default=None)
    return found


def show_due(store: Store) -> None:
    """Measures the gauges; the process that sends does it."""
    with store.read() as connection:
        found = oldest_due(connection, store.clock.wall())
    values: dict[tuple[Gauge, tuple[str, ...]], float] = {
        (oldest_due_at, (store.service, channel, URGENCIES[urgent])): moment.timestamp() if moment else 0.0
        for (channel, urgent), moment in found.items()
    }
    _measured.show(values)


def withdraw_due() -> None:
    """Shows nothing any more: another process sends."""
    _measured.withdraw()

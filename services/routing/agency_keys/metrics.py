"""Metrics about agencies' own software: when its keys end, and what waits for it at the broker."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge

from services.routing.agency_keys import store
from services.routing.agency_keys.domain import relied_on
from services.routing.plugins import store as plugins
from shared.messaging.entities import agency_dead_letter_queue
from shared.messaging.sender_identity import agency_name
from shared.messaging.transports import open_bus
from shared.observability.metrics import (
    MeasuredGauges,
    agency_dead_letters,
    agency_key_seconds_left,
    agency_queue_messages,
)
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

Values = dict[tuple[Gauge, tuple[str, ...]], float]


class KeyGauge:
    """Shows how long each agency's key lasts."""

    def __init__(self) -> None:
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Reads the keys; returns 0, since it changes no row."""
        now = context.clock.wall()
        with context.store.read() as connection:
            found = [relied_on(keys) for keys in store.not_revoked(connection).values()]
        values: Values = {
            (agency_key_seconds_left, (context.service, key.agency)): (key.expires_at - now).total_seconds()
            for key in found
            if key is not None
        }
        self._gauges.show(values)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process looks, or none can."""
        self._gauges.withdraw()


class QueueGauges:
    """Shows how many messages wait for each agency's own software, and how many it has rejected; nothing without a broker."""

    def __init__(self) -> None:
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Asks the broker; returns 0, since it changes no row.

        Raises:
            shared.messaging.port.BusUnavailable: the broker cannot be reached.
        """
        if context.settings.embedded_bus:
            return 0
        with context.store.read() as connection:
            codes = sorted(plugins.all_plugged_in(connection))
        asked = [
            (gauge, code, queue)
            for code in codes
            for gauge, queue in (
                (agency_queue_messages, agency_name(code)),
                (agency_dead_letters, agency_dead_letter_queue(code).name),
            )
        ]
        depths = open_bus(context.settings.bus_url, f"{context.service} agencies").depths(
            [queue for *_, queue in asked]
        )
        values: Values = {
            (gauge, (context.service, code)): depth for (gauge, code, _), depth in zip(asked, depths, strict=True)
        }
        self._gauges.show(values)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process asks, or the broker does not answer."""
        self._gauges.withdraw()


_keys, _queues = KeyGauge(), QueueGauges()
AGENCY_KEYS = Sweep("ends of keys", timedelta(minutes=1), _keys.update, withdraw=_keys.withdraw)
AGENCY_QUEUES = Sweep("queues of agencies", timedelta(minutes=1), _queues.update, withdraw=_queues.withdraw)

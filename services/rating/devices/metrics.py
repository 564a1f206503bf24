"""How many devices each desk has, how many of them are silent, and what lies aside: counted in the database."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from prometheus_client import Gauge

from services.rating.devices.queries import health_of
from services.rating.devices.rules import device_rules
from services.rating.devices.store import PAIRING_FAILURES
from shared.observability.metrics import (
    MeasuredGauges,
    rating_devices_paired,
    rating_devices_silent,
    rating_devices_waiting,
)
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep


class DeviceGauges:
    """Shows the devices of each desk. A desk that has none any more becomes 0, so that alerts end."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts them; returns 0, since it changes no row."""
        with context.store.read() as connection:
            found = health_of(connection, None, context.reference.agencies, context.clock, device_rules())
        paired = [one for one in found if one.device.pairing]
        counted: dict[Gauge, Counter[str]] = {
            rating_devices_paired: Counter(one.device.desk for one in paired),
            rating_devices_silent: Counter(one.device.desk for one in paired if one.silent),
            rating_devices_waiting: Counter(),
        }
        for one in paired:
            counted[rating_devices_waiting][one.device.desk] += one.device.waiting
        self._seen |= {one.device.desk for one in paired}
        self._gauges.show(
            {(gauge, (context.service, desk)): counts[desk] for gauge, counts in counted.items() for desk in self._seen}
        )
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


def delete_old_pairing_failures(context: Context) -> int:
    """Deletes the counts of wrong pairing codes whose window is over."""
    return PAIRING_FAILURES.delete_old(context.store)


_gauges = DeviceGauges()
DEVICES = Sweep("rating devices", timedelta(minutes=1), _gauges.update, withdraw=_gauges.withdraw)
PAIRING = Sweep("delete old pairing failures", timedelta(hours=1), delete_old_pairing_failures)

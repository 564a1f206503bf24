"""The metrics of admission. All services of a process show the same numbers of threads, since they share them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.observability.metrics import counter, gauge
from shared.web.admission.disk_space import DiskSpace
from shared.web.admission.overload import OVERLOAD
from shared.web.admission.weights import Key

requests_shed = counter(
    "motcua_requests_shed",
    "Requests that were refused with 503 because too much was asked: full (too many wait), waited (too long for a thread), "
    "database (no connection or lock in time), disk (nearly full).",
    "reason",
    "kind",
    "field",
)
requests_in_threads = gauge("motcua_requests_in_threads", "Requests that are being answered.", mode="livesum")
requests_waiting = gauge("motcua_requests_waiting", "Requests that wait for a thread.", mode="livesum")
overloaded = gauge(
    "motcua_overloaded", "1: a process is not ready because it refuses requests; else 0.", mode="livemax"
)


class AdmissionMeasures:
    """Shows the admission of one process.

    Args:
        services: that it serves.
        disk: of its data; None not to look at it.
    """

    def __init__(self, services: list[str], disk: DiskSpace | None = None) -> None:
        self._services = services
        self._disk = disk

    def show(self, running: int, waiting: int, refused: Mapping[tuple[str, Key, str], int]) -> None:
        """Shows how things stand, once a second, and looks whether the disk has room.

        Args:
            running: requests in threads.
            waiting: requests that wait for one.
            refused: how many since the last call, by reason, kind of request, and first part of the path; the first service
                counts what is no other's.
        """
        if self._disk is not None:
            self._disk.look(self._services)
        for service in self._services:
            requests_in_threads.labels(service).set(running)
            requests_waiting.labels(service).set(waiting)
            overloaded.labels(service).set(OVERLOAD.away)
        for (reason, (kind, field), service), count in refused.items():
            known = service if service in self._services else self._services[0]
            requests_shed.labels(known, reason, kind, field).inc(count)

"""The worker process: starts the loops, watches that each makes progress, and stops them in order."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from shared.runtime.workers.http import start_http
from shared.runtime.workers.loop import Loop, stuck_loops
from shared.runtime.workers.service import ServiceLoops

log = logging.getLogger(__name__)

SILENCE_SECONDS = 90.0
STOP_SECONDS = 20.0
STUCK_EXIT = 70  # EX_SOFTWARE: the supervisor starts a fresh process


def run(services: Sequence[ServiceLoops], port: int, host: str) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status.

    A loop that has ended no step for 90 seconds cannot be trusted to end one: the process leaves at once and is started anew.
    Nothing is lost by that, since nothing is acknowledged before it is committed.

    Args:
        services: the loops of each service.
        port: where health and metrics are served; 0 for nowhere.
        host: the address to listen on.
    """
    loops = [loop for service in services for loop in service.loops()]
    stopping = _stop_on_signals()
    for loop in loops:
        loop.start()
    server = start_http(
        host, port, [service.context.service for service in services], lambda: stuck_loops(loops, SILENCE_SECONDS)
    )
    log.info("worker of %s runs %d loops", ", ".join(service.context.service for service in services), len(loops))
    while not stopping.wait(1.0):
        if stuck := stuck_loops(loops, SILENCE_SECONDS):
            log.critical("no progress for %.0f s in %s: leaving, to be started anew", SILENCE_SECONDS, ", ".join(stuck))
            os._exit(STUCK_EXIT)
    _stop(loops)
    if server is not None:
        server.shutdown()
    return 0


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def _stop(loops: Sequence[Loop]) -> None:
    for loop in loops:
        loop.stop()
    for loop in loops:
        loop.join(STOP_SECONDS)
        if loop.is_alive():
            log.error("%s did not stop within %.0f s", loop.name, STOP_SECONDS)

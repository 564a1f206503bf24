"""The worker process: starts the loops, monitors their progress, and stops them."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from shared.runtime.workers.http import start_http
from shared.runtime.workers.loop import Loop, failing_loops, stuck_loops
from shared.runtime.workers.service import ServiceLoops

log = logging.getLogger(__name__)

MAX_STEP_SECONDS = 90.0
GRACE_SECONDS = 10.0
"""How long broker or database may be unreachable before the worker is not ready."""
WATCH_SECONDS = 5.0
"""Between two looks at the progress of the loops."""
STOP_SECONDS = 20.0
STUCK_EXIT = 70  # EX_SOFTWARE: the supervisor starts a new process


def run(services: Sequence[ServiceLoops], port: int, host: str) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status.

    If a step of a loop makes no progress for 90 seconds, the process exits at once and its supervisor restarts it. Nothing is lost, because
    messages are acknowledged only after the commit.

    Args:
        services: the loops of each service.
        port: of health and metrics; 0 for none.
        host: the address to listen on.
    """
    loops = [loop for service in services for loop in service.loops()]
    stopping = _stop_on_signals()
    for loop in loops:
        loop.start()
    server = start_http(
        host,
        port,
        [service.context.service for service in services],
        lambda: stuck_loops(loops, MAX_STEP_SECONDS),
        lambda: failing_loops(loops, GRACE_SECONDS),
    )
    log.info("worker of %s runs %d loops", ", ".join(service.context.service for service in services), len(loops))
    while not stopping.wait(min(WATCH_SECONDS, MAX_STEP_SECONDS)):
        if stuck := stuck_loops(loops, MAX_STEP_SECONDS):
            log.critical("no progress for %.0f s in %s: exiting, to be restarted", MAX_STEP_SECONDS, ", ".join(stuck))
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

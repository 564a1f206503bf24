"""Waiting until everything that has happened on a platform is applied everywhere, so that a simulation may move time on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from services import operations
from shared.contracts import platform_topology
from shared.messaging.propagation import Propagation
from shared.persistence.store import Store
from shared.runtime.stepped_clock import MomentFile, SteppedClock

SETTLE_SECONDS = 120.0
LOOK_SECONDS = 0.003
LONGEST_LOOK = 0.02


class Settled:
    """Waits until everything that has happened is applied everywhere.

    Args:
        clock: of the platform.
        stores: of all services.
    """

    def __init__(self, clock: SteppedClock, stores: Mapping[str, Store]) -> None:
        self._propagation = Propagation(stores, platform_topology())
        self._notify = stores["notify"]
        self._seen: Mapping[str, MomentFile] = {name: clock.seen_by(name) for name in stores}

    def __call__(self, moved_to: datetime | None) -> None:
        """Waits for the sweeps after time was moved, for events and messages otherwise.

        Raises:
            TimeoutError: it takes too long; the message says who.
        """
        if moved_to is not None:
            _until(lambda: not self._behind(moved_to), lambda: f"the sweeps of {', '.join(self._behind(moved_to))}")
        else:
            _until(self._applied, lambda: "; ".join(self._propagation.unapplied()) or "messages or outboxes")

    def _behind(self, moment: datetime) -> list[str]:
        return [name for name, seen in self._seen.items() if seen.read() < moment]

    def _applied(self) -> bool:
        # again after the messages: what was sent is announced by further events
        return self._propagation.finished() and not self._unsent() and self._propagation.finished()

    def _unsent(self) -> bool:
        with self._notify.read() as connection:
            return operations.unsent_messages(connection)


def _until(reached: Callable[[], bool], what: Callable[[], str]) -> None:
    """Looks again and again, and rests as long as two looks take, which else would take the processor from those who are waited for."""
    begun = time.monotonic()
    deadline, pause = begun + SETTLE_SECONDS, LOOK_SECONDS
    while not reached():
        ended = time.monotonic()
        if ended > deadline:
            raise TimeoutError(f"not finished after {SETTLE_SECONDS:.0f} s: {what()}")
        time.sleep(max(pause, 2 * (ended - begun)))
        pause = min(pause * 1.5, LONGEST_LOOK)
        begun = time.monotonic()

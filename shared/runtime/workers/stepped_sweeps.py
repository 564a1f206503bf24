"""The sweeps of a service under a stepped clock: all run at each new moment, and the simulation learns when they have."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from shared.runtime.stepped_clock import SteppedClock


class SteppedSweeps:
    """Wakes the sweeps when time has moved, and notes the moment up to which all of them have found nothing more to do.

    Args:
        clock: the clock of the platform.
        service: whose sweeps.
    """

    def __init__(self, clock: SteppedClock, service: str) -> None:
        self._clock = clock
        self._seen = clock.seen_by(service)
        self._wakes: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._done: dict[str, datetime | None] = {}
        self._woken_at: datetime | None = None
        self._noted: datetime | None = None

    def subscribe(self, wakes: Iterable[Callable[[], None]]) -> None:
        """What wakes the loops of the sweeps."""
        self._wakes = list(wakes)

    def watched(self, name: str, run: Callable[[], int]) -> Callable[[], int]:
        """A sweep's run that notes up to which moment nothing is left to do."""
        self._done[name] = None

        def run_and_note() -> int:
            at = self._clock.now()  # before the run: what becomes due during it is for the next
            done = run()
            if not done:
                with self._lock:
                    self._done[name] = at
            return done

        return run_and_note

    def look(self) -> int:
        """Wakes the sweeps if time has moved, and notes how far all of them are; there is never more to do at once."""
        now = self._clock.now()
        if now == self._noted:
            return 0
        if now != self._woken_at:
            self._woken_at = now
            for wake in self._wakes:
                wake()
        with self._lock:
            moments = list(self._done.values())
        if None not in moments:
            oldest = min((moment for moment in moments if moment is not None), default=now)
            if oldest > self._seen.read():
                self._seen.write(oldest)
                self._noted = oldest
        return 0

"""A thread that does one thing again and again, says that it is alive, and never ends because of an error."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0


class Loop(threading.Thread):
    """Calls `step` until stopped.

    Args:
        name: shown in logs and health.
        step: does a bounded piece of work and returns how much; 0 means there was nothing to do.
        idle: real seconds to wait after a step that found nothing.
        close: called once at the end, in this thread.
        failed: told of every error, for metrics.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], int],
        idle: float,
        close: Callable[[], None] = lambda: None,
        failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.step = step
        self.idle = idle
        self.close = close
        self.failed = failed
        self.errors = 0
        self._busy_since: float | None = None
        self._stopping = threading.Event()

    def run(self) -> None:
        """The loop itself."""
        while not self._stopping.is_set():
            self._busy_since = time.monotonic()
            pause = self._once()
            self._busy_since = None
            if pause:
                self._stopping.wait(pause)
        try:
            self.close()
        except Exception:
            log.exception(
                "%s did not close cleanly; what it held is released by its lease or its connection", self.name
            )

    def _once(self) -> float:
        try:
            done = self.step()
        except Exception as error:  # a loop outlives whatever its step meets: broker, database, bug
            self.errors += 1
            self.failed(self.name)
            pause = min(FIRST_PAUSE * 2.0 ** min(self.errors - 1, 10), LONGEST_PAUSE)
            log.warning(
                "%s failed (%d in a row), again in %.1f s: %s: %s",
                self.name,
                self.errors,
                pause,
                type(error).__name__,
                error,
                exc_info=self.errors in (1, 100),
            )
            return pause
        self.errors = 0
        return 0.0 if done else self.idle

    def stop(self) -> None:
        """Asks the loop to end after the step it is in."""
        self._stopping.set()

    def silence(self) -> float:
        """Real seconds that the present step has taken; 0 between two steps."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since


def stuck_loops(loops: Iterable[Loop], seconds: float) -> list[str]:
    """The loops that have been in one step for too long, or whose thread is gone."""
    return [loop.name for loop in loops if loop.silence() > seconds or not loop.is_alive()]

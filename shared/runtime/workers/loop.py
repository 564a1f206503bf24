"""A thread that repeats a step, reports whether it makes progress, and survives every error."""

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
        step: does a bounded piece of work and returns how much; 0 if there was nothing to do.
        idle: real seconds to wait after a step that returned 0.
        close: called once at the end, in this thread.
        failed: called with the name after every error, for metrics.
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
        """Runs the loop; called by the thread."""
        while not self._stopping.is_set():
            self._busy_since = time.monotonic()
            pause = self._once()
            self._busy_since = None
            if pause:
                self._stopping.wait(pause)
        try:
            self.close()
        except Exception:
            log.exception("%s did not close cleanly; its lease and its connections expire by themselves", self.name)

    def _once(self) -> float:
        try:
            done = self.step()
        except Exception as error:  # any error of broker, database or code: the loop goes on
            self.errors += 1
            self.failed(self.name)
            pause = min(FIRST_PAUSE * 2.0 ** min(self.errors - 1, 10), LONGEST_PAUSE)
            log.warning(
                "%s failed (%d in a row), retry in %.1f s: %s: %s",
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
        """Asks the loop to end after its present step."""
        self._stopping.set()

    def step_seconds(self) -> float:
        """Real seconds that the present step has taken so far; 0 between two steps."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since


def stuck_loops(loops: Iterable[Loop], seconds: float) -> list[str]:
    """The names of loops whose present step takes longer than `seconds`, or whose thread has ended."""
    return [loop.name for loop in loops if loop.step_seconds() > seconds or not loop.is_alive()]

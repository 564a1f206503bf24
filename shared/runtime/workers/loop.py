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
        idle: real seconds to wait at most after a step that returned 0, or a function that tells them; `wake` ends the wait.
        close: called once at the end, in this thread.
        failed: called with the name after every error, for metrics.
        interrupt: ends a step that waits for something, so that the loop stops at once; called in another thread.
        spent: called after every step with the name and the processor seconds of this thread so far, for metrics.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], int],
        idle: float | Callable[[], float],
        close: Callable[[], None] = lambda: None,
        failed: Callable[[str], None] = lambda _: None,
        interrupt: Callable[[], None] = lambda: None,
        spent: Callable[[str, float], None] = lambda _name, _seconds: None,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.step = step
        self.idle = idle
        self.close = close
        self.failed = failed
        self.interrupt = interrupt
        self.spent = spent
        self.errors = 0
        self._succeeded = False
        self._failing_since: float | None = None
        self._busy_since: float | None = None
        self._stopping = threading.Event()
        self._woken = threading.Event()

    def run(self) -> None:
        """Runs the loop; called by the thread."""
        while True:
            self._woken.clear()  # before the step, which finds all work that was announced so far
            if self._stopping.is_set():
                break
            self._busy_since = time.monotonic()
            pause = self._once()
            self._busy_since = None
            self.spent(self.name, time.thread_time())
            if self.errors:
                self._stopping.wait(pause)  # whoever has new work cannot make a broker come back
            elif pause:
                self._woken.wait(pause)
        try:
            self.close()
        except Exception:
            log.exception("%s did not close cleanly; its lease and its connections expire by themselves", self.name)

    def _once(self) -> float:
        try:
            done = self.step()
        except Exception as error:  # any error of broker, database or code: the loop goes on
            self.errors += 1
            self._failing_since = self._failing_since or time.monotonic()
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
        self._succeeded, self._failing_since = True, None
        if done:
            return 0.0
        return self.idle() if callable(self.idle) else self.idle

    def wake(self) -> None:
        """Ends the present wait, or the next one: there is work."""
        self._woken.set()

    def stop(self) -> None:
        """Asks the loop to end after its present step."""
        self._stopping.set()
        self._woken.set()
        self.interrupt()

    def works(self, grace: float) -> bool:
        """Whether a step has succeeded, and none has failed for longer than `grace` seconds since."""
        since = self._failing_since
        return self._succeeded and (since is None or time.monotonic() - since <= grace)

    def progressed(self) -> None:
        """Notes that the present step goes on: it is not stuck, however long it takes."""
        if self._busy_since is not None:
            self._busy_since = time.monotonic()

    def step_seconds(self) -> float:
        """Real seconds since the present step began, or last told that it goes on; 0 between two steps."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since


def report_progress() -> None:
    """Tells the loop in whose thread this is called that its step goes on."""
    loop = threading.current_thread()
    if isinstance(loop, Loop):
        loop.progressed()


def stuck_loops(loops: Iterable[Loop], seconds: float) -> list[str]:
    """The names of loops whose present step has made no progress for `seconds`, or whose thread has ended."""
    return [loop.name for loop in loops if loop.step_seconds() > seconds or not loop.is_alive()]


def failing_loops(loops: Iterable[Loop], grace: float) -> list[str]:
    """The names of loops that have not worked yet, or have failed for longer than `grace` seconds: broker or database is unreachable."""
    return [loop.name for loop in loops if not loop.works(grace)]

"""Keeps child processes running: starts them, starts them again when they die, stops them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
HEALTHY_SECONDS = 30.0
STOP_SECONDS = 25.0


@dataclass
class Child:
    """One process to keep running.

    Attributes:
        name: shown when it dies.
        command: its arguments after ``motcua``.
        started: monotonic time of the last start.
        deaths: unexpected ends in a row.
    """

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    resume_at: float = field(default=0.0)


class Supervisor:
    """Runs children until told to stop.

    Args:
        children: what to run.
        environ: their environment.
        say: told what happens, one line at a time.
        died: told the process id of a child that ended unexpectedly.
    """

    def __init__(
        self,
        children: Sequence[Child],
        environ: Mapping[str, str],
        say: Callable[[str], None],
        died: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.children = children
        self.environ = dict(environ)
        self.say = say
        self.died = died
        self.stopping = False

    def start(self) -> None:
        """Starts all children."""
        for child in self.children:
            self._start(child)

    def stop_on_signals(self) -> None:
        """Stops when the terminal or the system asks for it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "stopping", True))

    def watch(self, until: Callable[[], bool] = lambda: False, pause: float = 0.2) -> None:
        """Keeps the children running until stopped, or until a condition holds."""
        while not self.stopping and not until():
            for child in self.children:
                self._look_after(child)
            time.sleep(pause)

    def stop(self) -> None:
        """Ends all children, politely first."""
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        # a session of its own: the terminal's Ctrl-C reaches the supervisor alone, which stops the children in order
        child.process = subprocess.Popen(
            [sys.executable, "-m", "shared.cli", *child.command], env=self.environ, start_new_session=True
        )

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        process = child.process
        if process is None:
            if now >= child.resume_at:
                self._start(child)
            return
        status = process.poll()
        if status is None:
            return
        child.deaths = 1 if now - child.started > HEALTHY_SECONDS else child.deaths + 1
        pause = min(FIRST_PAUSE * 2 ** (child.deaths - 1), LONGEST_PAUSE)
        self.say(f"{child.name} ended with status {status}; starting it again in {pause:.1f} s")
        self.died(process.pid)
        child.process, child.resume_at = None, now + pause


def own_environment(**extra: str) -> dict[str, str]:
    """This process's environment with some settings added where they are not set."""
    return {**extra, **os.environ}

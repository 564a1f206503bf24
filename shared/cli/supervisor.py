"""Starts child processes, restarts those that die, and stops all together, also when it is killed itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.plugin_sdk.devtools.process_group import process_reaper

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
        process: the running process; None until it is (re)started.
        started: monotonic time of the last start.
        deaths: unexpected ends in a row.
        resume_at: monotonic time of the next start after a death.
    """

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    resume_at: float = field(default=0.0)


class Supervisor:
    """Runs children until it is stopped.

    Args:
        children: what to run.
        environ: their environment.
        report: called with one line of text for each event.
        on_death: called with the process id of a child that ended unexpectedly.
    """

    def __init__(
        self,
        children: Sequence[Child],
        environ: Mapping[str, str],
        report: Callable[[str], None],
        on_death: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.children = children
        self.environ = dict(environ)
        self.report = report
        self.on_death = on_death
        self.stopping = False

    def start(self) -> None:
        """Starts all children."""
        for child in self.children:
            self._start(child)

    def stop_on_signals(self) -> None:
        """Stops on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "stopping", True))

    def watch(self, until: Callable[[], bool] = lambda: False, pause: float = 0.2) -> None:
        """Keeps the children running until stopped, or until a condition holds."""
        while not self.stopping and not until():
            for child in self.children:
                self._restart_if_dead(child)
            time.sleep(pause)

    def stop(self) -> None:
        """Ends all children: SIGTERM, then SIGKILL after STOP_SECONDS."""
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
            process_reaper().unregister(process.pid)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        # In a new session, the terminal's Ctrl-C reaches only the supervisor, which then stops the children in order.
        child.process = subprocess.Popen(
            [sys.executable, "-m", "shared.cli", *child.command],
            env=self.environ,
            start_new_session=True,
            # a process of its own ends the children when this one has ended, even by SIGKILL
            preexec_fn=process_reaper().register(signal.SIGTERM),  # noqa: PLW1509 (a single write, safe after fork)
        )

    def _restart_if_dead(self, child: Child) -> None:
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
        self.report(f"{child.name} ended with status {status}; restarting it in {pause:.1f} s")
        process_reaper().unregister(process.pid)
        self.on_death(process.pid)
        child.process, child.resume_at = None, now + pause


def environment_with_defaults(**defaults: str) -> dict[str, str]:
    """This process's environment, with defaults for variables that are not set."""
    return {**defaults, **os.environ}

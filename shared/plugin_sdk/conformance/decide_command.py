"""The command that decides what a program has accepted, in place of the people who do so in its agency."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.plugin_sdk.conformance.program import Program

POLL_SECONDS = 0.05


class DecideCommand:
    """A command that sends the decisions on all steps that wait in the agency's own store, and ends.

    Args:
        command: program and arguments; not passed through a shell.
        environment: as the program under test has it.
        log: file for its output.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = " ".join(command)
        self._program = Program(command, environment, log)

    def run(self, seconds: float) -> str:
        """Runs it until it ends.

        Args:
            seconds: the longest time.

        Returns:
            what went wrong; empty if it ended with status 0.

        Raises:
            shared.plugin_sdk.conformance.program.ProgramError: it cannot be started.
        """
        self._program.start()
        deadline = time.monotonic() + seconds
        while self._program.running and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        try:
            if self._program.running:
                return f"--decide {self._command!r} has not ended after {seconds:g} s. {self._program.state()}"
            if self._program.status:
                return f"--decide {self._command!r} failed. {self._program.state()}"
            return ""
        finally:
            self._program.kill()

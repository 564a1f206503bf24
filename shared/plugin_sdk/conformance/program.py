"""The program under test: any command, in any language."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.client.http import wait_for
from shared.plugin_sdk.devtools.process_group import group_alive, process_reaper, signal_group, spawn

TAIL_LINES = 12
STOP_SECONDS = 10.0
END_SECONDS = 10.0


class ProgramError(RuntimeError):
    """The program cannot be started, or it has ended unexpectedly."""


class Program:
    """A command in its own process group, which is ended together with it.

    Args:
        command: program and arguments; not passed through a shell.
        environment: added to this process's environment, without its MOTCUA_* variables.
        log: file for its output.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def split(cls, command: str) -> list[str]:
        """Splits a command into words, as a shell would.

        Raises:
            ProgramError: it is empty, its quotes do not match, or there is no such program.
        """
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ProgramError(f"{command}: {error}") from error
        if not words:
            raise ProgramError("the command is empty")
        if shutil.which(words[0]) is None:
            raise ProgramError(f"{words[0]}: there is no such program")
        return words

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def status(self) -> int | None:
        """Its exit status, negative if a signal ended it; None while it runs, and before it is started."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Starts it unless it is running.

        Raises:
            ProgramError: it cannot be executed.
        """
        if self.running:
            return
        self.kill()
        # Settings of a platform on the developer's machine must not reach the program.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
        try:
            environment = {**inherited, "PYTHONUNBUFFERED": "1", **self._environment}
            self._process = spawn(self._command, log=self._log, env=environment, cwd=Path.cwd())
        except OSError as error:
            raise ProgramError(f"{' '.join(self._command)}: {error.strerror or error}") from error

    def kill(self) -> None:
        """Kills it with SIGKILL, as if the machine had stopped; does nothing if it has ended."""
        if self._process is not None:
            group = self._process.pid
            signal_group(group, signal.SIGKILL)
            self._process.wait()
            wait_for(lambda: not group_alive(group), END_SECONDS, "the end of the program's children")
            process_reaper().unregister(group)

    def pause(self) -> None:
        """Pauses it with SIGSTOP; only `kill` follows."""
        if self._process is not None:
            signal_group(self._process.pid, signal.SIGSTOP)

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Sends SIGTERM, and SIGKILL if it has not ended in time.

        Args:
            seconds: the time.

        Returns:
            whether it ended without SIGKILL.
        """
        if self._process is None:
            return True
        signalled = signal_group(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(seconds if signalled else 0.0)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.kill()

    def output(self) -> str:
        """All its output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def state(self) -> str:
        """For a report: whether it is running or how it ended, and the last lines of its output."""
        how = "The program is still running" if self.running else f"The program has ended with status {self.status}"
        lines = self.output().splitlines()[-TAIL_LINES:]
        return f"{how}; its last output:\n" + "\n".join(f"    {line}" for line in lines or ["(none)"])

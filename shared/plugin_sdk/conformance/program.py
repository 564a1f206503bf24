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
from shared.plugin_sdk.devtools.process_group import group_alive, leash, signal_group, spawn

TAIL_LINES = 12
STOP_SECONDS = 10.0
END_SECONDS = 10.0


class CannotStart(RuntimeError):
    """The command is not there or may not be executed."""


class Program:
    """A command with everything that it starts: a process group of its own, ended with it.

    Args:
        command: words, not passed through a shell.
        environment: added to our own.
        log: where its output goes.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def words(cls, command: str) -> list[str]:
        """A command's words, as a shell would split them.

        Raises:
            CannotStart: there are none, their quotes do not match, or the first one is no program.
        """
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise CannotStart(f"{command}: {error}") from error
        if not words or shutil.which(words[0]) is None:
            raise CannotStart(f"{words[0] if words else 'the command is empty'}: there is no such program")
        return words

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it unless it runs.

        Raises:
            CannotStart: there is nothing to execute.
        """
        if self.running:
            return
        self.kill()
        # Another program's settings, such as a platform's that is developed on the same machine, are none of its business.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
        try:
            environment = {**inherited, "PYTHONUNBUFFERED": "1", **self._environment}
            self._process = spawn(self._command, log=self._log, env=environment, cwd=Path.cwd())
        except OSError as error:
            raise CannotStart(f"{' '.join(self._command)}: {error.strerror or error}") from error

    def kill(self) -> None:
        """Kills it with SIGKILL, as if the machine had stopped; harmless when it has ended."""
        if self._process is not None:
            group = self._process.pid
            signal_group(group, signal.SIGKILL)
            self._process.wait()
            wait_for(lambda: not group_alive(group), END_SECONDS, "the end of the program's children")
            leash().untie(group)

    def stop(self) -> bool:
        """Asks it to end (SIGTERM) and kills what is left after a while.

        Returns:
            whether it ended by itself.
        """
        if self._process is None:
            return True
        asked = signal_group(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS if asked else 0.0)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.kill()

    def output(self) -> str:
        """All that it has written."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def state(self) -> str:
        """Whether it runs or how it ended, with the end of its output, for a report."""
        status = None if self._process is None else self._process.poll()
        how = "The program still runs" if self.running else f"The program has ended with status {status}"
        lines = self.output().splitlines()[-TAIL_LINES:]
        return f"{how}; the end of its output:\n" + "\n".join(f"    {line}" for line in lines or ["(nothing)"])

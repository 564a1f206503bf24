"""``motcua agency sandbox``: sends fake dossiers to an agency's program."""

from __future__ import annotations

import shlex
import time
from contextlib import ExitStack

import click
from rich.console import Console

from shared.cli.agency_check import SetupError
from shared.cli.text_type import LINE
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.conformance.program import Program, ProgramError
from shared.plugin_sdk.conformance.setup import DEFAULT_CODE, HarnessError, open_harness
from shared.plugin_sdk.devtools.temp_resources import temp_directory
from shared.plugin_sdk.sandbox import Sandbox


@click.command(short_help="Send fake dossiers to an agency's program.")
@click.option("--code", type=LINE, default=DEFAULT_CODE, show_default=True, help="The agency's code.")
@click.option(
    "--every",
    type=click.FloatRange(0.01, 3600),
    default=5.0,
    show_default=True,
    help="Seconds between two new dossiers.",
)
@click.option(
    "--command",
    default="",
    help="Command that starts the program; if not given, prints the environment variables to start it with.",
)
@click.option("--dossiers", type=click.IntRange(1), help="Stop after this number of finished dossiers.")
def sandbox(code: str, every: float, command: str, dossiers: int | None) -> None:
    """Starts a private RabbitMQ, sends steps of fake dossiers to the agency, and prints what is sent and decided, until Ctrl-C.

    Example: motcua agency sandbox --command "python service.py" --every 2
    """
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        words = Program.split(command) if command else []
        with ExitStack() as stack:
            harness = stack.enter_context(open_harness(code))
            session = SandboxSession(harness, console, every, dossiers)
            if words:
                directory = stack.enter_context(temp_directory("sandbox"))
                session.program = Program(words, harness.environment(), directory / "program.log")
                stack.callback(session.program.stop)
                session.program.start()
            else:
                session.show_environment()
            session.run()
    except KeyboardInterrupt:
        console.print("\nĐã dừng · stopped")
    except (HarnessError, ProgramError) as error:
        raise SetupError(str(error)) from error


class SandboxSession:
    """One run of the sandbox.

    Args:
        harness: entered.
        console: for the output.
        every: seconds between two new dossiers.
        dossiers: how many to finish; None for no limit.
    """

    def __init__(self, harness: Harness, console: Console, every: float, dossiers: int | None) -> None:
        self.program: Program | None = None
        self._harness = harness
        self._console = console
        self._every = every
        self._dossiers = dossiers
        self._sandbox = Sandbox(harness.agency)
        self._started = self._finished = 0
        self._handled_messages = self._handled_dead_letters = self._shown_lines = 0

    def show_environment(self) -> None:
        """Prints the environment variables that the developer's program needs."""
        self._console.print(
            "Chạy dịch vụ của ông/bà ở cửa sổ khác với · start your service in another terminal, with:\n"
        )
        for name, value in self._harness.environment().items():
            self._console.print(f"  export {name}={shlex.quote(value)}")
        self._console.print("\nCtrl-C dừng · stops\n")

    def run(self) -> None:
        """Sends steps and applies decisions until enough dossiers are finished.

        Raises:
            shared.plugin_sdk.conformance.program.ProgramError: the program has ended.
        """
        due = time.monotonic()
        while self._dossiers is None or self._finished < self._dossiers:
            if time.monotonic() >= due and (self._dossiers is None or self._started < self._dossiers):
                self._start_dossier()
                due = time.monotonic() + self._every
            self._harness.collector.wait(self._has_new_messages, min(0.2, self._every), self._running)
            self._handle_messages()
            if not self._running():
                raise ProgramError(self.program.state() if self.program else "")

    def _start_dossier(self) -> None:
        self._started += 1
        dossier = self._sandbox.start_dossier()
        self._harness.send(dossier.event)
        self._print("→", f"{dossier.code} · {dossier.procedure.name}: {dossier.step.name}", "bold")

    def _handle_messages(self) -> None:
        for message in self._harness.collector.messages()[self._handled_messages :]:
            self._handled_messages += 1
            transition = self._sandbox.apply(message)
            self._finished += transition.ended
            self._print("←", transition.text, "green")
            if transition.send is not None:
                self._harness.send(transition.send)
                self._print(
                    "→", f"{transition.send.dossier} · {transition.send.data.get('name', 'bị từ chối · rejected')}", ""
                )
        for body in self._harness.collector.dead_letters()[self._handled_dead_letters :]:
            self._handled_dead_letters += 1
            self._print("✗", f"thư chết · dead letter: {body[:300].decode(errors='replace')}", "red")
        self._show_output()

    def _show_output(self) -> None:
        if self.program is not None:
            lines = self.program.output().splitlines()
            for line in lines[self._shown_lines :]:
                self._print("│", line, "dim")
            self._shown_lines = len(lines)

    def _print(self, mark: str, text: str, style: str) -> None:
        self._console.print(f"{time.strftime('%H:%M:%S')} {mark} {text}", style=style)

    def _has_new_messages(self) -> bool:
        return len(self._harness.collector.messages()) > self._handled_messages

    def _running(self) -> bool:
        return self.program is None or self.program.running

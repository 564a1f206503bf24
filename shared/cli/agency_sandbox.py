"""``motcua agency sandbox``: fake dossiers for a developer to play with."""

from __future__ import annotations

import shlex
import time
from contextlib import ExitStack

import click
from rich.console import Console

from shared.cli.agency_check import SetupError
from shared.plugin_sdk.conformance.harness import Bench
from shared.plugin_sdk.conformance.program import CannotStart, Program
from shared.plugin_sdk.conformance.setup import DEFAULT_CODE, CannotOpen, open_bench
from shared.plugin_sdk.devtools.temp_resources import scratch_directory
from shared.plugin_sdk.sandbox import Sandbox


@click.command(short_help="Fake dossiers for an agency's program to play with.")
@click.option("--code", default=DEFAULT_CODE, show_default=True, help="The agency's code.")
@click.option(
    "--every", type=click.FloatRange(0.01, 3600), default=5.0, show_default=True, help="Seconds between two dossiers."
)
@click.option("--command", default="", help="Start this program; without, start yours with the variables shown.")
@click.option("--dossiers", type=click.IntRange(1), help="End when so many dossiers have ended.")
def sandbox(code: str, every: float, command: str, dossiers: int | None) -> None:
    """Starts a private RabbitMQ, lets fake dossiers flow to the agency, and prints what was sent and decided, until Ctrl-C.

    Example: motcua agency sandbox --command "python service.py" --every 2
    """
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        words = Program.words(command) if command else []
        with ExitStack() as stack:
            bench = stack.enter_context(open_bench(code))
            game = Game(bench, console, every, dossiers)
            if words:
                directory = stack.enter_context(scratch_directory("sandbox"))
                game.program = Program(words, bench.environment(), directory / "program.log")
                stack.callback(game.program.stop)
                game.program.start()
            else:
                game.show_environment()
            game.play()
    except KeyboardInterrupt:
        console.print("\nĐã dừng · stopped")
    except (CannotOpen, CannotStart) as error:
        raise SetupError(str(error)) from error


class Game:
    """One run of the sandbox.

    Args:
        bench: entered.
        console: where to print.
        every: seconds between two dossiers.
        dossiers: how many to carry to their end; None for no end.
    """

    def __init__(self, bench: Bench, console: Console, every: float, dossiers: int | None) -> None:
        self.program: Program | None = None
        self._bench = bench
        self._console = console
        self._every = every
        self._dossiers = dossiers
        self._sandbox = Sandbox(bench.agency)
        self._begun = self._ended = self._handled = self._dead = self._shown = 0

    def show_environment(self) -> None:
        """Prints what the developer's program must find in its environment."""
        self._console.print("Chạy dịch vụ của bạn ở cửa sổ khác với · start your service in another terminal with:\n")
        for name, value in self._bench.environment().items():
            self._console.print(f"  export {name}={shlex.quote(value)}")
        self._console.print("\nCtrl-C dừng · stops\n")

    def play(self) -> None:
        """Sends and prints until enough dossiers have ended.

        Raises:
            shared.plugin_sdk.conformance.program.CannotStart: the program has ended.
        """
        due = time.monotonic()
        while self._dossiers is None or self._ended < self._dossiers:
            if time.monotonic() >= due and (self._dossiers is None or self._begun < self._dossiers):
                self._begin()
                due = time.monotonic() + self._every
            self._bench.collector.wait(self._news, min(0.2, self._every), self._running)
            self._handle()
            if not self._running():
                raise CannotStart(self.program.state() if self.program else "")

    def _begin(self) -> None:
        self._begun += 1
        dossier = self._sandbox.begin()
        self._bench.send(dossier.event)
        self._print("→", f"{dossier.code} · {dossier.procedure.name}: {dossier.step.name}", "bold")

    def _handle(self) -> None:
        for seen in self._bench.collector.answers()[self._handled :]:
            self._handled += 1
            reaction = self._sandbox.react(seen)
            self._ended += reaction.ended
            self._print("←", reaction.text, "green")
            if reaction.send is not None:
                self._bench.send(reaction.send)
                self._print(
                    "→", f"{reaction.send.dossier} · {reaction.send.data.get('name', 'bị từ chối · rejected')}", ""
                )
        for body in self._bench.collector.dead_letters()[self._dead :]:
            self._dead += 1
            self._print("✗", f"thư chết · dead letter: {body[:300].decode(errors='replace')}", "red")
        self._show_output()

    def _show_output(self) -> None:
        if self.program is not None:
            lines = self.program.output().splitlines()
            for line in lines[self._shown :]:
                self._print("│", line, "dim")
            self._shown = len(lines)

    def _print(self, mark: str, text: str, style: str) -> None:
        self._console.print(f"{time.strftime('%H:%M:%S')} {mark} {text}", style=style)

    def _news(self) -> bool:
        return len(self._bench.collector.answers()) > self._handled

    def _running(self) -> bool:
        return self.program is None or self.program.running

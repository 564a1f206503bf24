"""``motcua agency check``: whether an agency's program keeps the contract, whatever it is written in."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from shared.cli.errors import CommandError
from shared.plugin_sdk.conformance.program import CannotStart, Program
from shared.plugin_sdk.conformance.report import print_result, print_summary
from shared.plugin_sdk.conformance.setup import DEFAULT_CODE, CannotOpen, open_bench
from shared.plugin_sdk.conformance.suite import STREAM, TIME_LIMIT_SECONDS, check_program


class SetupError(CommandError):
    """The program was not tried: something around it is missing."""

    exit_code = 2


@click.command(short_help="Check that an agency's program keeps the contract.")
@click.option("--command", required=True, help="What starts the program, in any language; not passed through a shell.")
@click.option("--code", default=DEFAULT_CODE, show_default=True, help="The agency's code.")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write a JSON report here."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0.01, 3600),
    default=TIME_LIMIT_SECONDS,
    show_default=True,
    help="Seconds that a decision may take.",
)
@click.option(
    "--stream", type=click.IntRange(8, 100_000), default=STREAM, show_default=True, help="Steps of the SIGKILL check."
)
@click.option("--url", default="", help="An administrator's AMQP URL of a broker to use instead of a private one.")
@click.option("--management", default="", help="That broker's management API: http://user:password@host:15672.")
def check(
    command: str, code: str, report: Path | None, time_limit: float, stream: int, url: str, management: str
) -> None:
    """Runs a program on a private RabbitMQ with exactly an agency's rights and says what it does well and wrong: decision, correlation,
    idempotency, unknown fields, Vietnamese text, time limit, poison, SIGKILL.

    The program finds MOTCUA_AGENCY, MOTCUA_AMQP_URL, MOTCUA_URL, MOTCUA_TOKEN and MOTCUA_METRICS_PORT in its environment. The exit
    status is 0 when everything passed, 1 when anything failed, 2 when it could not be tried.

    Example: motcua agency check --command "python service.py" --report report.json
    """
    if bool(url) != bool(management):
        raise click.UsageError("--url and --management belong together")
    console = Console(highlight=False)
    console.print(f"\n[bold]Kiểm tra tương thích · conformance[/bold]  {code}", soft_wrap=True)
    console.print(f"  {command}\n", markup=False, soft_wrap=True)
    try:
        Program.words(command)  # before a broker is started for nothing
        with open_bench(code, url, management) as bench:
            done = check_program(
                bench,
                command,
                time_limit=time_limit,
                stream=stream,
                progress=lambda result: print_result(console, result),
            )
    except (CannotOpen, CannotStart) as error:
        raise SetupError(str(error)) from error
    print_summary(console, done)
    if report is not None:
        _write(report, json.dumps(done.to_dict(), ensure_ascii=False, indent=2))
    raise SystemExit(0 if done.passed else 1)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise SetupError(f"the report cannot be written: {error}") from error

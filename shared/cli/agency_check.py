"""``motcua agency check``: checks that an agency's program follows the contract."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from shared.cli.errors import CommandError
from shared.cli.text_type import LINE
from shared.plugin_sdk.conformance.program import Program, ProgramError
from shared.plugin_sdk.conformance.report import print_result, print_summary
from shared.plugin_sdk.conformance.setup import DEFAULT_CODE, HarnessError, open_harness
from shared.plugin_sdk.conformance.suite import NAMES, SIGKILL_STEPS, TIME_LIMIT_SECONDS, check_program


class SetupError(CommandError):
    """The check did not run: no usable broker, program or report file."""

    exit_code = 2


@click.command(short_help="Check that an agency's program follows the contract.")
@click.option("--command", required=True, help="Command that starts the program, in any language; not run in a shell.")
@click.option("--code", type=LINE, default=DEFAULT_CODE, show_default=True, help="The agency's code.")
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write a JSON report to this file."
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0.01, 3600),
    default=TIME_LIMIT_SECONDS,
    show_default=True,
    help="Seconds allowed for a decision.",
)
@click.option(
    "--sigkill-steps",
    type=click.IntRange(8, 100_000),
    default=SIGKILL_STEPS,
    show_default=True,
    help="Number of steps in the checks with SIGTERM and SIGKILL.",
)
@click.option(
    "--decide",
    default="",
    help="Command that decides all steps that the program has accepted, in place of your officials, and ends; "
    "run whenever accepted steps wait.",
)
@click.option(
    "--only",
    type=click.Choice(NAMES),
    multiple=True,
    metavar="CHECK",
    help=f"Run this check only; may be repeated. Checks: {', '.join(NAMES)}.",
)
@click.option(
    "--url",
    default="",
    help="AMQP URL of an existing broker (administrator); by default a private RabbitMQ is started.",
)
@click.option("--management", default="", help="Management API of that broker: http://user:password@host:15672.")
def check(
    command: str,
    code: str,
    report: Path | None,
    time_limit: float,
    sigkill_steps: int,
    decide: str,
    only: tuple[str, ...],
    url: str,
    management: str,
) -> None:
    """Runs a program on a private RabbitMQ, with exactly the rights of an agency, and reports each check.

    The program gets the environment variables MOTCUA_AGENCY, MOTCUA_AMQP_URL, MOTCUA_URL, MOTCUA_CLIENT_SECRET and
    MOTCUA_METRICS_PORT. If it accepts steps and people decide them, name with --decide a command that decides them.
    Exit status: 0 all checks passed, 1 a check failed, 2 the checks could not run.

    Example: motcua agency check --command "python service.py" --report report.json
    """
    if bool(url) != bool(management):
        raise click.UsageError("--url and --management must be given together")
    console = Console(highlight=False)
    console.print(f"\n[bold]Kiểm tra tương thích · conformance[/bold]  {code}", soft_wrap=True)
    console.print(f"  {command}\n", markup=False, soft_wrap=True)
    try:
        for text in filter(None, (command or " ", decide)):
            Program.split(text)  # report a bad command before the broker starts
        with open_harness(code, url, management) as harness:
            result = check_program(
                harness,
                command,
                time_limit=time_limit,
                sigkill_steps=sigkill_steps,
                decide=decide,
                only=only,
                progress=lambda check_result: print_result(console, check_result),
            )
    except (HarnessError, ProgramError) as error:
        raise SetupError(str(error)) from error
    print_summary(console, result)
    if report is not None:
        _write(report, json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
    raise SystemExit(0 if result.passed else 1)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise SetupError(f"cannot write the report: {error}") from error

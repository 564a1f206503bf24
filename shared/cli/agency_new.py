"""``motcua agency new``: generates a service for an agency."""

from __future__ import annotations

import re
from pathlib import Path

import click

from shared.cli.errors import CommandError
from shared.cli.text_type import LINE
from shared.plugin_sdk.scaffold import LANGUAGES, scaffold

NEXT_COMMANDS = {
    "python": (
        "python -m unittest",
        "pip install -r requirements.txt",
        'motcua agency check --code {code} --command "python service.py"',
    ),
    "node": ("npm test", "npm install", 'motcua agency check --code {code} --command "node main.js"'),
}


@click.command(short_help="Generate a service for an agency.")
@click.argument("code", type=LINE)
@click.option("--language", type=click.Choice(LANGUAGES), required=True, help="Programming language of the service.")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Target directory; by default agency-CODE in the current directory.",
)
def new(code: str, language: str, directory: Path | None) -> None:
    """Generates a runnable service for the agency CODE: its rules, the SDK, tests, README and Dockerfile.

    Example: motcua agency new H12.14.01 --language python
    """
    target = directory or Path("agency-" + re.sub("[^a-z0-9-]", "-", code.lower()))
    try:
        written = scaffold(code, language, target)
    except (ValueError, OSError) as error:
        raise CommandError(str(error)) from error
    for path in written:
        click.echo(f"  {target / path}")
    click.echo("\nTiếp theo · next:")
    click.echo(f"  cd {target}")
    for line in NEXT_COMMANDS[language]:
        click.echo(f"  {line.format(code=code)}")

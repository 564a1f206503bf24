"""``motcua contracts``: all event types as an AsyncAPI document."""

from __future__ import annotations

import json
from pathlib import Path

import click

from shared.contracts.asyncapi import document


@click.command(short_help="Write the AsyncAPI document of all events.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; standard output by default."
)
def contracts(out: Path | None) -> None:
    """Writes every event type with its schema, example, sender and subscribers as AsyncAPI 3.

    Example: motcua contracts --out docs/asyncapi.json
    """
    text = json.dumps(document(), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"{out}: {len(document()['components']['messages'])} events")

"""``motcua contracts``: all event types as an AsyncAPI document, and the release of the contract with agencies."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import click

from shared.cli.errors import CommandError
from shared.cli.text_type import LINE
from shared.contracts.agency_release import changes_since, released_contract, write_contract
from shared.contracts.asyncapi import document

VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")


@click.command(short_help="Write the AsyncAPI document of all events.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; standard output by default."
)
@click.option(
    "--release",
    metavar="VERSION",
    type=LINE,
    default="",
    help="Write the contract with agencies as this release, such as 1.1.",
)
def contracts(out: Path | None, release: str) -> None:
    """Writes every event type with its schema, example, sender and subscribers as AsyncAPI 3. With --release it writes what agencies may
    rely on from now on, and refuses what would break an adapter that was written from the last release.

    Example: motcua contracts --out docs/asyncapi.json
    """
    data = _release(release) if release else document()
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        events = data["schemas"] if release else data["components"]["messages"]
        click.echo(f"{out}: {len(events)} events")


def _release(version: str) -> dict[str, Any]:
    if not VERSION.fullmatch(version):
        raise CommandError(f"{version!r} is not a version like 1.1")
    last, today = released_contract(), date.today()
    if _parts(version) < _parts(last.version):
        raise CommandError(f"{version} is older than the last release, {last.version}")
    if changes := changes_since(last, today):
        lines = [f"  {type_}: {change}" for type_, found in changes.items() for change in found]
        raise CommandError(
            f"adapters written from {last.version} would break; give these events a new major version instead:\n"
            + "\n".join(lines)
        )
    return write_contract(version, today, last.ends)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))

"""``motcua data-keys``: the keys that encrypt personal data."""

from __future__ import annotations

import click

from shared.cli.text_type import CODE
from shared.runtime.clock import Clock
from shared.runtime.settings import new_data_key


@click.group(short_help="The keys that encrypt personal data.")
def data_keys() -> None:
    """Makes keys of personal data (MOTCUA_DATA_KEYS). See docs/privacy.md.

    Example: motcua data-keys new
    """


@data_keys.command(short_help="Print a new key.")
@click.option("--id", "id_", type=CODE, default="", help="Its id; by default made from the day.")
def new(id_: str) -> None:
    """Prints a new key as ID:KEY, for MOTCUA_DATA_KEYS.

    Example: motcua data-keys new --id k2026
    """
    click.echo(new_data_key(id_ or f"k{Clock().wall():%y%m%d}"))

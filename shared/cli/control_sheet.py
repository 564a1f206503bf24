"""``motcua ledger``: the process control sheets of dossiers (form 06), sealed entry by entry."""

from __future__ import annotations

import sys

import click

from services.registry import verify_control_sheets
from shared.cli.errors import CommandError
from shared.persistence.store import Store
from shared.runtime.settings import read_settings


@click.group(short_help="Check the process control sheets of dossiers.")
def ledger() -> None:
    """Every hand-over between agencies is an entry that seals the one before it; who alters, moves or removes one is found out.

    Example: motcua ledger verify
    """


@ledger.command(short_help="Find entries that were altered, moved, added or removed.")
@click.argument("code", default="")
def verify(code: str) -> None:
    """Checks the sheet of the dossier CODE, or all sheets; exit status 1 when any is not sound.

    Example: motcua ledger verify 000.00.14.H57-251120-0118
    """
    settings = read_settings()
    store = Store(settings.db_url("routing"), "routing", settings.clock)
    checked = bad = 0
    try:
        with store.read() as connection:
            for dossier, fault in verify_control_sheets(connection, code):
                checked += 1
                if fault is not None:
                    bad += 1
                    click.echo(f"{dossier}: {fault}")
    except LookupError as error:
        raise CommandError(str(error)) from error
    finally:
        store.close()
    click.echo(f"{checked} sheets checked, {bad} not sound")
    if bad:
        sys.exit(1)

"""``motcua control-sheet``: checks the process control sheets of dossiers (form 06), whose entries form a hash chain."""

from __future__ import annotations

import importlib
import sys

import click

from shared.cli.lazy import CommandError
from shared.persistence.store import Store
from shared.runtime.settings import read_settings

SERVICE = "routing"


@click.group(short_help="Check the process control sheets of dossiers.")
def control_sheet() -> None:
    """Every hand-over between agencies is an entry with the hash of the one before; altered, moved or removed entries are found.

    Example: motcua control-sheet verify
    """


@control_sheet.command(short_help="Find entries that were altered, moved, added or removed.")
@click.argument("code", default="")
def verify(code: str) -> None:
    """Checks the sheet of the dossier CODE, or all sheets; exit status 1 when any is not sound.

    Example: motcua control-sheet verify 000.00.14.H57-251120-0118
    """
    settings = read_settings()
    store = Store(settings.db_url(SERVICE), SERVICE, settings.clock)
    verify_sheets = importlib.import_module(f"services.{SERVICE}.queries.control_sheet").verify_sheets
    checked = bad = 0
    try:
        with store.read() as connection:
            for dossier, fault in verify_sheets(connection, code):
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

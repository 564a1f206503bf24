"""``motcua control-sheets``: the process control sheets (phiếu kiểm soát quá trình, form 06) of dossiers."""

from __future__ import annotations

import sys

import click

from services.operations import verify_control_sheets
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_store
from shared.cli.text_type import CODE
from shared.runtime.settings import read_settings


@click.group(name="control-sheets", short_help="Check the process control sheets of dossiers.")
def control_sheets() -> None:
    """Every hand-over between agencies is an entry in the dossier's process control sheet. Each entry holds the hash of the one before it,
    so later changes are detected.

    Example: motcua control-sheets verify
    """


@control_sheets.command(short_help="Find entries that were changed, moved, added or removed.")
@click.argument("code", type=CODE, default="")
def verify(code: str) -> None:
    """Checks the sheet of the dossier CODE, or all sheets. Exit status 1 when a sheet has a fault.

    Example: motcua control-sheets verify 000.00.14.H57-251120-0118
    """
    checked = faulty = 0
    try:
        with migrated_store("routing", read_settings()) as store, store.read() as connection:
            for dossier, fault in verify_control_sheets(connection, code):
                checked += 1
                if fault is not None:
                    faulty += 1
                    click.echo(f"{dossier}: {fault}")
    except LookupError as error:
        raise CommandError(str(error)) from error
    click.echo(f"{checked} sheets checked, {faulty} with faults")
    if faulty:
        sys.exit(1)

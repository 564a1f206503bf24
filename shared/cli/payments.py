"""``motcua payments``: a bank's statement, and fees that have to be paid on."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from services import operations
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context
from shared.runtime.clock import VIETNAM
from shared.runtime.settings import read_settings


@click.group(short_help="A bank's statement, and fees to be paid on.")
def payments() -> None:
    """What accountants do with payments; see docs/payments.md.

    Example: motcua payments transfers --overdue
    """


@payments.command(short_help="Import a bank's statement for the reconciliation.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def statement(file: Path) -> None:
    """Imports FILE, a CSV with the columns transaction, reference, amount and paid_at, and records the money that only it knows. With any
    fault in it nothing is imported; importing it again changes nothing.

    Example: motcua payments statement 2025-11-20.csv
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8") from error
    with migrated_context("intake", read_settings()) as context:
        try:
            new, recorded = operations.import_statement(context, text, f"cli:{getpass.getuser()}")
        except ValueError as error:
            raise CommandError(str(error)) from error
    click.echo(f"{new} new lines, {recorded} transactions recorded that were missing here")


@payments.command(short_help="List fees paid online that have to be paid on.")
@click.option("--overdue", is_flag=True, help="Only those that are late.")
def transfers(overdue: bool) -> None:
    """Lists the fees paid online that wait for being paid on to agencies' accounts (NĐ 118/2025, article 24.3), the most urgent first.

    Example: motcua payments transfers --overdue
    """
    with migrated_context("intake", read_settings()) as context, context.store.read() as connection:
        found = operations.fee_transfers(connection, context.clock.now(), overdue)
    for one in found:
        due = one["due_at"].astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M") if one["due_at"] else "no limit"
        late = "  LATE" if one["late"] else ""
        click.echo(f"{due}  {one['recipient']}  {one['dossier']}  {one['amount']} VND{late}")
    click.echo(f"{len(found)} payments, {sum(one['amount'] for one in found)} VND")

"""``motcua reports``: who gets e-mails about the published reports of an agency."""

from __future__ import annotations

import getpass

import click

from services import operations
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context
from shared.cli.text_type import LINE, CleanLine
from shared.runtime.settings import read_settings


@click.group(short_help="Who gets e-mails about published reports.")
def reports() -> None:
    """What operators do about reports; see docs/reports.md.

    Example: motcua reports recipients list
    """


@reports.group(short_help="Add, list and remove recipients.")
def recipients() -> None:
    """Recipients get an e-mail with the link and the main numbers when a report of their agency is published.

    Example: motcua reports recipients add H12.20 van-phong@example.vn
    """


@recipients.command(short_help="Add a recipient.")
@click.argument("agency", type=LINE)
@click.argument("email", type=CleanLine(254))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Of the e-mails.")
def add(agency: str, email: str, language: str) -> None:
    """Sends e-mails about the reports of AGENCY to EMAIL from now on. An address that is entered already stays as it is.

    Example: motcua reports recipients add H12.20 van-phong@example.vn
    """
    with migrated_context("notify", read_settings()) as context:
        try:
            id_ = operations.add_report_recipient(context, agency, email, language, f"cli:{getpass.getuser()}")
        except ValueError as error:
            raise CommandError(str(error)) from error
    click.echo(id_)


@recipients.command(name="list", short_help="List recipients.")
@click.argument("agency", default="", type=LINE)
def list_(agency: str) -> None:
    """Lists the recipients of the reports of AGENCY, or of all agencies; addresses are masked.

    Example: motcua reports recipients list H12.20
    """
    with migrated_context("notify", read_settings()) as context, context.store.read() as connection:
        found = operations.report_recipients(connection, agency)
    for id_, of_agency, masked in found:
        click.echo(f"{id_}  {of_agency}  {masked}")
    click.echo(f"{len(found)} recipients")


@recipients.command(short_help="Remove a recipient.")
@click.argument("recipient", type=LINE)
def remove(recipient: str) -> None:
    """Sends no more e-mails to RECIPIENT, whose address is erased.

    Example: motcua reports recipients remove 6f1f4f0e-52a4-4a43-9d6b-5b6d0f8f3f0a
    """
    with migrated_context("notify", read_settings()) as context:
        try:
            operations.remove_report_recipient(context, recipient)
        except LookupError as error:
            raise CommandError(str(error)) from error
    click.echo("removed")

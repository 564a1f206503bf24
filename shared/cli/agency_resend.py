"""``motcua agency resend``: an agency's open steps are sent to its program again."""

from __future__ import annotations

from datetime import datetime

import click

from services.operations import send_steps_again
from shared.agencies import UnknownAgency
from shared.cli.errors import CommandError
from shared.cli.events import Moment
from shared.cli.store_access import migrated_context
from shared.cli.text_type import LINE
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings


@click.command(short_help="Send an agency its open steps again.")
@click.argument("code", type=LINE)
@click.option("--since", type=Moment(), help="Only steps that were first sent at this time or later.")
@click.option(
    "--accepted", is_flag=True, help="Also steps that the agency has accepted or an official of it has taken."
)
def resend(code: str, since: datetime | None, accepted: bool) -> None:
    """Sends the program of the agency CODE all open steps again that it has not answered, each as a new event. Run it when the program has
    lost steps; a step that it still has is decided once all the same. Interrupted or repeated, it sends nothing twice within some minutes.

    Example: motcua agency resend H12.14.02 --since 2025-11-20T08:00
    """
    settings = read_settings()
    try:
        load_reference(settings.agencies_dir).agencies.get(code)
    except UnknownAgency as error:
        raise CommandError(str(error)) from error
    with migrated_context("routing", settings) as context:
        try:
            sent, answered, paused = send_steps_again(context.store, code, since, accepted)
        except LookupError as error:
            raise CommandError(f"{code} has no own software: motcua agency grant {code}") from error
    click.echo(f"{sent} bước được gửi lại · steps sent again")
    if answered:
        click.echo(f"{answered} bước cơ quan đã tiếp nhận, không gửi lại · accepted before, not sent (--accepted)")
    if paused:
        click.echo(f"{paused} bước vừa được gửi hoặc đang chờ cơ quan nhận · sent a moment ago, or wait to be taken")

"""``motcua token``: a bearer token signed with the platform's own key, for trials."""

from __future__ import annotations

from datetime import timedelta

import click

from shared.agencies import UnknownAgency
from shared.auth import ROLES, issue_token
from shared.cli.errors import CommandError
from shared.cli.text_type import LINE
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings


@click.command(short_help="Print a bearer token.")
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True, help="The role of the holder.")
@click.option("--agency", type=LINE, default="", help="The code of the agency that the holder works for.")
@click.option("--subject", type=LINE, default="", help="The holder; by default ROLE@AGENCY.")
@click.option(
    "--hours", type=click.FloatRange(0.01, 24 * 31), default=8.0, show_default=True, help="Hours until it expires."
)
def token(role: str, agency: str, subject: str, hours: float) -> None:
    """Prints a bearer token signed with the platform's own key. Not possible when the platform accepts tokens of an identity provider.

    Example: motcua token --role clerk --agency 000.00.14.H56
    """
    settings = read_settings()
    if not settings.auth.signs:
        raise CommandError("this platform accepts tokens of an identity provider; get a token there")
    if agency:
        _check_agency(agency, settings.agencies_dir)
    click.echo(
        issue_token(settings.auth, subject or f"{role}@{agency or 'motcua'}", role, agency, timedelta(hours=hours))
    )


def _check_agency(code: str, agencies_dir: str) -> None:
    try:
        load_reference(agencies_dir).agencies.get(code)
    except UnknownAgency as error:
        raise CommandError(str(error)) from error

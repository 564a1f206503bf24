"""``motcua token``: a bearer token for trying things out."""

from __future__ import annotations

from datetime import timedelta

import click

from shared.agencies import UnknownAgency
from shared.auth import ROLES, issue_token
from shared.cli.errors import CommandError
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings


@click.command(short_help="Print a bearer token.")
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True, help="What its holder may do.")
@click.option("--agency", default="", help="The agency that its holder works for, by code.")
@click.option("--subject", default="", help="Who holds it; a name of the role by default.")
@click.option(
    "--hours", type=click.FloatRange(0.01, 24 * 31), default=8.0, show_default=True, help="How long it is valid."
)
def token(role: str, agency: str, subject: str, hours: float) -> None:
    """Prints a token signed with this platform's own key (not possible when tokens come from an identity provider).

    Example: motcua token --role clerk --agency 000.00.14.H56
    """
    settings = read_settings()
    if not settings.auth.hs256_key:
        raise CommandError("this platform checks its tokens by an identity provider's public keys: ask that provider")
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

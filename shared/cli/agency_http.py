"""``motcua agency connect`` and ``disconnect``: how agencies' own software gets its events."""

from __future__ import annotations

import click

from services.operations import connect_agency, disconnect_agency
from shared.agencies import UnknownAgency
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context
from shared.cli.text_type import LINE
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings


@click.command(short_help="Choose how an agency's software gets its events.")
@click.argument("code", type=LINE)
@click.option("--pull", is_flag=True, help="It fetches its events over HTTPS.")
@click.option("--amqp", is_flag=True, help="By its queue at the broker, for which it needs `grant` too.")
@click.option("--signs/--no-signs", default=None, help="As in `grant`.")
def connect(code: str, pull: bool, amqp: bool, signs: bool | None) -> None:
    """Connects the own software of the agency CODE in one way; its open steps are sent in that way at once. May be repeated.

    Example: motcua agency connect H12.14.02 --pull
    """
    if pull == amqp:
        raise CommandError("choose either --pull or --amqp")
    way = "pull" if pull else "amqp"
    settings = read_settings()
    try:
        load_reference(settings.agencies_dir).agencies.get(code)
    except UnknownAgency as error:
        raise CommandError(str(error)) from error
    with migrated_context("routing", settings) as context:
        sent = connect_agency(context.store, code, way, signs)
    click.echo(f"Cơ quan {code} nhận sự kiện theo cách {way} · agency {code} gets its events by {way}")
    if sent is None:
        click.echo("  đã kết nối như vậy từ trước · it was so connected before")
    else:
        click.echo(f"  việc đang mở đã gửi · open steps sent {sent}")


@click.command(short_help="Let people do an agency's steps again.")
@click.argument("code", type=LINE)
def disconnect(code: str) -> None:
    """The own software of the agency CODE takes part no longer; people do its steps. Its access to the broker, if it has any, is ended
    by `revoke`.

    Example: motcua agency disconnect H12.14.02
    """
    with migrated_context("routing", read_settings()) as context:
        ended = disconnect_agency(context.store, code)
    click.echo(f"Cơ quan {code} {'đã ngắt kết nối · is disconnected' if ended else 'chưa kết nối · was not connected'}")

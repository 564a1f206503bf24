"""``motcua agency connect``, ``disconnect`` and ``deliveries``: how agencies' own software gets its events."""

from __future__ import annotations

import click

from services.operations.agency_http import agency_deliveries, connect_agency, connect_agency_webhook, disconnect_agency
from services.operations.agency_keys import agency_keys
from shared.agencies import UnknownAgency
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context
from shared.cli.text_type import LINE
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings


@click.command(short_help="Choose how an agency's software gets its events.")
@click.argument("code", type=LINE)
@click.option("--webhook", type=LINE, default="", help="They are posted to this address, https://…")
@click.option("--pull", is_flag=True, help="It fetches its events over HTTPS.")
@click.option("--amqp", is_flag=True, help="By its queue at the broker, for which it needs `grant` too.")
@click.option("--allow-private", is_flag=True, help="With --webhook: the address may be in the platform's own network.")
@click.option(
    "--new-secret", is_flag=True, help="With --webhook: replace the secret; the old one signs too for two days."
)
@click.option("--signs/--no-signs", default=None, help="As in `grant`.")
def connect(
    code: str, webhook: str, pull: bool, amqp: bool, allow_private: bool, new_secret: bool, signs: bool | None
) -> None:
    """Connects the own software of the agency CODE in one way; its open steps are sent in that way at once. May be repeated; a webhook that
    was disabled goes on where it stopped.

    The secret of a webhook is printed once.

    Example: motcua agency connect H12.14.02 --webhook https://land.example.vn/motcua
    """
    if [bool(webhook), pull, amqp].count(True) != 1:
        raise CommandError("choose one of --webhook, --pull and --amqp")
    if (allow_private or new_secret) and not webhook:
        raise CommandError("--allow-private and --new-secret require --webhook")
    settings = read_settings()
    try:
        load_reference(settings.agencies_dir).agencies.get(code)
    except UnknownAgency as error:
        raise CommandError(str(error)) from error
    secret, way = "", "webhook" if webhook else "pull" if pull else "amqp"
    if webhook:
        settings.require_hash_key()
    with migrated_context("routing", settings) as context:
        if webhook:
            try:
                sent, secret = connect_agency_webhook(context, code, webhook, allow_private, new_secret, signs)
            except ValueError as error:
                raise CommandError(f"--webhook: {error}") from error
        else:
            sent = connect_agency(context.store, code, way, signs)
        has_key = any(key.state == "valid" for key in agency_keys(context.store, code))
    click.echo(f"Cơ quan {code} nhận sự kiện theo cách {way} · agency {code} gets its events by {way}")
    if webhook:
        click.echo(f"  địa chỉ · address         {webhook}")
    if secret:
        click.echo(f"  khóa ký · secret          {secret}   (chỉ hiện một lần · shown only this once)")
    if sent is None:
        click.echo("  đã kết nối như vậy từ trước · it was so connected before")
    else:
        click.echo(f"  việc đang mở đã gửi · open steps sent {sent}")
    if not has_key and not amqp:
        click.echo(f"  chưa có khóa truy cập · it has no key yet: motcua agency key new {code}")


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


@click.command(short_help="Show the last calls of an agency's webhook.")
@click.argument("code", type=LINE)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many calls.")
def deliveries(code: str, limit: int) -> None:
    """Shows what waits for the agency CODE, which is connected over HTTPS, and the last calls of its webhook, the newest first.

    Example: motcua agency deliveries H12.14.02
    """
    with migrated_context("routing", read_settings()) as context:
        shown = agency_deliveries(context.store, code, limit)
    if shown is None:
        raise CommandError(f"{code} is not connected over HTTPS; `motcua agency connect` does it")
    backlog, attempts = shown
    oldest = f", từ · since {backlog['oldest']:%d/%m/%Y %H:%M}" if backlog["oldest"] else ""
    click.echo(f"chờ · waiting {backlog['waiting']}{oldest}  đã thôi gửi · given up {backlog['given_up']}")
    if backlog["disabled"]:
        click.echo(
            f"webhook đã ngừng · webhook disabled: {backlog['because']}; "
            "bật lại · enable: motcua agency connect … --webhook …"
        )
    for one in attempts:
        result = one["status"] or one["error"]
        name = one["type"].removeprefix("vn.motcua.agency.").removesuffix(".v1")
        click.echo(
            f"{one['at']:%d/%m/%Y %H:%M:%S}  {result:<18} {one['milliseconds']:>6} ms  {name:<18} {one['key']}  {one['event_id']}"
        )

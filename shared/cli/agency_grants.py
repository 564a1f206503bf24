"""``motcua agency grant``, ``revoke``, ``list`` and ``replay``: the rights of agencies that plug in their own programs."""

from __future__ import annotations

import importlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from shared.agencies import UnknownAgency
from shared.cli.lazy import CommandError
from shared.contracts.observers import OBSERVED, observed_topics
from shared.contracts.observers import ROLE as OBSERVER
from shared.messaging.entities import agency_dead_letter_queue
from shared.messaging.port import Bus
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.sender_identity import agency_name
from shared.messaging.transports import open_bus
from shared.persistence.migrations import current
from shared.persistence.store import Store
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management, read_management
from shared.plugin_sdk.admin.replay import replay_dead
from shared.runtime.context import open_context
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import Settings, read_settings

PASSWORD_SETTING = "MOTCUA_AGENCY_PASSWORD"
SHORTEST_PASSWORD = 16


class _Broker:
    """The platform's broker, as its administrator sees it.

    Raises:
        CommandError: the platform's bus is no broker.
        shared.runtime.settings.SettingsError: the management API's address is missing or cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.embedded_bus:
            raise CommandError(
                "agencies plug in through RabbitMQ: set MOTCUA_BUS_URL to amqp://user:password@host/vhost"
            )
        self.endpoint = parse_endpoint(settings.bus_url)
        self.management: Management = read_management(self.endpoint.vhost)
        self.bus: Bus = open_bus(settings.bus_url, "motcua agency")


def _known(code: str, settings: Settings) -> str:
    try:
        load_reference(settings.agencies_dir).agencies.get(code)
    except UnknownAgency as error:
        raise CommandError(str(error)) from error
    return code


def _check_observer(code: str, settings: Settings) -> None:
    today = settings.clock.now().date()
    try:
        roles = load_reference(settings.agencies_dir).agencies.get(code, today).roles
    except UnknownAgency as error:
        raise CommandError(str(error)) from error
    if OBSERVER not in roles:
        raise CommandError(f"only an agency with the role {OBSERVER} may observe; {code} has {', '.join(roles)}")


def _well_formed(code: str) -> str:
    try:
        return agency_name(code)
    except ValueError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _routing(settings: Settings) -> Iterator[tuple[Any, Store]]:
    """What routing does about agencies' programs, and its store.

    Raises:
        CommandError: routing's database has no tables yet.
    """
    context = open_context("routing", settings)
    try:
        with context.store.read() as connection:
            if current(connection) is None:
                raise CommandError("routing's database is not prepared; run: motcua migrate")
        yield importlib.import_module("services.routing.plugins.registry"), context.store
    finally:
        context.store.close()


@click.command(short_help="Give an agency its queue and its user.")
@click.argument("code")
@click.option(
    "--observer/--no-observer",
    default=None,
    help="Also let it hear how every dossier goes on, or no more; only for the national portal. Unsaid, it stays as it is.",
)
def grant(code: str, observer: bool | None) -> None:
    """Gives the agency CODE its queue and a user that may read it and answer, and nothing else. Harmless when it has them.

    The password is taken from MOTCUA_AGENCY_PASSWORD, or made and printed this once.

    Example: motcua agency grant H12.14.02
    """
    settings = read_settings()
    broker, name = _Broker(settings), _well_formed(_known(code, settings))
    if observer:
        _check_observer(code, settings)
    given = os.environ.get(PASSWORD_SETTING, "")
    if given and len(given) < SHORTEST_PASSWORD:
        raise CommandError(f"{PASSWORD_SETTING} is shorter than {SHORTEST_PASSWORD} characters")
    password = given or secrets.token_urlsafe(24)
    grants.grant(broker.management, code, password)
    if observer is not None:
        grants.observe(broker.management, code, observed_topics() if observer else ())
    with _routing(settings) as (plugging, store):
        told = plugging.plug_in(store, code)
    click.echo(f"Đã cấp quyền cho cơ quan {code} · agency {code} is granted")
    click.echo(f"  máy chủ · broker         {broker.endpoint.address}")
    click.echo(f"  người dùng · user        {name}")
    if not given:
        click.echo(f"  mật khẩu · password      {password}   (chỉ hiện một lần · shown only this once)")
    click.echo(f"  hàng đợi · queue         {name}")
    click.echo(f"  việc đang mở · open steps {told}")
    if observer:
        click.echo(f"  theo dõi · observes      {len(OBSERVED)} loại sự kiện · kinds of event")


@click.command(short_help="Take an agency's rights away at once.")
@click.argument("code")
@click.option("--purge", is_flag=True, help="Also remove its queue, if nothing waits in it.")
@click.option("--force", is_flag=True, help="With --purge: even with what waits in it.")
def revoke(code: str, purge: bool, force: bool) -> None:
    """Takes the user of the agency CODE away and ends its connections. Its queue stays, so that nothing is lost.

    Example: motcua agency revoke H12.14.02
    """
    if force and not purge:
        raise CommandError("--force means something only beside --purge")
    settings = read_settings()
    broker = _Broker(settings)
    _well_formed(code)
    with _routing(settings) as (plugging, store):
        plugging.unplug(store, code)
    try:
        had = grants.revoke(broker.management, code)
        said = "không còn quyền · has no rights any more" if had else "chưa có quyền · had no rights"
        click.echo(f"Cơ quan {code} {said}")
        if purge:
            lost = grants.remove_queue(broker.management, broker.bus.depth, code, force)
            click.echo(f"Đã xóa hàng đợi · its queues are gone ({lost} thông điệp bị bỏ · messages dropped)")
    except grants.QueueNotEmpty as error:
        raise CommandError(f"{error}; --force drops them") from error
    except TimeoutError as error:
        raise CommandError(str(error)) from error


@click.command(name="list", short_help="List the agencies that have a queue.")
def list_() -> None:
    """Lists the agencies that have a queue or a user: rights, connections, messages waiting and dead letters.

    Example: motcua agency list
    """
    broker = _Broker(read_settings())
    found = grants.plugged_in(broker.management)
    for entry in found:
        waiting = broker.bus.depth(agency_name(entry.code))
        dead = broker.bus.depth(agency_dead_letter_queue(entry.code).name)
        state = "đã cấp quyền · granted" if entry.granted else "đã thu hồi · revoked"
        counts = f"kết nối · connections {entry.connections}  chờ · waiting {waiting}  lỗi · dead {dead}"
        observes = "  theo dõi · observes" if entry.observes else ""
        click.echo(f"{entry.code:20} {state:24} {counts}{observes}")
    if not found:
        click.echo("chưa có cơ quan nào · no agency is plugged in")


@click.command(short_help="Give an agency its dead letters again.")
@click.argument("code")
def replay(code: str) -> None:
    """Puts what the program of the agency CODE refused or died of back into its queue, once the program is mended.

    Example: motcua agency replay H12.14.02
    """
    settings = read_settings()
    broker = _Broker(settings)
    _well_formed(code)
    click.echo(f"{replay_dead(broker.endpoint, code)} thông điệp được gửi lại · messages sent again")

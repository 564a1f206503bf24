"""``motcua agency grant``, ``revoke``, ``list`` and ``replay``: agencies' access to the platform."""

from __future__ import annotations

import os
import secrets

import click

from services.operations import plug_in_agency
from services.operations.agency_http import disconnect_agency, replay_agency_events
from services.operations.agency_keys import revoke_agency_keys
from shared.agencies import UnknownAgency
from shared.cli import agency_settings
from shared.cli.agency_keys import acting_operator
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context
from shared.cli.text_type import LINE
from shared.contracts.observers import OBSERVED, observed_topics
from shared.contracts.observers import ROLE as OBSERVER
from shared.messaging.entities import agency_dead_letter_queue
from shared.messaging.port import Bus
from shared.messaging.rabbitmq.endpoint import parse_endpoint
from shared.messaging.sender_identity import agency_name
from shared.messaging.transports import open_bus
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management, read_management
from shared.plugin_sdk.admin.replay import replay_dead_letters
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import Settings, read_settings

PASSWORD_SETTING = "MOTCUA_AGENCY_PASSWORD"
MIN_PASSWORD_LENGTH = 16


class _Broker:
    """The platform's broker, with an administrator's account.

    Raises:
        CommandError: the platform uses the embedded bus, not a broker.
        shared.runtime.settings.SettingsError: the management API's URL is missing or invalid.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.embedded_bus:
            raise CommandError(
                "agencies connect through RabbitMQ: set MOTCUA_BUS_URL to amqp://user:password@host/vhost"
            )
        self.endpoint = parse_endpoint(settings.bus_url)
        self.management: Management = read_management(self.endpoint.vhost)
        self.bus: Bus = open_bus(settings.bus_url, "motcua agency")


def _check_known(code: str, settings: Settings) -> None:
    try:
        load_reference(settings.agencies_dir).agencies.get(code)
    except UnknownAgency as error:
        raise CommandError(str(error)) from error


def _check_observer(code: str, settings: Settings) -> None:
    today = settings.clock.now().date()
    try:
        roles = load_reference(settings.agencies_dir).agencies.get(code, today).roles
    except UnknownAgency as error:
        raise CommandError(str(error)) from error
    if OBSERVER not in roles:
        raise CommandError(f"only an agency with the role {OBSERVER} may observe; {code} has {', '.join(roles)}")


def _account_name(code: str) -> str:
    try:
        return agency_name(code)
    except ValueError as error:
        raise CommandError(str(error)) from error


@click.command(short_help="Give an agency its queue, broker user and key.")
@click.argument("code", type=LINE)
@click.option(
    "--observer/--no-observer",
    default=None,
    help="Whether it also receives the events of every dossier; only for the national portal. Unchanged if not given.",
)
@click.option(
    "--signs/--no-signs",
    default=None,
    help="Whether its leaders sign in its own software, which may then complete their steps. At first not; unchanged if not given.",
)
@click.option(
    "--new-key", is_flag=True, help="Make another key although the agency has a valid one, which stays valid."
)
def grant(code: str, observer: bool | None, signs: bool | None, new_key: bool) -> None:
    """Gives the agency CODE a queue, a broker user that may only read this queue and send decisions, and a key for access tokens. Prints
    the settings of its program, ready for an .env file: password and key are shown only this once. May be repeated: the queue and a valid
    key stay, the password is replaced.

    The password is read from MOTCUA_AGENCY_PASSWORD; without it one is generated. The broker's address for agencies is read from
    MOTCUA_AGENCY_BROKER.

    Example: motcua agency grant H12.14.02
    """
    settings = read_settings()
    broker, name = _Broker(settings), _account_name(code)
    _check_known(code, settings)
    if observer:
        _check_observer(code, settings)
    configured = os.environ.get(PASSWORD_SETTING, "")
    if configured and len(configured) < MIN_PASSWORD_LENGTH:
        raise CommandError(f"{PASSWORD_SETTING} is shorter than {MIN_PASSWORD_LENGTH} characters")
    address = agency_settings.broker_url(broker.endpoint)
    with migrated_context("routing", settings) as context:
        keys = agency_settings.plan_key(context.store, settings, code, new_key)
        password = configured or secrets.token_urlsafe(24)
        grants.grant(broker.management, code, password)
        if observer is not None:
            grants.set_observed_topics(broker.management, code, observed_topics() if observer else ())
        open_steps = plug_in_agency(context.store, code, signs)
        key = keys.make(context.store)
    click.echo(f"# Đã cấp quyền cho cơ quan {code} · agency {code} has access")
    click.echo(f"# hàng đợi · queue          {name}")
    click.echo(f"# việc đang mở · open steps {open_steps}")
    if signs is not None:
        click.echo(f"# ký số · signs             {'có · yes' if signs else 'không · no'}")
    if observer:
        click.echo(f"# theo dõi · observes       {len(OBSERVED)} loại sự kiện · event types")
    for line in agency_settings.lines(code, address, "" if configured else password, settings, keys, key):
        click.echo(line)


@click.command(short_help="Revoke an agency's access at once.")
@click.argument("code", type=LINE)
@click.option("--purge", is_flag=True, help="Also delete its queues; refused while they have messages.")
@click.option("--force", is_flag=True, help="With --purge: delete the messages too.")
def revoke(code: str, purge: bool, force: bool) -> None:
    """Deletes the broker user of the agency CODE, closes its connections and revokes its keys. Its queue stays, so that no message is
    lost. A token that was given before is good until its end, an hour at most.

    Example: motcua agency revoke H12.14.02
    """
    if force and not purge:
        raise CommandError("--force requires --purge")
    settings = read_settings()
    broker = _Broker(settings)
    _account_name(code)
    with migrated_context("routing", settings) as context:
        disconnect_agency(context.store, code)
        keys = revoke_agency_keys(context.store, code, acting_operator())
    try:
        existed = grants.revoke(broker.management, code)
        result = "không còn quyền · no longer has access" if existed else "chưa có quyền · had no access"
        click.echo(f"Cơ quan {code} {result}; {keys} khóa bị thu hồi · keys revoked")
        if purge:
            dropped = grants.remove_queue(broker.management, broker.bus.depth, code, force)
            click.echo(f"Đã xóa hàng đợi · its queues are deleted ({dropped} thông điệp bị bỏ · messages dropped)")
    except grants.QueueNotEmpty as error:
        raise CommandError(f"{error}; --force deletes them") from error
    except TimeoutError as error:
        raise CommandError(str(error)) from error


@click.command(name="list", short_help="List agencies with access or a queue.")
def list_() -> None:
    """Lists the agencies that have a queue or a broker user, with open connections, waiting messages and dead letters.

    Example: motcua agency list
    """
    broker = _Broker(read_settings())
    agencies = grants.list_access(broker.management)
    for entry in agencies:
        waiting = broker.bus.depth(agency_name(entry.code))
        dead = broker.bus.depth(agency_dead_letter_queue(entry.code).name)
        state = "đã cấp quyền · granted" if entry.granted else "đã thu hồi · revoked"
        counts = f"kết nối · connections {entry.connections}  chờ · waiting {waiting}  lỗi · dead letters {dead}"
        observes = "  theo dõi · observes" if entry.observes else ""
        click.echo(f"{entry.code:20} {state:24} {counts}{observes}")
    if not agencies:
        click.echo("chưa có cơ quan nào · no agency is connected")


@click.command(short_help="Send an agency its dead letters again.")
@click.argument("code", type=LINE)
def replay(code: str) -> None:
    """Moves the dead letters of the agency CODE (messages that its program rejected or failed on) back to its queue, or sends what its
    webhook did not take for days again. Run it after the program is fixed.

    Example: motcua agency replay H12.14.02
    """
    settings = read_settings()
    _account_name(code)
    with migrated_context("routing", settings) as context:
        again = replay_agency_events(context.store, code)
    if again is not None:
        click.echo(f"{again} sự kiện được gửi lại · events sent again")
        return
    broker = _Broker(settings)
    click.echo(f"{replay_dead_letters(broker.endpoint, code)} thông điệp được gửi lại · messages sent again")

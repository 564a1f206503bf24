"""``motcua events``: published events, what subscribers have confirmed of them, and sending again what they lack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import click

from services.registry import SERVICE_NAMES
from shared.cli.errors import CommandError
from shared.cli.service_argument import all_services_by_default, selected
from shared.cli.store_access import migrated_store
from shared.cli.text_type import LINE
from shared.contracts import REGISTRY
from shared.messaging import missing_events, published
from shared.messaging.reconciliation import checks, windows
from shared.messaging.reconciliation.windows import WindowState
from shared.runtime.clock import VIETNAM
from shared.runtime.settings import read_settings

Command = TypeVar("Command", bound=Callable[..., Any])
SHOWN = "%Y-%m-%d %H:%M:%S"


class Moment(click.ParamType[datetime]):
    """A time in ISO 8601; without an offset it is Vietnam's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Reads the text."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2025-11-03T07:30", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _selection(command: Command) -> Command:
    """Adds the options that choose published events."""
    for option in (
        click.option(
            "--type",
            "types",
            type=LINE,
            multiple=True,
            help="Names of events, such as dossier.received; all by default.",
        ),
        click.option(
            "--since", required=True, type=Moment(), help="When they were published at the earliest, in real time."
        ),
        click.option(
            "--service", required=True, type=click.Choice(SERVICE_NAMES), help="The service that published them."
        ),
    ):
        command = option(command)
    return command


def _subscriber(purpose: str) -> Callable[[Command], Command]:
    return click.option("--subscriber", type=click.Choice(SERVICE_NAMES), help=purpose)


@click.group(short_help="Published events: list them, what is confirmed, send again what is missing.")
def events() -> None:
    """A service keeps what it has published for some days, until its subscribers have confirmed it and longer. What a subscriber lacks is
    sent again by itself; these commands show how it stands, and compare again what was confirmed before.

    Example: motcua events status
    """


@events.command(short_help="What each subscriber has confirmed.")
@all_services_by_default
def status(service: str) -> None:
    """Shows for each publisher and subscriber how many events are kept, since when some are unconfirmed, and how many are missing. SERVICE
    is the publisher (default: all). Ends with status 1 if events are missing.

    Example: motcua events status intake
    """
    lacking = 0
    for one in selected(service):
        with migrated_store(one.name, read_settings()) as store, store.read() as connection:
            kept, found = (
                published.counts(connection),
                {state.subscriber: state for state in windows.states(connection)},
            )
            awaited = missing_events.count(connection)
        for subscriber in sorted(windows.subscribers_to(one.name)):
            count = sum(number for type_, number in kept.items() if subscriber in windows.subscribers_of(type_))
            click.echo(f"{one.name} → {subscriber:8} published {count:7}  {_state(found.get(subscriber))}")
        lacking += awaited + sum(state.missing for state in found.values())
        if awaited:
            click.echo(f"{one.name} itself waits for {awaited} events that were published and have not arrived")
    if lacking:
        raise SystemExit(1)


def _state(state: WindowState | None) -> str:
    if state is None:
        return "all confirmed"
    oldest = state.oldest.astimezone(VIETNAM).strftime(SHOWN)
    return f"confirmed up to {oldest}  unconfirmed {state.unconfirmed}  missing {state.missing}"


@events.command(name="list", short_help="List published events.")
@_selection
@click.option("--most", default=100, show_default=True, help="The largest number of events.")
def list_(service: str, since: datetime, types: tuple[str, ...], most: int) -> None:
    """Lists what a service has published, oldest first, with the services that get it.

    Example: motcua events list --service intake --since 2025-11-03T07:30 --type dossier.received
    """
    wanted = _full_types(service, types) or [
        entry.type for entry in REGISTRY.by_name.values() if entry.owner == service
    ]
    with migrated_store(service, read_settings()) as store, store.read() as connection:
        found = published.since(connection, since, wanted)
        shown = list(islice(found, most))
        more = sum(1 for _ in found)
    for event in shown:
        name = REGISTRY.by_type[event.type].name
        receivers = ", ".join(windows.subscribers_of(event.type)) or "its agency"
        moment = event.published_at.astimezone(VIETNAM).strftime(SHOWN)
        click.echo(f"{moment}  {name}  {event.key}  {event.sequence}  {event.event_id}  → {receivers}")
    if not shown:
        click.echo("nothing was published")
    elif more:
        click.echo(f"… and {more} more; --most shows more")


@events.command(short_help="Send published events again to subscribers that lack them.")
@_selection
@_subscriber("Only this subscriber; all by default.")
@click.option("--dry-run", is_flag=True, help="Only show how many events would be compared.")
def resend(service: str, since: datetime, types: tuple[str, ...], subscriber: str | None, dry_run: bool) -> None:
    """The worker of the service compares again what was published since then with what its subscribers have, and sends again what they
    lack, in order, until they have confirmed everything. An event goes only to services that subscribe to it.

    Example: motcua events resend --service intake --since 2025-11-03T07:30 --subscriber routing
    """
    chosen = _full_types(service, types)
    with migrated_store(service, read_settings()) as store, store.uow() as unit:
        at = store.clock.wall()
        counts = windows.reopen(unit.connection, since, at, subscriber or "", chosen, dry_run)
    for name, count in sorted(counts.items()):
        click.echo(
            f"{service} → {name}: {count} events {'would be' if dry_run else 'are'} compared; what is missing is sent again"
        )
    if not counts:
        click.echo("nothing was published for these subscribers")


@events.command(short_help="Ask all publishers for what a service lacks.")
@click.option("--service", required=True, type=click.Choice(SERVICE_NAMES), help="The service that lacks events.")
@click.option(
    "--since", required=True, type=Moment(), help="Everything published since then is compared, in real time."
)
def request(service: str, since: datetime) -> None:
    """A service whose database was restored from a backup asks all services that it subscribes to for what it has forgotten. Give a time
    before the backup was made.

    Example: motcua events request --service routing --since 2025-11-02T23:00
    """
    with migrated_store(service, read_settings()) as store, store.uow() as unit:
        asked = checks.request_everything(unit.connection, service, since, store.clock.wall())
    click.echo(f"{service} asks {', '.join(asked)}; `motcua events status` shows how it stands")


def _full_types(service: str, names: tuple[str, ...]) -> list[str]:
    """The full types of some events.

    Raises:
        CommandError: the service has no such event.
    """
    own = {entry.name: entry.type for entry in REGISTRY.by_name.values() if entry.owner == service}
    if unknown := [name for name in names if name not in own]:
        raise CommandError(f"{service} publishes no {', '.join(unknown)}; it publishes {', '.join(sorted(own))}")
    return [own[name] for name in names]

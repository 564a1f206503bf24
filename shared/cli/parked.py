"""``motcua parked``: events that a service could not apply and that wait for an operator."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
from sqlalchemy import Connection

from shared.cli.errors import CommandError
from shared.cli.service_argument import all_services_by_default, one_service, selected
from shared.cli.store_access import migrated_store
from shared.messaging import parked_events
from shared.messaging.event import Undecodable
from shared.messaging.retry_queue import RetryEntry
from shared.persistence.store import Store
from shared.runtime.clock import Clock
from shared.runtime.settings import read_settings

ALL_ROWS = 1_000_000
REASON_LENGTH = 200


@click.group(short_help="List, show, replay or discard parked events.")
def parked() -> None:
    """A service parks an event that it cannot apply, at once or after its last attempt. Later events of the same dossier wait until the
    parked event is replayed or discarded.

    Example: motcua parked list
    """


def _stores(service: str) -> Iterator[Store]:
    settings = read_settings()
    for found in selected(service):
        with migrated_store(found.name, settings) as store:
            yield store


@parked.command(name="list", short_help="List parked events.")
@all_services_by_default
@click.option("--most", default=100, show_default=True, help="The largest number of events for each service.")
def list_(service: str, most: int) -> None:
    """Lists the parked events of SERVICE (default: all).

    Example: motcua parked list routing
    """
    found = 0
    for store in _stores(service):
        with store.read() as connection:
            for row in parked_events.oldest(connection, most):
                found += 1
                waiting = parked_events.count_others_of_key(connection, row)
                click.echo(
                    f"{store.service} {row.id}  {row.kind}  {row.type}  {row.key}  {row.queued_at:%Y-%m-%d %H:%M}"
                )
                suffix = f"  [{waiting} waiting behind it]" if waiting else ""
                click.echo(f"    {row.reason[:REASON_LENGTH]}{suffix}")
    if not found:
        click.echo("nothing is parked")


@parked.command(short_help="Show one parked event in full.")
@one_service
@click.argument("number", type=int)
@click.option("--data", is_flag=True, help="Also show the event's data. In notify it may hold personal data.")
def show(service: str, number: int, data: bool) -> None:
    """Shows the event NUMBER of SERVICE and why it is parked. `motcua parked list` shows the numbers.

    Example: motcua parked show routing 17
    """
    for store in _stores(service):
        with store.read() as connection:
            row = _found(parked_events.find(connection, number), service, number)
            waiting = parked_events.count_others_of_key(connection, row)
        for name in ("state", "kind", "type", "key", "source", "event_id", "sequence", "attempts"):
            click.echo(f"{name:10} {getattr(row, name)}")
        click.echo(f"{'since':10} {row.queued_at.isoformat()}\n{'behind it':10} {waiting}\n{'reason':10} {row.reason}")
        if data:
            click.echo(_pretty(row))


@parked.command(short_help="Apply parked events again.")
@one_service
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All parked events of SERVICE.")
def replay(service: str, numbers: tuple[int, ...], every: bool) -> None:
    """The worker of SERVICE tries the events NUMBERS again, with a new count of attempts, and then the events behind them.

    Example: motcua parked replay routing 17 18
    """
    _change(service, numbers, every, "replayed")


@parked.command(short_help="Delete parked events.")
@one_service
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.confirmation_option(prompt="SERVICE will never apply these events. Discard them?")
def discard(service: str, numbers: tuple[int, ...]) -> None:
    """Deletes the events NUMBERS of SERVICE, which then never applies them. The events behind them are applied.

    Example: motcua parked discard stats 4 --yes
    """
    _change(service, numbers, False, "discarded")


def _change(service: str, numbers: tuple[int, ...], every: bool, verb: str) -> None:
    if not numbers and not every:
        raise CommandError("give the numbers of events, or --all")
    for store in _stores(service):
        with store.uow() as unit:
            ids = [row.id for row in parked_events.oldest(unit.connection, ALL_ROWS)] if every else list(numbers)
            act = parked_events.discard if verb == "discarded" else _replay
            count = act(unit.connection, ids)
        click.echo(f"{count} {verb}")
        if count < len(ids):
            raise CommandError(f"{len(ids) - count} of these numbers are not parked in {service}")


def _replay(connection: Connection, ids: list[int]) -> int:
    return parked_events.replay(connection, ids, Clock().wall())


def _found(row: RetryEntry | None, service: str, number: int) -> RetryEntry:
    if row is None:
        raise CommandError(f"{service} holds no event with the number {number}")
    return row


def _pretty(row: RetryEntry) -> str:
    try:
        return json.dumps(row.event().data, ensure_ascii=False, indent=2)
    except Undecodable:
        return row.body

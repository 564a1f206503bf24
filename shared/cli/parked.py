"""``motcua parked``: the events that need a person."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
from sqlalchemy import Connection

from shared.cli.errors import CommandError
from shared.cli.service_argument import SERVICE, SERVICE_OR_ALL, selected
from shared.messaging import retry_queue
from shared.messaging.event import Undecodable
from shared.messaging.retry_queue import RetryEntry
from shared.persistence.store import Store
from shared.runtime.clock import Clock
from shared.runtime.settings import read_settings


@click.group(short_help="Look at, replay or discard parked events.")
def parked() -> None:
    """Events that a service could not apply and gave up on wait here for a person; later events of the same dossier wait behind them.

    Example: motcua parked list
    """


def _stores(service: str) -> Iterator[Store]:
    settings = read_settings()
    for name in (found.name for found in selected(service)):
        store = Store(settings.db_url(name), name, settings.clock)
        yield store
        store.close()


@parked.command(name="list", short_help="List parked events.")
@click.argument("service", type=SERVICE_OR_ALL, default="all")
@click.option("--most", default=100, show_default=True, help="Rows at the most for each service.")
def list_(service: str, most: int) -> None:
    """Lists the parked events of SERVICE (default: all).

    Example: motcua parked list routing
    """
    found = 0
    for store in _stores(service):
        with store.read() as connection:
            for row in retry_queue.parked(connection, most):
                found += 1
                waiting = retry_queue.count_others_of_key(connection, row)
                click.echo(
                    f"{store.service} {row.id}  {row.kind}  {row.type}  {row.key}  {row.queued_at:%Y-%m-%d %H:%M}"
                )
                click.echo(f"    {row.reason[:200]}" + (f"  [{waiting} behind it]" if waiting else ""))
    if not found:
        click.echo("nothing is parked")


@parked.command(short_help="Show one parked event in full.")
@click.argument("service", type=SERVICE)
@click.argument("number", type=int)
@click.option("--data", is_flag=True, help="Also the event's data (may hold personal data in notify).")
def show(service: str, number: int, data: bool) -> None:
    """Shows the event NUMBER of SERVICE and why it is parked.

    Example: motcua parked show routing 17
    """
    for store in _stores(service):
        with store.read() as connection:
            row = _found(retry_queue.find(connection, number), service, number)
            waiting = retry_queue.count_others_of_key(connection, row)
        for name in ("state", "kind", "type", "key", "source", "event_id", "sequence", "attempts"):
            click.echo(f"{name:10} {getattr(row, name)}")
        click.echo(f"{'since':10} {row.queued_at.isoformat()}\n{'behind it':10} {waiting}\n{'reason':10} {row.reason}")
        if data:
            click.echo(_pretty(row))


@parked.command(short_help="Give parked events a fresh start.")
@click.argument("service", type=SERVICE)
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that are parked in this service.")
def replay(service: str, numbers: tuple[int, ...], every: bool) -> None:
    """Lets the worker of SERVICE try the events NUMBERS again, and what waits behind them.

    Example: motcua parked replay routing 17 18
    """
    _change(service, numbers, every, "replayed")


@parked.command(short_help="Drop parked events for good.")
@click.argument("service", type=SERVICE)
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.confirmation_option(prompt="Their effect will be missing in this service for ever. Discard?")
def discard(service: str, numbers: tuple[int, ...]) -> None:
    """Drops the events NUMBERS of SERVICE; what waits behind them goes on.

    Example: motcua parked discard stats 4 --yes
    """
    _change(service, numbers, False, "discarded")


def _change(service: str, numbers: tuple[int, ...], every: bool, verb: str) -> None:
    if not numbers and not every:
        raise CommandError("name events by their numbers, or give --all")
    for store in _stores(service):
        with store.uow() as unit:
            ids = [row.id for row in retry_queue.parked(unit.connection, 1_000_000)] if every else list(numbers)
            act = retry_queue.discard if verb == "discarded" else _replay
            count = act(unit.connection, ids)
        click.echo(f"{count} {verb}")
        if count < len(ids):
            raise CommandError(f"{len(ids) - count} of these numbers are not parked in {service}")


def _replay(connection: Connection, ids: list[int]) -> int:
    return retry_queue.replay(connection, ids, Clock().wall())


def _found(row: RetryEntry | None, service: str, number: int) -> RetryEntry:
    if row is None:
        raise CommandError(f"{service} holds no event with the number {number}")
    return row


def _pretty(row: RetryEntry) -> str:
    try:
        return json.dumps(row.event().data, ensure_ascii=False, indent=2)
    except Undecodable:
        return row.body

"""``motcua bus``: the queues of the services at the broker, and how many there are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from shared.cli.errors import CommandError
from shared.cli.service_argument import all_services_by_default, one_service, selected
from shared.cli.store_access import migrated_store
from shared.contracts import platform_topology
from shared.messaging.hints import PARTITIONS
from shared.messaging.partitions import generations
from shared.messaging.partitions.generations import MOST_PARTITIONS, ChangeUnderWay, Generations
from shared.messaging.port import PartitionQueues
from shared.messaging.topology import Generation
from shared.messaging.transports import open_bus
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.settings import Settings, read_settings

LOOK_SECONDS = 0.5
SAY_SECONDS = 5.0
GOES_ON = "The workers go on with it by themselves; `motcua bus status` shows how it stands."


@click.group(short_help="The queues of the services: how long, how many, and changing their number.")
def bus() -> None:
    """A service's events are in one queue, or in several partitions with the events of a dossier always in the same one, so that several
    worker processes share the work and the order of each dossier is kept.

    Example: motcua bus status
    """


@bus.command(short_help="The queues of each service, with what waits in them and who consumes them.")
@all_services_by_default
def status(service: str) -> None:
    """Shows the queues of SERVICE (default: all), how many messages wait in each, whether they are consumed, and how many worker
    processes share them.

    Example: motcua bus status routing
    """
    settings = read_settings()
    for one in selected(service):
        with _broker(one.name, settings) as (store, queues):
            present = _read(store)
            workers = _workers(one.name, queues)
            click.echo(
                f"{one.name}: {_number(present.newest.partitions)}{_changing(present)}, {workers} worker processes"
            )
            for generation in present.rows:
                for state in queues.look(_names(one.name, generation)):
                    consumed = "consumed" if state.consumers else "not consumed"
                    click.echo(f"  {state.name}  {state.waiting} waiting, {consumed}")


@bus.command(short_help="Change the number of a service's partitions while everything runs.")
@one_service
@click.argument("number", type=click.IntRange(1, MOST_PARTITIONS), metavar="N")
@click.option("--no-wait", is_flag=True, help="Begin the change and leave the rest to the workers.")
def partitions(service: str, number: int, no_wait: bool) -> None:
    """Divides the events of SERVICE into N partitions (1 to 64; 1 for none), which its worker processes share, one or several each. Nothing
    is lost, applied twice or out of order, whatever is killed in the meantime: new events wait in the new queues until the old ones are
    applied. The workers carry it out; the command only begins it and waits until it is done.

    Example: motcua bus partitions routing 4
    """
    with _broker(service, read_settings()) as (store, queues):
        if not _workers(service, queues):
            raise CommandError(
                f"no worker of {service} is running; start one (motcua worker {service}) and try again: nothing was changed"
            )
        if not _begin(store, number):
            click.echo(f"{service} has {_number(number)} already{_changing(_read(store))}")
        if no_wait:
            click.echo(GOES_ON)
            return
        try:
            _wait(store, queues)
        except KeyboardInterrupt:
            click.echo(GOES_ON)
            raise SystemExit(130) from None
        click.echo(f"{service} has {_number(number)}: {', '.join(_read(store).consumed.queue_names)}")


def _begin(store: Store, number: int) -> bool:
    def request(unit: UnitOfWork) -> bool:
        unit.hint(PARTITIONS)
        return generations.request(unit.connection, store.service, number, store.clock.wall())

    try:
        return store.run(request)
    except ChangeUnderWay as error:
        raise CommandError(
            f"{store.service} is being changed to {_number(error.partitions)}; wait for it, then try again: nothing was changed"
        ) from error


def _wait(store: Store, queues: PartitionQueues) -> None:
    say_at = time.monotonic() + SAY_SECONDS
    while (present := _read(store)).changing:
        if time.monotonic() >= say_at:
            say_at += SAY_SECONDS
            if _workers(store.service, queues):
                waiting = sum(state.waiting for state in queues.look(present.consumed.queue_names))
                click.echo(f"{waiting} events wait in the old queues")
            else:
                click.echo("no worker is running now; the change goes on when one starts")
        time.sleep(LOOK_SECONDS)


def _workers(service: str, queues: PartitionQueues) -> int:
    """How many worker processes the service has."""
    [presence] = queues.look([platform_topology().of(service).presence_queue_name])
    return presence.consumers


def _read(store: Store) -> Generations:
    with store.read() as connection:
        return generations.read(connection, store.service)


def _names(service: str, generation: Generation) -> list[str]:
    """A generation's queues with the service's own, which every worker consumes."""
    return list(dict.fromkeys((*Generation(service).queue_names, *generation.queue_names)))


def _number(partitions: int) -> str:
    return f"{partitions} partition{'s' if partitions > 1 else ''}"


def _changing(present: Generations) -> str:
    if not present.changing:
        return ""
    return f", which get new events; the events in {_number(present.consumed.partitions)} are applied first"


@contextmanager
def _broker(service: str, settings: Settings) -> Iterator[tuple[Store, PartitionQueues]]:
    queues = open_bus(settings.bus_url, "motcua bus").partitions(service)
    if queues is None:
        raise CommandError(
            "the bus is a file (MOTCUA_BUS_URL is embedded:…), which one worker process reads: it has no partitions and needs none"
        )
    with migrated_store(service, settings) as store:
        from shared.messaging.hint_transports import open_hints

        store.hints = open_hints(store.engine)
        yield store, queues

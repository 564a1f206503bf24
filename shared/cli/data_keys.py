"""``motcua data-keys``: the keys that encrypt personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import click

from services import operations
from services.registry import SERVICES, Service
from shared.cli import data_key_use
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_store
from shared.cli.text_type import CODE
from shared.persistence import data_key_register
from shared.persistence.key_rotation import BATCH, reseal, sealed_tables
from shared.persistence.store import Store
from shared.runtime.clock import Clock
from shared.runtime.data_keys import DataKeys
from shared.runtime.generated_keys import new_data_key
from shared.runtime.settings import Settings, read_settings

PLACES = {
    "outbox": "events to be published",
    "published_event": "published events",
    "retry_queue": "events to be applied",
}
"""What operators call the tables of events."""
UPLOADS = {"intake": "uploaded files", "rating": "files of complaints"}


@click.group(short_help="The keys that encrypt personal data.")
def data_keys() -> None:
    """Makes keys of personal data (MOTCUA_DATA_KEYS), shows what they are used for, and replaces an old one. See docs/privacy.md.

    Example: motcua data-keys new
    """


@data_keys.command(short_help="Print a new key.")
@click.option("--id", "id_", type=CODE, default="", help="Its id; by default made from the day.")
def new(id_: str) -> None:
    """Prints a new key as ID:KEY, for MOTCUA_DATA_KEYS.

    Example: motcua data-keys new --id k2026
    """
    click.echo(new_data_key(id_ or f"k{Clock().wall():%y%m%d}"))


@data_keys.command(short_help="What each key is used for, and which may be removed.")
def status() -> None:
    """Counts what each key has sealed in the databases of intake, notify and rating and in the bus file; says which may be removed.

    Ends with status 1 if something is sealed with a key that is not given.

    Example: motcua data-keys status
    """
    settings = read_settings()
    keys = settings.require_data_keys()
    with ExitStack() as stack:
        found = dict(_counts(_open(stack, settings, keys), settings))
    _show(found, keys)


@data_keys.command(short_help="Seal everything again with the first key.")
@click.option(
    "--batch", type=click.IntRange(1, 5000), default=BATCH, show_default=True, help="Rows of one transaction."
)
def rotate(batch: int) -> None:
    """Seals all personal data of intake, notify and rating again with the first key of MOTCUA_DATA_KEYS, while the services work.

    First all processes must have been started with the new key in front and the old ones behind it. It may be stopped and run again at any
    time. Events are not sealed again: they go within days, and `motcua data-keys status` says when the old key may be removed.

    Example: motcua data-keys rotate
    """
    settings = read_settings()
    keys = settings.require_data_keys()
    unreadable = 0
    with ExitStack() as stack:
        opened = _open(stack, settings, keys)
        for service, store in opened:
            data_key_register.begin_writing(store)
            for table in sealed_tables(service.migrations().metadata):
                done = reseal(store, table, batch)
                unreadable += done.unreadable
                click.echo(f"{service.name} {table.name}: {done.rows} rows sealed with {keys.first}{_rest(done.left)}")
            changed = operations.reseal_uploads(service.name, store, settings)
            if changed is not None:
                click.echo(f"{UPLOADS[service.name]}: {changed} changed to {keys.first}")
        found = dict(_counts(opened, settings))
    if unreadable:
        click.echo(f"{unreadable} rows cannot be opened by any of the keys given")
    _show(found, keys)


def _rest(left: int) -> str:
    return f", {left} were in use: run it again" if left else ""


def _open(stack: ExitStack, settings: Settings, keys: DataKeys) -> list[tuple[Service, Store]]:
    return [
        (service, stack.enter_context(migrated_store(service.name, settings, keys)))
        for service in SERVICES
        if service.keeps_personal_data
    ]


def _counts(opened: list[tuple[Service, Store]], settings: Settings) -> Iterator[tuple[str, Counter[str]]]:
    for service, store in opened:
        for table, counted in data_key_use.rows(service, store).items():
            yield f"{service.name} {table}", counted
        for table, counted in data_key_use.events(store).items():
            yield f"{service.name} {PLACES[table]}", counted
        if service.name in UPLOADS:
            yield UPLOADS[service.name], operations.uploads_by_key(service.name, store, settings)
    if settings.embedded_bus:
        yield "bus file", data_key_use.bus_file(settings)


def _show(found: dict[str, Counter[str]], keys: DataKeys) -> None:
    """Prints the counts and what follows from them.

    Raises:
        CommandError: something is sealed with a key that is not given.
    """
    used: Counter[str] = sum(found.values(), Counter())
    ids = [*keys.ids, *sorted(id_ for id_ in used if id_ not in keys.ids)]
    width = max(map(len, found))
    click.echo(" " * width + "".join(f"{id_ or '?':>14}" for id_ in ids))
    for place, counted in found.items():
        if counted:
            click.echo(f"{place:{width}}" + "".join(f"{counted[id_]:>14}" for id_ in ids))
    for id_ in keys.ids[1:]:
        if not used[id_]:
            click.echo(f"{id_} may be removed from MOTCUA_DATA_KEYS; keep it as long as a backup that was made with it")
        elif any(counted[id_] for place, counted in found.items() if not _passes(place)):
            click.echo(f"{id_} is needed: run motcua data-keys rotate")
        else:
            click.echo(f"{id_} is needed until the events that it has sealed are gone (MOTCUA_KEEP_PUBLISHED_DAYS)")
    if lacking := [id_ or "an unknown key" for id_ in ids if id_ not in keys.ids]:
        raise CommandError(f"personal data are sealed with {', '.join(lacking)}, which MOTCUA_DATA_KEYS lacks")


def _passes(place: str) -> bool:
    return place == "bus file" or place.partition(" ")[2] in PLACES.values()

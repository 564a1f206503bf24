"""``motcua store``: backups of the services' databases, and what to do after a restore. See docs/backup.md."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from services.operations import dossiers_unknown_to_intake
from services.registry import SERVICE_NAMES
from shared.cli.errors import CommandError
from shared.cli.service_argument import all_services_by_default, one_service_or_all, selected
from shared.cli.store_access import migrated_store
from shared.cli.text_type import CleanLine
from shared.persistence import epoch
from shared.runtime.clock import VIETNAM
from shared.runtime.settings import read_settings


@click.group(short_help="Back up databases; what to do after a restore.")
def store() -> None:
    """Copies the databases of the embedded platform, and tells the platform that a database was restored from a backup.

    Example: motcua store backup --to /srv/backup/today
    """


@store.command(short_help="Copy SQLite databases, and the bus file.")
@all_services_by_default
@click.option("--to", "target", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
def backup(service: str, target: Path) -> None:
    """Copies the SQLite database of SERVICE (default: all, and the bus file) into a new folder, while the platform runs.

    Each copy is complete and consistent in itself. For a PostgreSQL database it names the command to use instead.

    Example: motcua store backup --to /srv/backup/today
    """
    settings = read_settings()
    if target.exists():
        raise CommandError(f"{target} exists; give a new folder, so that no older backup is overwritten")
    target.mkdir(mode=0o700, parents=True)
    for found in selected(service):
        url = make_url(settings.db_url(found.name))
        if url.get_backend_name() == "sqlite":
            _copy(Path(url.database or ""), target / f"{found.name}.db")
        else:
            click.echo(f"{found.name}: on PostgreSQL; use pg_dump --format=custom")
    if service == "all" and settings.embedded_bus:
        _copy(Path(settings.bus_url.removeprefix("embedded:")), target / "bus.db")


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise CommandError(f"there is no file {source}")
    target.touch(mode=0o600)
    reading, writing = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        writing.close()
        reading.close()
    click.echo(f"{target}: {target.stat().st_size:,} bytes")


@store.command(short_help="Say that a database was restored from a backup.")
@one_service_or_all
@click.option(
    "--reason",
    type=CleanLine(epoch.MAX_REASON),
    default="an operator restored it from a backup",
    show_default=True,
    help="For the record.",
)
def restored(service: str, reason: str) -> None:
    """Begins a new epoch of SERVICE: no number that the lost database may have given is given again, and the other services are told.

    Run it after each restore, before the service starts. It does nothing more when the restore was noticed by itself.

    Example: motcua store restored intake
    """
    settings = read_settings()
    for found in selected(service):
        with migrated_store(found.name, settings) as opened:
            number = opened.run(lambda unit: epoch.begin(unit.connection, reason, unit.clock.wall().timestamp()))
        click.echo(f"{found.name}: epoch {number}, begun {_moment(number)}")


@store.command(short_help="Which databases were restored, and when.")
@all_services_by_default
def status(service: str) -> None:
    """Shows the present epoch of SERVICE (default: all).

    Example: motcua store status
    """
    settings = read_settings()
    for found in selected(service):
        with migrated_store(found.name, settings) as opened, opened.read() as connection:
            present = epoch.present(connection)
        if not present.number:
            click.echo(f"{found.name}: never restored")
            continue
        told = "the other services were told" if present.announced else "the other services will be told"
        click.echo(f"{found.name}: restored {_moment(present.number)} ({present.reason}); {told}")


@store.command(short_help="List dossiers that intake has lost.")
def lost() -> None:
    """Lists the dossiers that other services know and intake does not, as after a restore of intake.

    The citizens hold their receipts; their telephone numbers are in notify's database.

    Example: motcua store lost
    """
    settings = read_settings()
    with ExitStack() as stack:
        stores = {name: stack.enter_context(migrated_store(name, settings)) for name in SERVICE_NAMES}
        codes = dossiers_unknown_to_intake(stores)
    for code, known_to in codes.items():
        click.echo(f"{code}  known to {', '.join(known_to)}")
    click.echo(f"{len(codes)} dossiers are unknown to intake")


def _moment(number: int) -> str:
    return f"{datetime.fromtimestamp(number, VIETNAM):%Y-%m-%d %H:%M:%S}"

"""``motcua migrate`` and ``motcua import``: tables and procedures, before anybody works with them."""

from __future__ import annotations

from pathlib import Path

import click

from services import operations
from shared.cli.errors import CommandError
from shared.cli.service_argument import all_services_by_default, selected
from shared.cli.store_access import migrated_context
from shared.persistence import migrations
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings


@click.command(short_help="Create or upgrade the tables of databases.")
@all_services_by_default
@click.option("--samples", is_flag=True, help="Also publish the built-in sample procedures.")
def migrate(service: str, samples: bool) -> None:
    """Creates or upgrades the tables of SERVICE (default: all) and prints the revision of each database.

    Example: motcua migrate intake --samples
    """
    settings = read_settings()
    for found in selected(service):
        context = open_context(found.name, settings)
        try:
            click.echo(f"{found.name}: {migrations.migrate(context.store.engine, found.migrations().location)}")
            if samples and found.name == "intake":
                click.echo(f"intake: {operations.publish_sample_procedures(context)} procedures published")
        finally:
            context.store.close()


@click.group(name="import", short_help="Import procedures from a file.")
def import_() -> None:
    """Imports data from a file. If anything in the file is wrong, nothing is imported.

    Example: motcua import procedures catalogue.json
    """


@import_.command(short_help="Import procedures with their cases, papers, time limits and routes.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def procedures(file: Path) -> None:
    """Publishes the procedures in FILE as new versions. FILE is JSON: a catalogue in motcua's own format or a provincial list.

    Every wrong entry is reported with its position, and then nothing is imported. A procedure without changes gets no new version.

    Example: motcua import procedures land-procedures.json
    """
    from shared.data_files import DataError

    with migrated_context("intake", read_settings()) as context:
        try:
            report = operations.import_procedures(context, file)
        except DataError as error:
            for fault in error.faults:
                click.echo(f"{file}: {fault}", err=True)
            raise CommandError(f"{file}: faults: {len(error.faults)}; nothing imported") from error
    click.echo(f"{file}: {report}")

"""``motcua migrate`` and ``motcua import``: what is in the databases before anybody works with them."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from shared.cli.lazy import CommandError
from shared.cli.services import SERVICE_OR_ALL, chosen
from shared.persistence import migrations
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings


@click.command(short_help="Bring databases to the newest version of their tables.")
@click.argument("service", type=SERVICE_OR_ALL, default="all")
@click.option("--samples", is_flag=True, help="Publish the built-in sample procedures too.")
def migrate(service: str, samples: bool) -> None:
    """Creates or upgrades the tables of SERVICE (default: all).

    Example: motcua migrate intake --samples
    """
    settings = read_settings()
    for name in chosen(service):
        context = open_context(name, settings)
        click.echo(f"{name}: {migrations.migrate(context.store.engine, name)}")
        if samples and name == "intake":
            published = importlib.import_module("services.intake.procedures.commands").ensure_builtin(context)
            click.echo(f"intake: {len(published)} procedures published")
        context.store.close()


@click.group(name="import", short_help="Import procedures from a file.")
def import_() -> None:
    """Imports data from files; nothing is imported when anything in the file is wrong.

    Example: motcua import procedures catalogue.json
    """


@import_.command(short_help="Import procedures with their cases, papers, time limits and routes.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def procedures(file: Path) -> None:
    """Publishes the procedures in FILE (JSON, the catalogue's own shape or a provincial list) as new versions.

    Every bad entry is reported by its position, and then none is imported. A procedure that has not changed gets no new version.

    Example: motcua import procedures land-procedures.json
    """
    from shared.catalogue import InvalidCatalogue

    context = open_context("intake", read_settings())
    importing = importlib.import_module("services.intake.procedures.commands")
    try:
        report = importing.import_procedures(context, file)
    except InvalidCatalogue as error:
        for fault in error.faults:
            click.echo(f"{file}: {fault}", err=True)
        raise CommandError(f"{file}: {len(error.faults)} faults, nothing imported") from error
    click.echo(f"{file}: {report}")

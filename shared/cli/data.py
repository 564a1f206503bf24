"""``motcua migrate`` and ``motcua import``: tables and procedures, before anybody works with them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from services import operations
from shared.cli.data_key_use import check_data_keys
from shared.cli.errors import CommandError
from shared.cli.service_argument import all_services_by_default, selected
from shared.cli.store_access import migrated_context
from shared.cli.text_type import LINE
from shared.data_files import DataError
from shared.persistence import migrations
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings


@click.command(short_help="Create or upgrade the tables of databases.")
@all_services_by_default
@click.option("--samples", is_flag=True, help="Also publish the built-in sample procedures and officials.")
def migrate(service: str, samples: bool) -> None:
    """Creates or upgrades the tables of SERVICE (default: all) and prints the revision of each database.

    Example: motcua migrate intake --samples
    """
    settings = read_settings()
    for found in selected(service):
        context = open_context(found.name, settings)
        try:
            click.echo(f"{found.name}: {migrations.migrate(context.store.engine, found.migrations().location)}")
            if found.keeps_personal_data and settings.data_keys is not None:
                check_data_keys(found, settings)
            if samples and found.name == "intake":
                click.echo(f"intake: {operations.publish_sample_procedures(context)} procedures published")
            if samples and found.name == "rating":
                click.echo(f"rating: {operations.publish_sample_officials(context)} officials entered")
        finally:
            context.store.close()


@click.group(name="import", short_help="Import procedures from a file.")
def import_() -> None:
    """Imports data from a file. If anything in the file is wrong, nothing is imported.

    Example: motcua import procedures catalogue.json
    """


@import_.command(short_help="Import procedures with their cases, papers, time limits and routes.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show every change and publish nothing.")
@click.option(
    "--only", metavar="CODE", type=LINE, multiple=True, help="Import only the procedure of this code; may be repeated."
)
@click.option(
    "--replace",
    is_flag=True,
    help="Take a provincial list as it is; routes, fees and codes that it does not know are lost.",
)
@click.option(
    "--handled-by",
    metavar="ROLE",
    type=LINE,
    default="land_registry",
    show_default=True,
    help="Which agencies handle the new procedures of a provincial list, which names none.",
)
def procedures(file: Path, dry_run: bool, only: tuple[str, ...], replace: bool, handled_by: str) -> None:
    """Publishes the procedures in FILE as new versions. FILE is JSON: a catalogue in motcua's own format or a provincial list.

    Every change is shown first. What a provincial list does not know is kept: routes, fees, codes of cases and papers. A procedure
    whose list contradicts what is in force is held back; --replace insists. Wording of time limits that was not understood is
    listed: it changes no deadline until a person writes it into the route.

    Every wrong entry is reported with its position, and then nothing is imported. A procedure without changes gets no new version.

    Example: motcua import procedures land-procedures.json --dry-run
    """
    with migrated_context("intake", read_settings()) as context:
        try:
            plan = operations.plan_import(context, file, replace, only, handled_by)
        except DataError as error:
            for fault in error.faults:
                click.echo(f"{file}: {fault}", err=True)
            raise CommandError(f"{file}: faults: {len(error.faults)}; nothing imported") from error
        except ValueError as error:
            raise CommandError(f"{file}: {error}; nothing imported") from error
        _show(plan)
        try:
            published = 0 if dry_run else operations.publish_import(context, plan)
        except RuntimeError as error:
            raise CommandError(str(error)) from error
    done = f"{len(plan.changes)} would be published" if dry_run else f"{published} published"
    click.echo(
        f"{file}: {plan.read} procedures read, {done}, {plan.unchanged} unchanged, {len(plan.held_back)} held back"
    )
    if plan.held_back:
        raise CommandError(
            f"held back: {', '.join(one.code for one in plan.held_back)}; --replace takes the list as it is"
        )


def _show(plan: operations.ImportPlan) -> None:
    for change in plan.changes:
        procedure = change.procedure
        what = f"version {change.version}" if change.lines else f"new, {len(procedure.cases)} cases"
        click.echo(f"{procedure.code} {textwrap.shorten(procedure.name, 100, placeholder='…')}: {what}")
        for line in change.lines:
            click.echo(f"  {line}")
    for held in plan.held_back:
        click.echo(f"{held.code} held back: {held.reason}")
    if plan.unread:
        codes = dict.fromkeys(one.code for one in plan.unread)
        click.echo(f"wording of time limits not understood: {len(plan.unread)} in {len(codes)} procedures")
        for one in plan.unread:
            click.echo(f"  {one.code}: {one.text}")

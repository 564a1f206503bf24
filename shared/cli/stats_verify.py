"""``motcua stats verify``: whether the numbers that leaders see are those of the facts."""

from __future__ import annotations

import click

from services.operations import stats as operations
from shared.cli.store_access import migrated_store
from shared.runtime.settings import read_settings


@click.command(short_help="Check the numbers against the facts.")
@click.option("--repair", is_flag=True, help="Set wrong totals right; stats' worker waits meanwhile.")
def verify(repair: bool) -> None:
    """Counts all facts of stats anew, compares them with the totals from which numbers are read, and lists with both. Names every
    difference. Exit status 1 if there is one.

    Example: motcua stats verify
    """
    with migrated_store("stats", read_settings()) as store:
        found = operations.verify_totals(store, repair)
    for one in found:
        click.echo(f"{one.what}: {one.name} is {one.kept}, the facts say {one.counted}")
    click.echo(f"{len(found)} differences" + (", repaired" if repair and found else ""))
    if found and not repair:
        raise SystemExit(1)

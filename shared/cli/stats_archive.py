"""``motcua stats archive``: the archive of all events, what it holds, and whether it is as it was written."""

from __future__ import annotations

import re

import click

from services.operations import stats as operations
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_store
from shared.cli.text_type import LINE
from shared.runtime.settings import read_settings

KNOWN = re.compile(r"(\d{1,12}):([0-9a-f]{64})")
MIB = 1 << 20


@click.group(short_help="The archive of all events.")
def archive() -> None:
    """Stats keeps every event that tells of no person, in order of arrival, for ever. Ended months are sealed; see docs/archive.md.

    Example: motcua stats archive verify
    """


@archive.command(name="list", short_help="What is archived of each month.")
def list_() -> None:
    """Lists the months with what is archived of each, and the seals of sealed months. Note the last seal outside of this machine.

    Example: motcua stats archive list
    """
    with migrated_store("stats", read_settings()) as store, store.read() as connection:
        months, seals = operations.archived_months(connection), operations.archive_seals(connection)
    for month, count, events, size, sealed in months:
        parts = f"{count} segments, sealed" if sealed else f"{count} batches, open"
        click.echo(f"{month}  {events:12,} events  {size / MIB:10,.1f} MiB as published  {parts}")
    for number, month, seal in seals:
        click.echo(f"segment {number} of {month}: {seal}")
    if not months:
        click.echo("nothing is archived yet")


@archive.command(short_help="Check that the archive is as it was written.")
@click.option(
    "--seal",
    "seals",
    type=LINE,
    multiple=True,
    help="NUMBER:SEAL of a segment as it was noted outside, such as 3:9f2c…; also finds an archive that was written anew.",
)
def verify(seals: tuple[str, ...]) -> None:
    """Checks the hashes that link all batches and segments, and the counts, and names the first broken link. Exit status 1 if there is one.

    Example: motcua stats archive verify
    """
    known = dict(map(_known, seals))
    with migrated_store("stats", read_settings()) as store:
        found = operations.verify_archive(store, known)
    click.echo(f"{found.segments} segments, {found.batches} batches, {found.events:,} events are as they were written")
    if found.segments:
        click.echo(f"seal of segment {found.segments}: {found.seal}")
    if found.fault:
        click.echo(f"broken: {found.fault}")
        raise SystemExit(1)


def _known(text: str) -> tuple[int, str]:
    match = KNOWN.fullmatch(text)
    if match is None:
        raise CommandError(f"{text!r} is not the number and the seal of a segment, such as 3:{'9' * 8}… with 64 digits")
    return int(match[1]), match[2]

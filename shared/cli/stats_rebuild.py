"""``motcua stats rebuild``: makes what stats knows from the archive again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from services.operations import stats as operations
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context
from shared.runtime.settings import read_settings

if TYPE_CHECKING:
    from services.operations.stats import Comparison, Difference, Progress

REPORT_SECONDS = 2.0


@click.command(short_help="Make the numbers again from the archive.")
@click.option(
    "--switch", is_flag=True, help="Put what was rebuilt in the place of the running numbers, if both are equal."
)
@click.option("--accept-differences", is_flag=True, help="With --switch: also if they differ.")
@click.option("--restart", is_flag=True, help="Begin again instead of going on where an earlier rebuild has ended.")
@click.option(
    "--most", default=1000, show_default=True, type=click.IntRange(0), help="Differences of each table to show."
)
def rebuild(switch: bool, accept_differences: bool, restart: bool, most: int) -> None:
    """Applies every archived event again, in tables beside the running ones, while the worker goes on; then compares both and names each
    difference. Killed, it goes on where it was. Exit status 1 if there are differences that were not accepted.

    Example: motcua stats rebuild --switch
    """
    if accept_differences and not switch:
        raise CommandError("--accept-differences is for --switch")
    with migrated_context("stats", read_settings()) as context:
        try:
            with operations.stats_rebuild(context, _Meter().show) as work:
                if restart:
                    work.side.remove()
                if work.build():
                    click.echo("an earlier rebuild went on")
                equal = _show(work.compare(most))
                changed = (
                    work.switch(accept_differences=accept_differences)
                    if switch and (equal or accept_differences)
                    else None
                )
        except (ValueError, RuntimeError) as error:
            raise CommandError(str(error)) from error
    if changed is not None:
        click.echo(f"switched: {changed:,} rows were deleted or written")
    elif switch and equal:
        raise CommandError("a difference arose since the comparison; nothing was switched")
    elif not equal:
        click.echo("not switched" if switch else "the running numbers stay as they are")
        raise SystemExit(1)


class _Meter:
    """Shows progress, at most every few seconds."""

    def __init__(self) -> None:
        self._began = self._shown = time.monotonic()
        self._first: int | None = None

    def show(self, progress: Progress) -> None:
        """Shows how far it has come, how fast, and how long the rest will take."""
        now = time.monotonic()
        self._first = progress.events if self._first is None else self._first
        if now - self._shown < REPORT_SECONDS and progress.events < progress.of:
            return
        self._shown = now
        rate = (progress.events - self._first) / max(now - self._began, 0.001)
        left = f", about {(progress.of - progress.events) / rate:,.0f} s left" if rate else ""
        click.echo(f"{progress.events:,} of {progress.of:,} events, {rate:,.0f} a second{left}")


def _show(found: Sequence[Comparison]) -> bool:
    for one in found:
        click.echo(f"{one.table:20} {one.running:12,} rows  {one.rebuilt:12,} rebuilt  {one.different:8,} different")
        for difference in one.differences:
            click.echo(f"    {_described(difference)}")
        if len(one.differences) < one.different:
            click.echo(f"    … and {one.different - len(one.differences):,} more; --most shows more")
    return not any(one.different for one in found)


def _described(difference: Difference) -> str:
    key = " ".join(map(str, difference.key))
    if difference.side == "both":
        changes = ", ".join(f"{name}: {now} → {then}" for name, (now, then) in difference.changes.items())
        return f"{key}: {changes}"
    return f"{key}: only {'now' if difference.side == 'running' else 'rebuilt'}"

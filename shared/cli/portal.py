"""``motcua portal``: the plug-in that synchronises dossiers with the national portal."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import datetime

import click

from shared.cli.errors import CommandError
from shared.national_portal.maintenance import QueueMaintenance
from shared.national_portal.settings import queue_file
from shared.runtime.clock import VIETNAM

MOST_SHOWN = 50


@click.group(short_help="Synchronise dossiers with the national portal.")
def portal() -> None:
    """The national portal's plug-in: it observes what happens to dossiers and tells the portal, in order, until it has taken each message.

    Example: motcua portal run
    """


@portal.command(short_help="Receive, and send to the portal.")
def run() -> None:
    """Runs until SIGTERM. Reads MOTCUA_AGENCY, MOTCUA_AMQP_URL, MOTCUA_URL, MOTCUA_TOKEN, MOTCUA_PORTAL_URL, MOTCUA_PORTAL_KEY and
    MOTCUA_DATA; the agency must have been granted with --observer. MOTCUA_METRICS_PORT serves numbers.

    Example: motcua portal run
    """
    from shared.national_portal.plugin import AlreadyRunning, Plugin

    plugin = Plugin(os.environ)
    try:
        plugin.run()
    except AlreadyRunning as error:
        raise CommandError(str(error)) from error


@portal.command(short_help="Show what waits and what is stuck.")
def status() -> None:
    """Shows how many messages wait, since when, and the dossiers that are stuck or wait for a person; exit status 1 if any does.

    Example: motcua portal status
    """
    try:
        with _queue() as queue:
            counts, stuck = queue.counts(time.time()), queue.stuck(MOST_SHOWN)
    except sqlite3.Error as error:
        raise CommandError(str(error)) from error
    oldest = f"{datetime.fromtimestamp(counts.oldest, VIETNAM):%d/%m/%Y %H:%M:%S}" if counts.oldest else "–"
    click.echo(f"chờ gửi · waiting            {counts.waiting}")
    click.echo(f"lâu nhất từ · oldest since   {oldest}")
    click.echo(f"quá hạn gửi · past deadline  {counts.past_deadline}")
    click.echo(f"chờ người xử lý · parked     {counts.parked}")
    for one in stuck:
        state = "chờ người xử lý · parked" if one.parked else "thử lại · tried again"
        click.echo(f"{one.dossier}  {state}  lần · times {one.failures}  chờ · waiting {one.waiting}\n    {one.reason}")
    if counts.parked:
        raise SystemExit(1)


@portal.command(short_help="Send everything of dossiers again.")
@click.argument("codes", nargs=-1)
@click.option("--parked", is_flag=True, help="All dossiers that wait for a person.")
def resend(codes: tuple[str, ...], parked: bool) -> None:
    """Lets everything of the dossiers CODES be sent again from the beginning, in order: as updates of what the portal has had.

    The running plug-in sees it within seconds.

    Example: motcua portal resend H12.31.01-251120-0007
    """
    if bool(codes) is parked:
        raise CommandError("name dossiers by their codes, or give --parked")
    try:
        with _queue() as queue:
            counts = queue.resend(queue.parked() if parked else codes, time.time())
    except sqlite3.Error as error:
        raise CommandError(str(error)) from error
    for code, count in counts.items():
        click.echo(f"{code}: {count} thông điệp sẽ gửi lại · messages will be sent again")
    if unknown := [code for code, count in counts.items() if not count]:
        raise CommandError(f"nothing is known of {', '.join(unknown)}")
    if not counts:
        click.echo("không có hồ sơ nào chờ người xử lý · no dossier waits for a person")


def _queue() -> QueueMaintenance:
    file = queue_file(os.environ)
    if not file.exists():
        raise CommandError(f"there is no {file}: the plug-in has never run with this MOTCUA_DATA")
    return QueueMaintenance(file)

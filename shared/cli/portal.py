"""``motcua portal``: the plug-in that synchronises dossiers with the national portal (Cổng Dịch vụ công quốc gia)."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import datetime

import click

from shared.cli.errors import CommandError
from shared.cli.text_type import CODE
from shared.national_portal.maintenance import QueueMaintenance
from shared.national_portal.settings import queue_file
from shared.runtime.clock import VIETNAM

MAX_SHOWN = 50


@click.group(short_help="Synchronise dossiers with the national portal.")
def portal() -> None:
    """The plug-in observes every dossier and reports it to the portal, message by message in order. Each message is retried until it is
    accepted.

    Example: motcua portal run
    """


@portal.command(short_help="Run the plug-in.")
def run() -> None:
    """Receives events and sends messages to the portal until SIGTERM. The agency needs `motcua agency grant --observer`.

    Settings: MOTCUA_AGENCY, MOTCUA_AMQP_URL, MOTCUA_URL, MOTCUA_CLIENT_SECRET, MOTCUA_PORTAL_URL, MOTCUA_PORTAL_KEY and MOTCUA_DATA;
    optional: MOTCUA_PORTAL_RULES, and MOTCUA_METRICS_PORT for metrics.

    Example: motcua portal run
    """
    from shared.national_portal.plugin import AlreadyRunning, Plugin

    plugin = Plugin(os.environ)
    try:
        plugin.run()
    except AlreadyRunning as error:
        raise CommandError(str(error)) from error


@portal.command(short_help="Show unsent messages and blocked dossiers.")
def status() -> None:
    """Shows how many messages wait and since when, and the dossiers that are retried or parked. Exit status 1 if a dossier is parked.

    Example: motcua portal status
    """
    try:
        with _queue() as queue:
            counts, blocked = queue.counts(time.time()), queue.blocked(MAX_SHOWN)
    except sqlite3.Error as error:
        raise CommandError(str(error)) from error
    oldest = f"{datetime.fromtimestamp(counts.oldest, VIETNAM):%d/%m/%Y %H:%M:%S}" if counts.oldest else "–"
    click.echo(f"chờ gửi · waiting            {counts.waiting}")
    click.echo(f"lâu nhất từ · oldest since   {oldest}")
    click.echo(f"quá hạn gửi · past deadline  {counts.past_deadline}")
    click.echo(f"chờ người xử lý · parked     {counts.parked}")
    for one in blocked:
        state = "chờ người xử lý · parked" if one.parked else "thử lại · retrying"
        click.echo(f"{one.dossier}  {state}  lần · times {one.failures}  chờ · waiting {one.waiting}\n    {one.reason}")
    if counts.parked:
        raise SystemExit(1)


@portal.command(short_help="Send all messages of dossiers again.")
@click.argument("codes", type=CODE, nargs=-1)
@click.option("--parked", is_flag=True, help="All parked dossiers.")
def resend(codes: tuple[str, ...], parked: bool) -> None:
    """Sends all messages of the dossiers CODES again, in order. Messages that the portal has are sent as updates. Parked dossiers continue.

    The running plug-in starts within seconds.

    Example: motcua portal resend H12.31.01-251120-0007
    """
    if bool(codes) is parked:
        raise CommandError("give the codes of dossiers, or --parked")
    try:
        with _queue() as queue:
            counts = queue.resend(queue.parked() if parked else codes, time.time())
    except sqlite3.Error as error:
        raise CommandError(str(error)) from error
    for code, count in counts.items():
        click.echo(f"{code}: {count} thông điệp sẽ gửi lại · messages will be sent again")
    if unknown := [code for code, count in counts.items() if not count]:
        raise CommandError(f"unknown dossiers: {', '.join(unknown)}")
    if not counts:
        click.echo("không có hồ sơ nào chờ người xử lý · no dossier is parked")


def _queue() -> QueueMaintenance:
    file = queue_file(os.environ)
    if not file.exists():
        raise CommandError(f"there is no {file}: the plug-in has not run with this MOTCUA_DATA yet")
    return QueueMaintenance(file)

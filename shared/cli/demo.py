"""``motcua demo``: the platform, and one sample dossier from filing to rating."""

from __future__ import annotations

import json
import os
import threading
import time

import click
from rich.console import Console

from shared.agencies import Agency
from shared.catalogue import load_builtin
from shared.cli.errors import CommandError
from shared.cli.up import Platform
from shared.client.http import ApiError, wait_for
from shared.client.people import People, own_tokens
from shared.client.sample_desk import SampleDesks
from shared.client.sample_office import SampleOffice
from shared.client.sms_inbox import SmsInbox, sms_spool_dir
from shared.client.tracked_dossier import LAND_TRANSFER, DossierDriver, TrackedDossier
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import Settings, read_settings
from shared.web.own_host import LOOPBACK

FEW = 5
"""Dossiers; with more, somebody has worked here, and no sample dossiers are added."""
DESKS = 3
"""Desks that get sample dossiers, so that each has several."""


@click.command(short_help="Start the platform and process one sample dossier.")
@click.option("--serve", is_flag=True, help="Keep the platform running afterwards, until Ctrl-C.")
def demo(serve: bool) -> None:
    """Starts the whole platform and processes a land transfer: files it at a commune's desk, completes every step as an official of its
    agency, pays the tax, returns the result and rates the service. Prints what happens, the messages and the statistics.

    With --serve it then adds some dozens of sample dossiers in all states, parcels, and visitors from whom the desks received nothing.

    Example: motcua demo --serve
    """
    settings = read_settings({"MOTCUA_MODE": "demo", **os.environ})
    if not settings.auth.signs:
        raise CommandError("the demo signs its own tokens, so the platform must not use an identity provider")
    console = Console(highlight=False)
    platform = Platform(settings, lambda line: console.print(f"[yellow]motcua: {line}"))
    started = time.monotonic()
    platform.start()
    console.print(f"[bold]motcua[/bold] {platform.address}/  ({time.monotonic() - started:.1f} s)")
    try:
        if not platform.supervisor.stopping:
            run_sample_dossier(platform.address, settings, console)
        if serve:
            console.print(f"[bold]Mời mở · open:[/bold] {platform.address}/   (Ctrl-C dừng · stops)")
            how = "chọn vai trò để thử · choose a role" if settings.host in LOOPBACK else "motcua token --role leader …"
            console.print(f"[bold]Cán bộ · officials:[/bold] {platform.address}/routing/   ({how})")
            if not platform.supervisor.stopping:
                threading.Thread(target=fill_office, args=(platform.address, settings, console), daemon=True).start()
            platform.supervisor.watch()
    finally:
        platform.supervisor.stop()


def fill_office(address: str, settings: Settings, console: Console) -> None:
    """Adds sample dossiers in all states, unless there are many already. The platform is used meanwhile."""
    people = People(address, own_tokens(settings), sms_inbox=SmsInbox(sms_spool_dir(settings)))
    try:
        codes = [desk.code for desk in commune_desks(settings)[:DESKS]]
        desks = SampleDesks(people, codes)
        desks.receive_visitors()
        known = people.client_for("operator").get("/stats/api/summary", **{"from": "2000-01-01", "to": "2100-01-01"})
        if known["received"] > FEW:
            return
        desks.decline()
        desks.register_parcels()
        filled = SampleOffice(people, load_builtin(), codes).fill()
        desks.waive(filled["received"])
        desks.hold(filled["returned"][0])
        console.print(f"[dim]{sum(map(len, filled.values()))} hồ sơ mẫu đã có · sample dossiers are there[/dim]")
    except (ApiError, TimeoutError, OSError) as error:
        console.print(f"[yellow]motcua: not all sample dossiers could be made: {error}")
    finally:
        people.close()


def run_sample_dossier(address: str, settings: Settings, console: Console) -> None:
    """Takes one sample dossier through the process and prints what happens, with the platform's time."""
    desk = find_commune_desk(settings)
    console.print(f"\n[bold]Hồ sơ mẫu · a sample dossier[/bold]  ({desk.name})", soft_wrap=True)

    def report(title: str, detail: str) -> None:
        when = f"{settings.clock.now():%d/%m/%Y %H:%M:%S}"
        console.print(f"  [dim]{when}[/dim]  [bold]{title}[/bold]\n{'':23}{detail}", soft_wrap=True)

    people = People(address, own_tokens(settings), sms_inbox=SmsInbox(sms_spool_dir(settings)))
    driver = DossierDriver(people, report)
    try:
        tracked = driver.file(desk.code, LAND_TRANSFER)
        driver.work_through(tracked)
        driver.hand_back(tracked)
        driver.rate(tracked, 5)
        _show_outcome(people, tracked, console)
    finally:
        people.close()


def find_commune_desk(settings: Settings) -> Agency:
    """A one-stop desk of a commune that exists today, in business time.

    Raises:
        CommandError: there is none.
    """
    desks = commune_desks(settings)
    if not desks:
        raise CommandError(f"no commune has a one-stop desk on {settings.clock.now().date()}")
    return desks[0]


def commune_desks(settings: Settings) -> list[Agency]:
    """The one-stop desks of communes that exist today, in business time."""
    found = load_reference(settings.agencies_dir).agencies.all(settings.clock.now().date())
    return [agency for agency in found if "one_stop_desk" in agency.roles and agency.level == "commune"]


def _show_outcome(people: People, tracked: TrackedDossier, console: Console) -> None:
    desk, code = tracked.desk, tracked.code
    console.print("\n[bold]Tin nhắn đã gửi · messages sent[/bold]")

    def all_sent() -> list[dict[str, object]]:
        messages = people.messages(desk, code)
        return messages if len(messages) >= 4 and all(message["state"] == "sent" for message in messages) else []

    for message in wait_for(all_sent, 30, "sending the messages"):
        console.print(f"  [dim]{message['kind']:<18}[/dim] {message['text']}", soft_wrap=True)
    leader = people.client_for("leader", desk)

    def counted() -> dict[str, object] | None:
        returned = leader.get("/stats/api/dossiers", measure="returned", agency=desk)
        numbers = leader.get("/stats/api/summary")
        return numbers if code in json.dumps(returned) and numbers["rated"] else None

    summary = wait_for(counted, 30, "counting the dossier")
    console.print("\n[bold]Thống kê · statistics[/bold]")
    console.print(
        "  "
        + ", ".join(
            f"{name} {summary[name]}" for name in ("received", "resolved", "on_time", "late", "returned", "rated")
        )
    )
    receipt = tracked.receipt
    console.print(
        f"\n  Tra cứu · look it up: {people.address}/intake/\n"
        f"  mã hồ sơ · code {code}    mã bí mật · secret {receipt['secret']}\n",
        soft_wrap=True,
    )

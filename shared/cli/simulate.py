"""``motcua simulate``: many simulated dossiers on a running platform."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from shared.catalogue import load_builtin
from shared.cli.errors import CommandError
from shared.client.http import Client
from shared.client.people import own_tokens
from shared.client.profiles import load_profile, profile_names
from shared.client.simulation import Plan, Simulation
from shared.client.sms_inbox import SmsInbox, sms_spool_dir
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import Settings, read_settings
from shared.runtime.stepped_clock import SteppedClock

SHOWN = ("received", "resolved", "on_time", "late", "overdue", "returned", "rated", "average_score", "fees_paid")
CATCH_UP_SECONDS = 60.0


@click.command(short_help="Simulate many dossiers on a running platform.")
@click.option("--dossiers", type=click.IntRange(1), default=100, show_default=True, help="Number of dossiers.")
@click.option(
    "--days",
    type=click.FloatRange(0),
    default=0.0,
    help="Spread the filing over this many days of business time (needs a virtual clock); 0 files all at once.",
)
@click.option(
    "--people",
    type=click.IntRange(1, 64),
    default=6,
    show_default=True,
    help="Number of people who act at the same time.",
)
@click.option(
    "--late",
    type=click.FloatRange(0, 1),
    default=0.03,
    show_default=True,
    help="Share of steps that are done much too late.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same dossiers.")
@click.option("--address", default="", help="Address of the platform; MOTCUA_PORT on this machine by default.")
@click.option("--profile", type=click.Choice(profile_names()), help="Play a profile on a platform of its own instead.")
@click.option(
    "--scale",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="With --profile: this part of its dossiers.",
)
@click.option("--serve", is_flag=True, help="With --profile: keep the platform running afterwards, until Ctrl-C.")
@click.pass_obj
def simulate(
    read_pdf: Callable[[bytes], str] | None,
    dossiers: int,
    days: float,
    people: int,
    late: float,
    seed: int,
    address: str,
    profile: str | None,
    scale: float,
    serve: bool,
) -> None:
    """Files dossiers of many procedures, completes their steps, pays, returns results and rates. Then it shows the statistics.

    With a virtual clock (the platform's own MOTCUA_CLOCK and MOTCUA_DATA) steps take working hours, and a month passes in minutes.
    With the real clock every step is done at once, and procedures with a public posting, which lasts for days, are left out.

    With --profile it starts a platform of its own and plays what is known of real desks of that time, to the same numbers; see
    docs/simulation.md.

    Example: MOTCUA_MODE=demo MOTCUA_CLOCK=2025-11-03T07:30+07:00@5000 motcua simulate --dossiers 300 --days 20
    """
    if profile is not None:
        _simulate_profile(profile, scale, seed, people, serve, read_pdf)
        return
    settings = read_settings()
    if not settings.auth.signs:
        raise CommandError("the simulation signs its own tokens, so the platform must not use an identity provider")
    if isinstance(settings.clock, SteppedClock):
        raise CommandError("on a stepped clock time stands still; only --profile moves it")
    if days and not settings.clock.virtual:
        raise CommandError("--days needs a virtual clock: set MOTCUA_CLOCK to the platform's value")
    sms_inbox = (
        None if address else SmsInbox(sms_spool_dir(settings))
    )  # the messages of a platform on another machine cannot be read
    address = address or f"http://127.0.0.1:{settings.port}"
    Client(address, retry_seconds=2).get("/intake/health/live")
    reference = load_reference(settings.agencies_dir)
    plan = Plan(dossiers, days, late, seed=seed)
    simulation = Simulation(address, own_tokens(settings), settings.clock, reference, load_builtin(), plan, sms_inbox)
    console = Console(highlight=False)
    if simulation.left_out:
        console.print(f"left out, because their public posting lasts for days: {', '.join(simulation.left_out)}")
    before = _summary(address, settings)
    _play(simulation, people, console, dossiers)
    if simulation.waiting:
        last = max(simulation.waiting.values()).astimezone(VIETNAM)
        console.print(
            f"{len(simulation.waiting)} dossiers wait for the end of a public posting, the last until {last:%d/%m/%Y %H:%M}"
        )
    for fault in simulation.faults[:20]:
        console.print(f"[red]{fault}")
    _show(_caught_up(address, settings, before, simulation.done["returned"]), before, console)
    if simulation.faults:
        raise CommandError(f"{len(simulation.faults)} of {dossiers} dossiers failed")


def _simulate_profile(
    name: str, scale: float, seed: int, people: int, serve: bool, read_pdf: Callable[[bytes], str] | None
) -> None:
    """Plays a profile; a program that reads PDF gives its function as the context object of the command."""
    from shared.cli.simulate_profile import play_profile

    console, profile = Console(highlight=False), load_profile(name).scaled(scale)
    played = play_profile(profile, seed, people, serve, console, read_pdf)
    for fault in played.faults:
        console.print(f"[red]{fault}", soft_wrap=True)
    if played.faults or played.differing:
        raise CommandError("the platform's numbers are not those of the profile")


def _play(simulation: Simulation, people: int, console: Console, dossiers: int) -> None:
    stop = threading.Event()
    runner = threading.Thread(target=simulation.run, args=(people, stop), daemon=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars = {name: progress.add_task(name, total=dossiers) for name in ("filed", "returned")}
        runner.start()
        try:
            while runner.is_alive():
                runner.join(0.2)
                for name, bar in bars.items():
                    progress.update(bar, completed=simulation.done[name])
                progress.update(bars["filed"], description=f"filed   {simulation.clock.now():%d/%m/%Y %H:%M}")
        except KeyboardInterrupt:
            stop.set()
            runner.join(30)


def _summary(address: str, settings: Settings) -> dict[str, float]:
    client = Client(address, own_tokens(settings)("operator", ""))
    try:
        found: dict[str, float] = client.get("/stats/api/summary", **{"from": "2000-01-01", "to": "2100-01-01"})
        return found
    finally:
        client.close()


def _caught_up(address: str, settings: Settings, before: dict[str, float], returned: int) -> dict[str, float]:
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        after = _summary(address, settings)
        if after["returned"] - before["returned"] >= returned or time.monotonic() > deadline:
            return after
        time.sleep(0.2)


def _show(after: dict[str, float], before: dict[str, float], console: Console) -> None:
    table = Table("statistics", "before", "now")
    for name in SHOWN:
        table.add_row(name, _figure(before.get(name)), _figure(after.get(name)))
    console.print(table)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}".removesuffix(".00")

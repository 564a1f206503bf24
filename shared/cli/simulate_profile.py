"""``motcua simulate --profile``: starts a platform of its own and plays what a seed tells of real desks."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from rich.console import Console

from services import operations
from services.registry import SERVICE_NAMES
from shared.auth import issue_token
from shared.cli.errors import CommandError
from shared.cli.profile_checks import PdfText, check_all
from shared.cli.profile_settling import Settled
from shared.cli.profile_shown import Played, show
from shared.cli.store_access import migrated_context, migrated_store
from shared.cli.up import Platform
from shared.client.http import Client
from shared.client.people import own_tokens
from shared.client.profiles import Profile
from shared.client.profiles.acts import Staff
from shared.client.profiles.catalogue import catalogue_of
from shared.client.profiles.plan import Plan, plan_profile
from shared.client.profiles.player import Player
from shared.client.profiles.spent import Spent, read_spent
from shared.client.profiles.stopwatch import Stopwatch
from shared.client.sms_inbox import SmsInbox, sms_spool_dir
from shared.messaging.propagation import parked
from shared.plugin_sdk.devtools.process_group import descendants
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import Settings, read_settings
from shared.runtime.stepped_clock import SteppedClock

BEFORE_OPENING, AFTER_CLOSING = time_of_day(6), time_of_day(18)
TOKENS_FOR = timedelta(hours=24)


def profile_settings(profile: Profile) -> Settings:
    """The settings of the platform of a profile: those of the environment, with its own clock, agencies and folder of data.

    Raises:
        CommandError: the folder has data of another run, or the environment names another clock or other agencies.
    """
    start = datetime.combine(profile.first_day, BEFORE_OPENING, VIETNAM)
    wanted = {"MOTCUA_CLOCK": f"stepped:{start.isoformat()}", "MOTCUA_AGENCIES_DIR": profile.agencies_dir}
    for name, value in wanted.items():
        if os.environ.get(name, value) != value:
            raise CommandError(f"{name} is set; a profile has its own")
    os.environ.update({name: value for name, value in wanted.items() if value})
    os.environ.setdefault("MOTCUA_MODE", "demo")
    data = Path(os.environ.setdefault("MOTCUA_DATA", f"./var/{profile.name}")).absolute()
    if (data / "clock.step").exists():
        raise CommandError(
            f"{data} has the data of an earlier run; remove it, or set MOTCUA_DATA to a folder that does not exist"
        )
    settings = read_settings()
    if not settings.auth.signs:
        raise CommandError("the simulation signs its own tokens, so the platform must not use an identity provider")
    return settings


def play_profile(
    profile: Profile, seed: int, people: int, serve: bool, console: Console, read_pdf: PdfText | None = None
) -> Played:
    """Starts the platform, publishes the procedures, plays, reads and shows the figures and stops the platform.

    Args:
        profile: perhaps scaled.
        seed: the same seed gives the same dossiers.
        people: how many act at the same time.
        serve: whether the platform runs on afterwards, until Ctrl-C.
        console: for progress.
        read_pdf: reads the paper of the report on the profile's period; without it there is no report.
    """
    settings = profile_settings(profile)
    reference = load_reference(settings.agencies_dir)
    plan = plan_profile(profile, reference, seed)
    workers = (
        ("all",) if settings.embedded_bus else SERVICE_NAMES
    )  # with servers, each service's worker gets a process of its own
    platform = Platform(settings, lambda line: console.print(f"[yellow]motcua: {line}"), samples=False, workers=workers)
    platform.start()
    try:
        publish_procedures(profile, settings)
        played = _play(profile, plan, settings, reference, platform, people, console, read_pdf)
        show(profile, played, console)
        if serve:
            console.print(f"[bold]Mời mở · open:[/bold] {platform.address}/   (Ctrl-C dừng · stops)")
            platform.supervisor.watch()
        return played
    finally:
        platform.supervisor.stop()


def publish_procedures(profile: Profile, settings: Settings) -> int:
    """Imports the profile's procedures as ``motcua import procedures`` does; returns how many were published."""
    file = settings.data / "procedures.json"
    file.write_text(json.dumps(catalogue_of(profile.procedures, profile.source), ensure_ascii=False))
    with migrated_context("intake", settings) as context:
        return operations.publish_import(context, operations.plan_import(context, file, False, (), "land_registry"))


def _play(
    profile: Profile,
    plan: Plan,
    settings: Settings,
    reference: Reference,
    platform: Platform,
    people: int,
    console: Console,
    read_pdf: PdfText | None,
) -> Played:
    clock = settings.clock
    if not isinstance(clock, SteppedClock):
        raise TypeError("a profile is played on a stepped clock")
    with ExitStack() as stack:
        stores = {name: stack.enter_context(migrated_store(name, settings)) for name in SERVICE_NAMES}
        settled = Settled(clock, stores)
        staff = Staff(
            platform.address,
            lambda subject, role, agency: issue_token(settings.auth, subject, role, agency, TOKENS_FOR),
        )
        inbox = SmsInbox(sms_spool_dir(settings))
        settled(None)  # the procedures have reached everybody
        player = Player(profile, plan, staff, clock, reference, settled, inbox, people)
        began = time.monotonic()
        with _progress(plan, console) as watched:
            player.play(watched, datetime.combine(profile.last_day, AFTER_CLOSING, VIETNAM))
        seconds = time.monotonic() - began
        spent, processors = _spent(platform, settings), _processors(platform)  # what follows is not part of the year
        _end(profile, clock, settled)
        faults = [*player.faults, *parked(stores)]
    checks = Stopwatch()
    figures = check_all(profile, settings, reference, platform.address, read_pdf, checks)
    return Played(figures, seconds, player.watch.seconds, checks.seconds, spent, processors, faults)


def _end(profile: Profile, clock: SteppedClock, settled: Settled) -> None:
    """Lets the period end: a report on it is submitted once it is over."""
    morning = datetime.combine(profile.last_day + timedelta(days=1), BEFORE_OPENING, VIETNAM)
    clock.move(morning)
    settled(morning)
    settled(None)


def _spent(platform: Platform, settings: Settings) -> list[Spent]:
    operator = Client(platform.address, own_tokens(settings)("operator", ""))
    try:
        return read_spent(operator, SERVICE_NAMES)
    finally:
        operator.close()


def _processors(platform: Platform) -> dict[str, float]:
    """Processor seconds of the platform's processes with their children, and of this one."""
    pids = {child.name: child.process.pid for child in platform.supervisor.children if child.process is not None}
    found = {name: sum(map(processor_seconds, {pid, *descendants(pid)})) for name, pid in pids.items()}
    return found | {"simulation": time.process_time()}


def processor_seconds(pid: int) -> float:
    """Seconds of the processor that a process has used so far; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # its own, and that of its children that have ended


@contextmanager
def _progress(plan: Plan, console: Console) -> Iterator[Callable[[datetime, Counter[str]], None]]:
    with console.status("…") as status:
        yield lambda moment, done: status.update(
            f"{moment:%d/%m/%Y %H:%M}  filed {done['filed']:,} of {len(plan.dossiers):,}, returned {done['returned']:,}"
        )

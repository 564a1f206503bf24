"""``motcua simulate --profile``: starts a platform of its own and plays what a seed tells of real desks."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services import operations
from services.registry import SERVICE_NAMES
from shared.auth import issue_token
from shared.cli.errors import CommandError
from shared.cli.store_access import migrated_context, migrated_store
from shared.cli.up import Platform
from shared.client.http import Client
from shared.client.people import own_tokens
from shared.client.profiles import Profile
from shared.client.profiles.acts import Staff
from shared.client.profiles.catalogue import catalogue_of
from shared.client.profiles.figures import Figure, on_time_share, read_figures
from shared.client.profiles.plan import Plan, plan_profile
from shared.client.profiles.player import Player
from shared.client.profiles.spent import PARTS, Spent, read_spent
from shared.client.sms_inbox import SmsInbox, sms_spool_dir
from shared.contracts import platform_topology
from shared.messaging.propagation import Propagation, parked
from shared.persistence.store import Store
from shared.plugin_sdk.devtools.process_group import descendants
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import Settings, read_settings
from shared.runtime.stepped_clock import MomentFile, SteppedClock

BEFORE_OPENING, AFTER_CLOSING = time_of_day(6), time_of_day(18)
SETTLE_SECONDS = 120.0
LOOK_SECONDS = 0.003
LONGEST_LOOK = 0.02
TOKENS_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Played:
    """A profile that was played to its end.

    Attributes:
        figures: the seed's numbers and the platform's.
        seconds: real time from the first filing to the last event.
        shares: what the simulation did and for what it waited → real seconds.
        spent: where the services' time went.
        processors: process → seconds of the processor.
        faults: what went wrong.
    """

    figures: list[Figure]
    seconds: float
    shares: Mapping[str, float]
    spent: Sequence[Spent]
    processors: Mapping[str, float]
    faults: list[str]


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


def play_profile(profile: Profile, seed: int, people: int, serve: bool, console: Console) -> Played:
    """Starts the platform, publishes the procedures, plays, shows the figures and stops the platform.

    Args:
        profile: perhaps scaled.
        seed: the same seed gives the same dossiers.
        people: how many act at the same time.
        serve: whether the platform runs on afterwards, until Ctrl-C.
        console: for progress.
    """
    settings = profile_settings(profile)
    reference = load_reference(settings.agencies_dir)
    plan = plan_profile(profile, reference, seed)
    platform = Platform(settings, lambda line: console.print(f"[yellow]motcua: {line}"), samples=False)
    platform.start()
    try:
        publish_procedures(profile, settings)
        played = _play(profile, plan, settings, reference, platform, people, console)
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
        faults = [*player.faults, *parked(stores)]
    operator = Client(platform.address, own_tokens(settings)("operator", ""))
    try:
        spent = read_spent(operator, SERVICE_NAMES)  # first: the questions below are not part of the year
        figures = read_figures(profile, reference, operator)
    finally:
        operator.close()
    return Played(figures, seconds, player.watch.seconds, spent, _processors(platform), faults)


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


class Settled:
    """Waits until everything that has happened is applied everywhere.

    Args:
        clock: of the platform.
        stores: of all services.
    """

    def __init__(self, clock: SteppedClock, stores: Mapping[str, Store]) -> None:
        self._propagation = Propagation(stores, platform_topology())
        self._notify = stores["notify"]
        self._seen: Mapping[str, MomentFile] = {name: clock.seen_by(name) for name in stores}

    def __call__(self, moved_to: datetime | None) -> None:
        """Waits for the sweeps after time was moved, for events and messages otherwise.

        Raises:
            TimeoutError: it takes too long; the message says who.
        """
        if moved_to is not None:
            _until(lambda: not self._behind(moved_to), lambda: f"the sweeps of {', '.join(self._behind(moved_to))}")
        else:
            _until(self._applied, lambda: "; ".join(self._propagation.unapplied()) or "messages or outboxes")

    def _behind(self, moment: datetime) -> list[str]:
        return [name for name, seen in self._seen.items() if seen.read() < moment]

    def _applied(self) -> bool:
        # again after the messages: what was sent is announced by further events
        return self._propagation.finished() and not self._unsent() and self._propagation.finished()

    def _unsent(self) -> bool:
        with self._notify.read() as connection:
            return operations.unsent_messages(connection)


def _until(reached: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline, pause = time.monotonic() + SETTLE_SECONDS, LOOK_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not finished after {SETTLE_SECONDS:.0f} s: {what()}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_LOOK)


@contextmanager
def _progress(plan: Plan, console: Console) -> Iterator[Callable[[datetime, Counter[str]], None]]:
    with console.status("…") as status:
        yield lambda moment, done: status.update(
            f"{moment:%d/%m/%Y %H:%M}  filed {done['filed']:,} of {len(plan.dossiers):,}, returned {done['returned']:,}"
        )


def show(profile: Profile, played: Played, console: Console) -> None:
    """Prints the seed's numbers beside the platform's, and where the time went."""
    table = Table(profile.title, "seed", "motcua", "")
    for one in played.figures:
        table.add_row(one.name, _text(one.wanted), _text(one.found), "" if one.agrees else "[red]differs")
    for group in profile.groups:
        if group.on_time is not None:
            share = f"{on_time_share(played.figures, group.name):.1f} %"
            table.add_row(f"{group.name}: on time, of those received", "", share, "")
    console.print(table)
    console.print(_times("people and waiting", {**played.shares, "all": played.seconds}))
    console.print(_times("processor", played.processors))
    by_service = Table(
        "service", "requests", *PARTS, title="seconds; of the processor, but commands until their answer"
    )
    for spent in played.spent:
        by_service.add_row(spent.service, f"{spent.requests:,}", *(f"{spent.seconds[part]:,.1f}" for part in PARTS))
    console.print(by_service)


def _times(name: str, seconds: Mapping[str, float]) -> Table:
    table = Table(name, "seconds")
    for what, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        table.add_row(what, f"{spent:,.1f}")
    return table


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)

"""``motcua replay``: sends a period of the archive to one subscriber."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from services.operations import stats as operations
from services.registry import SERVICE_NAMES
from shared.cli.errors import CommandError
from shared.cli.events import Moment
from shared.cli.store_access import migrated_store
from shared.cli.text_type import LINE
from shared.contracts import REGISTRY
from shared.messaging.hint_transports import open_hints
from shared.runtime.settings import read_settings

if TYPE_CHECKING:
    from services.operations.stats import Sent

ARCHIVE = "stats"
QUEUE_PREFIX = "motcua."
REPORT_SECONDS = 2.0
PATIENCE_SECONDS = 15.0


@click.command(short_help="Send a period of the archive to one subscriber.")
@click.option("--to", "to", type=LINE, help="A service, or the name of its queue, such as motcua.rating.")
@click.option("--since", type=Moment(), help="When the events arrived at the archive at the earliest; all by default.")
@click.option("--until", type=Moment(), help="Before when they arrived; now by default.")
@click.option(
    "--types", type=LINE, multiple=True, help="Names of events, with commas; all that the subscriber gets by default."
)
@click.option(
    "--new-subscriber", is_flag=True, help="It has never applied any of them; needed for what is older than its memory."
)
@click.option("--resume", type=int, help="Go on with the replay of this number.")
@click.option("--drop", type=int, help="End the replay of this number, where it stands.")
def replay(
    to: str | None,
    since: datetime | None,
    until: datetime | None,
    types: tuple[str, ...],
    new_subscriber: bool,
    resume: int | None,
    drop: int | None,
) -> None:
    """Sends archived events to one subscriber alone, in order for each dossier, through its queue. The worker of stats publishes them. What
    the subscriber has applied before, it drops. Interrupted, it goes on by --resume.

    Example: motcua replay --to rating --since 2025-11-01 --until 2025-12-01 --types dossier.returned
    """
    if sum(one is not None for one in (to, resume, drop)) != 1:
        raise CommandError("give one of --to, --resume and --drop")
    with migrated_store(ARCHIVE, read_settings()) as store:
        store.hints = open_hints(store.engine)
        try:
            if drop is not None:
                operations.drop_replay(store, drop)
                click.echo(f"replay {drop} has ended")
                return
            number = resume
            if number is None:
                subscriber = _subscriber(to or "")
                chosen = _types(subscriber, types)
                number = operations.start_replay(store, subscriber, since, until, chosen, new=new_subscriber)
                click.echo(f"replay {number} to {subscriber}: {len(chosen)} types")
            sent = operations.send_replay(store, number, _Meter(number).show)
        except (ValueError, RuntimeError) as error:
            raise CommandError(_hinted(error)) from error
        finally:
            store.hints.close()
    click.echo(f"replay {number} has sent all its {sent:,} events")


def _subscriber(name: str) -> str:
    """The service that a name of a service or of a queue means."""
    service = name.removeprefix(QUEUE_PREFIX)
    if service == name and name not in SERVICE_NAMES:
        raise CommandError(
            f"there is no service {name!r}; there are {', '.join(SERVICE_NAMES)}, and queues motcua.NAME"
        )
    if service == ARCHIVE:
        raise CommandError("stats has the archive itself; motcua stats rebuild makes its numbers again")
    return service


def _types(subscriber: str, names: tuple[str, ...]) -> list[str]:
    """The full types that are sent: those of the names, or all archived ones that the subscriber gets."""
    archived = {entry.name: entry.type for entry in REGISTRY.by_name.values() if entry.archived}
    gets = REGISTRY.subscriptions().get(subscriber, tuple(archived))
    wanted = [name.strip() for text in names for name in text.split(",")] or [name for name in gets if name in archived]
    if unknown := [name for name in wanted if name not in archived]:
        raise CommandError(f"not in the archive: {', '.join(unknown)}")
    if others := [name for name in wanted if name not in gets]:
        raise CommandError(f"{subscriber} does not subscribe to {', '.join(others)}")
    if not names and (lacking := [name for name in gets if name not in archived]):
        click.echo(f"not in the archive, and not sent: {', '.join(lacking)}")
    return [archived[name] for name in wanted]


def _hinted(error: Exception) -> str:
    hints = {
        "Unfinished": "go on with it by --resume, or end it by --drop",
        "MayRepeat": "if it never did, say so by --new-subscriber",
    }
    hint = hints.get(type(error).__name__)
    return f"{error}; {hint}" if hint else str(error)


class _Meter:
    """Shows progress, at most every few seconds."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._began = self._shown = self._moved = time.monotonic()
        self._first: int | None = None

    def show(self, sent: Sent) -> None:
        """Shows how much was sent, how fast, and for what it waits."""
        now = time.monotonic()
        self._first = sent.events if self._first is None else self._first
        if not sent.waiting:
            self._moved = now
        if now - self._shown < REPORT_SECONDS:
            return
        self._shown = now
        rate = (sent.events - self._first) / max(now - self._began, 0.001)
        click.echo(f"replay {self._number}: {sent.events:,} events, in {sent.month}, {rate:,.0f} a second")
        if now - self._moved > PATIENCE_SECONDS:
            click.echo("what was sent waits to be published: is the worker of stats running?")

"""A process that works on the archive and kills itself by SIGKILL at a named point; see test_archive_kills.py.

Run as ``python -m tests.stats.archive.dying POINT`` with the environment of stats.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from services.stats.archive.commands import seal_ended_month
from services.stats.archive.rebuild import commands as rebuilding
from services.stats.archive.rebuild.commands import Rebuild
from services.stats.archive.replay import commands as replaying
from services.stats.archive.replay.commands import send
from services.stats.archive.store import unfinished_replays
from services.stats.facts.subjects import prepare
from services.stats.handlers import FACTS, UNLINKED
from shared.runtime.context import Context, open_context
from shared.runtime.settings import read_settings

REBUILDING = "services.stats.archive.rebuild"
POINTS = {
    "seal-compressed": ("services.stats.archive.commands", "seal_batches"),
    "seal-written": ("services.stats.archive.commands.store", "add_segment"),
    "rebuild-tables-made": (f"{REBUILDING}.side.Side", "prepare"),
    "rebuild-step-written": (f"{REBUILDING}.commands.Rebuild", "_step"),
    "rebuild-step-done": (),
    "rebuild-compared": (f"{REBUILDING}.compare", "compare"),
    "rebuild-switch-written": (f"{REBUILDING}.compare", "replace"),
    "rebuild-switched": (f"{REBUILDING}.commands.Rebuild", "_switch"),
    "replay-step-written": ("services.stats.archive.replay.commands.outbox", "write_direct"),
    "replay-step-done": (),
}
"""Point → the function after which the process dies; those without one die at the first report of progress."""


def kill_self(*_: object) -> None:
    """Ends this process without any cleanup, as a loss of power would."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(path: str, name: str) -> None:
    """Lets the process kill itself when a function has done its work."""
    owner = _found(path)
    inner: Callable[..., Any] = getattr(owner, name)

    def done(*arguments: Any, **options: Any) -> Any:
        inner(*arguments, **options)
        kill_self()

    setattr(owner, name, done)


def _found(path: str) -> Any:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        parent, _, name = path.rpartition(".")
        return getattr(importlib.import_module(parent), name)


def work(context: Context, what: str, report: Callable[[Any], None]) -> None:
    """Seals, rebuilds and switches, or replays, to the end."""
    if what == "seal":
        while seal_ended_month(context):
            pass
    elif what == "rebuild":
        rebuild = Rebuild(context, FACTS, UNLINKED, prepare, report)
        rebuild.build()
        rebuild.compare(10)
        rebuild.switch(accept_differences=True)
        rebuild.side.close()
    else:
        with context.store.read() as connection:
            (replay,) = unfinished_replays(connection, "rating")
        send(context.store, replay.id, report)


def main(point: str) -> None:
    """Works until it dies at the point.

    Raises:
        AssertionError: it did not get there.
    """
    if POINTS[point]:
        die_after(*POINTS[point])
    rebuilding.STEP_EVENTS, replaying.STEP = 4, 3
    what = point.partition("-")[0]
    work(open_context("stats", read_settings()), what, kill_self if not POINTS[point] else lambda _: None)
    raise AssertionError(f"{what} did not reach {point}")


if __name__ == "__main__":
    main(*sys.argv[1:])

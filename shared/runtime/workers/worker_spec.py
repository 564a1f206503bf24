"""The definition of a service's worker: its event handlers and its sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.messaging.apply import Handler, Prepare
from shared.messaging.reused_ids import Refuse
from shared.runtime.context import Context


@dataclass(frozen=True)
class Sweep:
    """Work that is triggered by time instead of an event, for rows that are due.

    Attributes:
        name: shown in logs and health.
        every: business time between two runs.
        run: processes a bounded number of rows, each in a transaction of its own, and returns how many; must be safe to repeat.
        hint: a name of hints that make it run at once (see `shared.messaging.hints`); "" if there are none.
        share: of real time that it may take, above 0 to 1: after a long run it rests, whatever `every` says, so that under an accelerated
            clock, or with much to count, it does not take the processor from the events.
        withdraw: called when another process does this work, or when `run` failed: no longer shows what it measured.
        close: called when the worker ends: ends connections that `run` keeps.
    """

    name: str
    every: timedelta
    run: Callable[[Context], int]
    hint: str = ""
    share: float = 1.0
    withdraw: Callable[[], None] = lambda: None
    close: Callable[[Context], None] = lambda _: None


@dataclass(frozen=True)
class WorkerSpec:
    """The definition of a service's worker.

    Attributes:
        handlers: event name → handler; the service's one visible table.
        sweeps: its sweeps.
        prepare: reads at once what the handlers of a batch need; None if they read it themselves.
        refuse: tells an agency that it has used an id for two events; None where no event of agencies is handled.
    """

    handlers: Mapping[str, Handler]
    sweeps: tuple[Sweep, ...] = ()
    prepare: Prepare | None = None
    refuse: Refuse | None = None

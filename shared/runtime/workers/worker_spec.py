"""What a service's worker does: its handlers and what time triggers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.messaging.apply import Handler
from shared.runtime.context import Context


@dataclass(frozen=True)
class Sweep:
    """Work that time triggers, not an event: a row's due time has come.

    Attributes:
        name: what it does.
        every: business time between two runs.
        run: does one bounded piece, each row in a transaction of its own, and returns how many rows; must be safe to repeat.
    """

    name: str
    every: timedelta
    run: Callable[[Context], int]


@dataclass(frozen=True)
class WorkerSpec:
    """All that a service's worker does.

    Attributes:
        handlers: event name → handler, the service's one visible table.
        sweeps: what time triggers.
    """

    handlers: Mapping[str, Handler]
    sweeps: tuple[Sweep, ...] = ()

"""The loops of a service's own sweeps, on the real clock or on that of a simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from shared.runtime.context import Context
from shared.runtime.stepped_clock import SteppedClock
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.rested import Rested
from shared.runtime.workers.service_parts import SHORTEST_REST, ServiceParts
from shared.runtime.workers.stepped_sweeps import SteppedSweeps
from shared.runtime.workers.worker_spec import Sweep

CLOCK_SECONDS = 0.01
"""Between two looks at the clock of a simulation."""


def sweep_loops(parts: ServiceParts, sweeps: Sequence[Sweep]) -> list[Loop]:
    """The loops, not yet started.

    Args:
        parts: of the service.
        sweeps: what it does by time.
    """
    clock = parts.context.clock
    if not isinstance(clock, SteppedClock):
        return [_loop(parts, sweep, _run_of(parts.context, sweep)) for sweep in sweeps]
    steps = SteppedSweeps(clock, parts.context.service)
    loops = [_loop(parts, sweep, steps.watched(sweep.name, _run_of(parts.context, sweep))) for sweep in sweeps]
    steps.subscribe(loop.wake for loop in loops)
    return [*loops, parts.loop("clock", steps.look, CLOCK_SECONDS)]


def _run_of(context: Context, sweep: Sweep) -> Callable[[], int]:
    run = partial(sweep.run, context)
    return run if sweep.share == 1 else Rested(run, sweep.share)


def _loop(parts: ServiceParts, sweep: Sweep, run: Callable[[], int]) -> Loop:
    idle = max(parts.context.clock.real_seconds(sweep.every), SHORTEST_REST)
    return parts.leased_loop(
        sweep.name,
        run,
        idle,
        lambda: sweep.close(parts.context),
        hint=sweep.hint,
        withdraw=sweep.withdraw,
    )

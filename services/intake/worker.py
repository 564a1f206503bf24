"""What intake does without being asked: events of the others, and what must not be kept."""

from __future__ import annotations

from datetime import timedelta

from services.intake.handlers import HANDLERS
from services.intake.lookup.queries import WINDOW
from services.intake.lookup.throttle import forget_tries
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec
from shared.web.idempotency import forget_keys

KEEP_ANSWERS = timedelta(hours=48)
"""How long a repeated request is given its first answer. Not longer: the answer to a filing holds the look-up secret in clear."""


def forget_old_tries(context: Context) -> int:
    """Deletes the counts of wrong look-ups whose window is over, for ever more codes that nobody has."""
    return context.store.run(lambda work: forget_tries(work.connection, context.clock.wall() - WINDOW))


def forget_old_answers(context: Context) -> int:
    """Deletes the kept answers of commands, and with them the secrets."""
    return context.store.run(lambda work: forget_keys(work.connection, context.clock.wall() - KEEP_ANSWERS))


WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(
        Sweep("forget wrong look-ups", timedelta(hours=1), forget_old_tries),
        Sweep("forget kept answers", timedelta(hours=1), forget_old_answers),
    ),
)

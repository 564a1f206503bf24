"""Intake's worker: the handlers of events, and the deletion of old rows."""

from __future__ import annotations

from datetime import timedelta

from services.intake.handlers import HANDLERS
from services.intake.lookup import throttle
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec
from shared.web.idempotency import forget_keys

KEEP_ANSWERS = timedelta(hours=48)
"""How long a repeated request gets its first answer. Not longer, since the answer to a filing contains the look-up secret in clear."""


def delete_old_lookup_failures(context: Context) -> int:
    """Deletes the counts of failed look-ups whose window is over."""
    return throttle.delete_old_failures(context.store)


def delete_old_answers(context: Context) -> int:
    """Deletes the kept answers of commands, and with them the secrets."""
    return context.store.run(lambda work: forget_keys(work.connection, context.clock.wall() - KEEP_ANSWERS))


WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(
        Sweep("delete old look-up failures", timedelta(hours=1), delete_old_lookup_failures),
        Sweep("delete old answers", timedelta(hours=1), delete_old_answers),
    ),
)

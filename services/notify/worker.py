"""Notify's worker: applies events, and sends messages as soon as they are queued or due again."""

from __future__ import annotations

from datetime import timedelta

from services.notify.delivery.commands import send_due
from services.notify.handlers import HANDLERS
from services.notify.messages.store import HINT
from services.notify.migrations import metadata
from shared.runtime.workers.restored_keys import SealRestored
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(Sweep("send", timedelta(seconds=5), send_due, HINT), SealRestored(metadata).sweep()),
)

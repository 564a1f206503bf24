"""Notify's worker: applies events, and sends due messages every 0.2 s."""

from __future__ import annotations

from datetime import timedelta

from services.notify.delivery.commands import send_due
from services.notify.handlers import HANDLERS
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

WORKER = WorkerSpec(handlers=HANDLERS, sweeps=(Sweep("send", timedelta(seconds=0.2), send_due),))

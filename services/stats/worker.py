"""Stats' worker: applies events."""

from __future__ import annotations

from services.stats.handlers import HANDLERS
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(handlers=HANDLERS)

"""Rating's worker: applies events."""

from __future__ import annotations

from services.rating.handlers import HANDLERS
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(handlers=HANDLERS)

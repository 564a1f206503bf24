"""Rating's worker: applies events, and seals restored personal data again."""

from __future__ import annotations

from services.rating.handlers import HANDLERS
from services.rating.migrations import metadata
from shared.runtime.workers.restored_keys import SealRestored
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(handlers=HANDLERS, sweeps=(SealRestored(metadata).sweep(),))

"""Rating's worker: applies events, watches the time limits of complaints, and seals restored personal data again."""

from __future__ import annotations

from services.rating.complaints.metrics import COMPLAINTS_IN_HAND
from services.rating.complaints.sweeps import CHECK_COMPLAINTS, ERASE_COMPLAINTS
from services.rating.handlers import HANDLERS
from services.rating.migrations import metadata
from shared.runtime.workers.restored_keys import SealRestored
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(
    handlers=HANDLERS, sweeps=(SealRestored(metadata).sweep(), CHECK_COMPLAINTS, ERASE_COMPLAINTS, COMPLAINTS_IN_HAND)
)

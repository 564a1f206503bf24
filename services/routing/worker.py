"""What routing's worker does."""

from __future__ import annotations

from services.routing.commands.sweeps import CALENDAR, DOSSIERS, STEPS
from services.routing.handlers import HANDLERS
from services.routing.metrics import DECIDED, OVERDUE
from shared.runtime.workers.calendar_data import CALENDAR_DATA
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(handlers=HANDLERS, sweeps=(DOSSIERS, STEPS, CALENDAR, DECIDED, OVERDUE, CALENDAR_DATA))

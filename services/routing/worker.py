"""What routing's worker does."""

from __future__ import annotations

from services.routing.handlers import HANDLERS
from services.routing.sweeps import DOSSIERS, STEPS
from shared.workers.work import Work

WORK = Work(handlers=HANDLERS, sweeps=(DOSSIERS, STEPS))

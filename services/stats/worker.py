"""What stats' worker does."""

from __future__ import annotations

from services.stats.handlers import HANDLERS
from shared.workers.work import Work

WORK = Work(handlers=HANDLERS)

"""What rating's worker does."""

from __future__ import annotations

from services.rating.handlers import HANDLERS
from shared.workers.work import Work

WORK = Work(handlers=HANDLERS)

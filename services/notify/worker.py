"""What notify's worker does."""

from __future__ import annotations

from datetime import timedelta

from services.notify.handlers import HANDLERS
from services.notify.sending import send_due
from shared.workers.work import Sweep, Work

WORK = Work(handlers=HANDLERS, sweeps=(Sweep("send", timedelta(seconds=0.2), send_due),))

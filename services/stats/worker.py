"""Stats' worker: applies events, seals the archive of ended months, and counts the index."""

from __future__ import annotations

from datetime import timedelta

from services.stats.archive.commands import seal_ended_month
from services.stats.facts.subjects import prepare
from services.stats.handlers import HANDLERS
from services.stats.index.sweeps import INDEX
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(Sweep("seal the archive", every=timedelta(hours=1), run=seal_ended_month), INDEX),
    prepare=prepare,
)

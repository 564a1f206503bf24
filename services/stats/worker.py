"""Stats' worker: applies events, seals the archive of ended months, counts the index, draws up reports and makes their papers."""

from __future__ import annotations

from datetime import timedelta

from services.stats.archive.commands import seal_ended_month
from services.stats.facts.subjects import prepare
from services.stats.handlers import HANDLERS
from services.stats.index.sweeps import INDEX
from services.stats.reports.sweeps import SWEEPS as REPORT_SWEEPS
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(Sweep("seal the archive", every=timedelta(hours=1), run=seal_ended_month), INDEX, *REPORT_SWEEPS),
    prepare=prepare,
)

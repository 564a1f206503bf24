"""The sweeps of notify's worker for inbound SMS."""

from __future__ import annotations

from datetime import timedelta

from services.notify.inbound.commands import answer_new, delete_old
from services.notify.inbound.spool import read_spool
from services.notify.inbound.store import HINT
from shared.runtime.workers.worker_spec import Sweep

SWEEPS = (
    Sweep("read the folder of inbound SMS", timedelta(milliseconds=500), read_spool),
    Sweep("answer inbound SMS", timedelta(seconds=5), answer_new, HINT),
    Sweep("delete old inbound SMS", timedelta(hours=1), delete_old),
)

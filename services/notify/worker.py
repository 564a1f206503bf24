"""Notify's worker: applies events, and sends messages as soon as they are queued or due again."""

from __future__ import annotations

from datetime import timedelta

from services.notify.channels.email.bounces.maildir import sweep_bounces
from services.notify.delivery.sweeps import SWEEPS
from services.notify.handlers import HANDLERS
from services.notify.inbound.sweeps import SWEEPS as INBOUND_SWEEPS
from services.notify.messages.ahead import prepare
from services.notify.migrations import metadata
from services.notify.post.sweeps import POST_SWEEPS
from shared.runtime.workers.restored_keys import SealRestored
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

BOUNCES = Sweep("bounces", timedelta(seconds=10), sweep_bounces)
WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(*SWEEPS, *INBOUND_SWEEPS, *POST_SWEEPS, BOUNCES, SealRestored(metadata).sweep()),
    prepare=prepare,
)

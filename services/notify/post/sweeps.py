"""What the worker does for the public post by itself."""

from __future__ import annotations

from datetime import timedelta

from services.notify.post.batches.commands import close_due
from services.notify.post.parcels.store import REGISTER_HINT
from services.notify.post.parcels.sweeps import call_due, poll_due
from shared.runtime.workers.worker_spec import Sweep

POST_SWEEPS = (
    Sweep("letter_batches", timedelta(minutes=1), close_due),
    Sweep("parcels", timedelta(seconds=5), call_due, REGISTER_HINT),
    Sweep("parcel_tracking", timedelta(minutes=1), poll_due),
)

"""The sweeps of rating's worker for filing complaints: their files, wrong tries, and old calls."""

from __future__ import annotations

from datetime import timedelta

from services.rating.complaints.attachments.commands import (
    delete_discarded_files,
    delete_orphaned_files,
    delete_unsent,
    scan_waiting_files,
)
from services.rating.complaints.entry.commands import erase_old_calls
from services.rating.complaints.public.throttle import delete_old_tries
from shared.runtime.workers.worker_spec import Sweep

COMPLAINT_ENTRY_SWEEPS = (
    Sweep("delete files of complaints that were not sent", timedelta(hours=1), delete_unsent),
    Sweep("delete discarded files of complaints", timedelta(minutes=5), delete_discarded_files),
    Sweep("scan files of complaints that wait for the virus scanner", timedelta(minutes=1), scan_waiting_files),
    Sweep("delete orphaned files of complaints", timedelta(days=1), delete_orphaned_files),
    Sweep("delete old counts of wrong tries at complaints", timedelta(hours=1), delete_old_tries),
    Sweep("erase what was said in old calls", timedelta(hours=6), erase_old_calls),
)

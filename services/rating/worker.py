"""Rating's worker: applies events, watches complaints, looks for unusual ratings, draws up rankings, opens assessments, seals again."""

from __future__ import annotations

from datetime import timedelta

from services.rating.complaints.attachments.commands import reseal_restored_files
from services.rating.complaints.entry.sweeps import COMPLAINT_ENTRY_SWEEPS
from services.rating.complaints.metrics import COMPLAINTS_IN_HAND
from services.rating.complaints.sweeps import CHECK_COMPLAINTS, ERASE_COMPLAINTS
from services.rating.devices.metrics import DEVICES, PAIRING
from services.rating.handlers import HANDLERS
from services.rating.migrations import metadata
from services.rating.rankings.assessments.sweeps import ASSESSMENTS
from services.rating.rankings.sweeps import RANKINGS
from services.rating.ratings.limits import delete_old_failures
from services.rating.scores.flags.commands import SWEEP as FLAGS
from services.rating.surveys.sweeps import SWEEPS as SURVEY_SWEEPS
from shared.runtime.workers.restored_keys import SealRestored
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

TOKEN_FAILURES = Sweep("token_failures", timedelta(hours=1), delete_old_failures)

WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(
        *COMPLAINT_ENTRY_SWEEPS,
        SealRestored(metadata, reseal_restored_files).sweep(),
        CHECK_COMPLAINTS,
        ERASE_COMPLAINTS,
        COMPLAINTS_IN_HAND,
        DEVICES,
        PAIRING,
        FLAGS,
        TOKEN_FAILURES,
        RANKINGS,
        ASSESSMENTS,
        *SURVEY_SWEEPS,
    ),
)

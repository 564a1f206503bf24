"""What routing's worker does."""

from __future__ import annotations

from services.routing.agency_http.metrics import AGENCY_BACKLOG
from services.routing.agency_http.retention import OLD_EVENTS
from services.routing.agency_http.sender import WEBHOOKS
from services.routing.agency_keys.metrics import AGENCY_KEYS, AGENCY_QUEUES
from services.routing.agency_keys.sweeps import KEY_FAILURES, KEYS_ENDING
from services.routing.apologies.metrics import APOLOGIES_MISSING
from services.routing.apologies.sweeps import APOLOGIES
from services.routing.commands.sweeps import AGENCY_STEPS, APPLICATIONS, CALENDAR, DOSSIERS, STEPS
from services.routing.handlers import HANDLERS
from services.routing.metrics import APPLICATIONS_WAITING, DECIDED, OVERDUE
from services.routing.plugins.decisions import refuse_reused
from services.routing.plugins.metrics import AGENCY_ANSWERS
from shared.runtime.workers.calendar_data import CALENDAR_DATA
from shared.runtime.workers.worker_spec import WorkerSpec

WORKER = WorkerSpec(
    handlers=HANDLERS,
    sweeps=(
        DOSSIERS,
        STEPS,
        APPLICATIONS,
        APOLOGIES,
        CALENDAR,
        DECIDED,
        OVERDUE,
        APPLICATIONS_WAITING,
        APOLOGIES_MISSING,
        AGENCY_STEPS,
        AGENCY_ANSWERS,
        AGENCY_KEYS,
        AGENCY_QUEUES,
        KEYS_ENDING,
        KEY_FAILURES,
        CALENDAR_DATA,
        WEBHOOKS,
        AGENCY_BACKLOG,
        OLD_EVENTS,
    ),
    refuse=refuse_reused,
)

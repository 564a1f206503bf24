"""Which events stats listens to: event type → the writer of its fact. Each is archived too, but for a few; see docs/archive.md."""

from __future__ import annotations

from services.stats.archive.commands import archiving, only_archived
from services.stats.facts import commands as facts
from services.stats.facts.changes import CHANGES
from services.stats.facts.procedures import record_procedure_published
from services.stats.index.changes import noticing_changes
from services.stats.officials import commands as officials
from shared.messaging import restored
from shared.messaging.apply import Handler

COMPLAINTS = (
    *("lodged", "assigned", "more_requested", "rejected", "answered", "published", "reopened", "withdrawn"),
    *("due_soon", "overdue"),
)
UNLINKED: dict[str, Handler] = {"fee.waived": facts.record_fact}
"""Events that may not be archived, since they could be joined with others; their facts are all that they say."""

FACTS: dict[str, Handler] = {
    "procedure.published": record_procedure_published,
    **dict.fromkeys(CHANGES.keys() - UNLINKED.keys(), facts.record_fact),
    "rating.given": facts.record_rating,
    "rating.corrected": facts.record_rating,
    **{f"complaint.{happened}": facts.record_complaint for happened in COMPLAINTS},
}
"""Event → the writer of its fact; what each changes is in `facts/changes.py`. What stats knows is made from the archive again by these."""

RESTRICTED: dict[str, Handler] = {
    "official.served": officials.record_official_served,
    "official.handled_dossier": officials.record_official_handled_dossier,
    "official.completed_step": officials.record_official_completed_step,
    "official.step_returned": officials.record_official_step_returned,
}
"""Events that tell what one official did; restricted events are never archived."""

OTHERS = (
    "appointment.cancelled",
    "appointment.erased",
    "complaint.erased",
    "contact.erased",
    "conversation.answered",
    "dossier.contact_changed",
    "dossier.erased",
    "dossier.withdrawn",
    "obligation.requested",
    "parcel.delivered",
    "parcel.lost",
    "parcel.progressed",
    "parcel.registered",
    "parcel.returned",
    "rating.submitted_by_sms",
    "report.published",
    "result.posted",
)
"""Events that are archived and make no fact."""

HANDLERS: dict[str, Handler] = {
    **restored.HANDLERS,
    **UNLINKED,
    **archiving(noticing_changes(FACTS)),
    **RESTRICTED,
    **archiving(dict.fromkeys(OTHERS, only_archived)),
}

"""Which events stats listens to: event type → the writer of its fact. Each is archived too, but for a few; see docs/archive.md."""

from __future__ import annotations

from services.stats.archive.commands import archiving, only_archived
from services.stats.facts import apologies, applications, complaints, ratings, tickets
from services.stats.facts import commands as facts
from shared.messaging import restored
from shared.messaging.apply import Handler

FACTS: dict[str, Handler] = {
    "dossier.filed": applications.record_filed,
    "dossier.accepted_online": applications.record_accepted,
    "dossier.refused": applications.record_refused,
    "dossier.sent_back": applications.record_sent_back,
    "application.supplement_requested": applications.record_supplement_requested,
    "application.unanswered": applications.record_unanswered,
    "application.overdue": applications.record_overdue,
    "application.supplemented": applications.record_supplemented,
    "application.closed": applications.record_closed,
    "dossier.received": facts.record_dossier_received,
    "dossier.supplemented": facts.record_dossier_supplemented,
    "dossier.due_soon": facts.record_dossier_due_soon,
    "dossier.overdue": facts.record_dossier_overdue,
    "dossier.overdue_withdrawn": facts.record_overdue_withdrawn,
    "dossier.extended": facts.record_dossier_extended,
    "apology.missing": apologies.record_missing,
    "apology.signed": apologies.record_signed,
    "apology.withdrawn": apologies.record_withdrawn,
    "dossier.deadline_moved": facts.record_deadline_moved,
    "dossier.stopped": facts.record_dossier_stopped,
    "dossier.resolved": facts.record_dossier_resolved,
    "dossier.corrected": facts.record_dossier_corrected,
    "dossier.returned": facts.record_dossier_returned,
    "result.published": facts.record_result_published,
    "rating.given": ratings.record_rating_given,
    "rating.corrected": ratings.record_rating_corrected,
    "complaint.lodged": complaints.record_complaint_event,
    "complaint.assigned": complaints.record_complaint_event,
    "complaint.more_requested": complaints.record_complaint_event,
    "complaint.rejected": complaints.record_complaint_event,
    "complaint.answered": complaints.record_complaint_event,
    "complaint.published": complaints.record_complaint_event,
    "complaint.reopened": complaints.record_complaint_event,
    "complaint.withdrawn": complaints.record_complaint_event,
    "complaint.due_soon": complaints.record_complaint_event,
    "complaint.overdue": complaints.record_complaint_event,
    "survey.closed": complaints.record_survey_closed,
    "step.assigned": facts.record_step_assigned,
    "step.completed": facts.record_step_completed,
    "step.due_soon": facts.record_step_due_soon,
    "step.overdue": facts.record_step_overdue,
    "step.overdue_withdrawn": facts.record_step_overdue_withdrawn,
    "step.returned": facts.record_step_returned,
    "supplement.requested": facts.record_supplement_requested,
    "fee.paid": facts.record_fee_paid,
    "fee.refunded": facts.record_fee_refunded,
    "document.issued": facts.record_document_issued,
    "filing.declined": facts.record_filing_declined,
    "ticket.issued": tickets.record_ticket_issued,
    "ticket.called": tickets.record_ticket_called,
    "ticket.served": tickets.record_ticket_served,
    "ticket.missed": tickets.record_ticket_missed,
    "ticket.cancelled": tickets.record_ticket_cancelled,
    "message.sent": facts.record_message_sent,
    "message.delivered": facts.record_message_delivered,
    "message.returned": facts.record_message_returned,
    "message.failed": facts.record_message_failed,
    "message.skipped": facts.record_message_skipped,
}
"""Event → the writer of its fact. What stats knows is made from the archive again by these."""

UNLINKED: dict[str, Handler] = {"fee.waived": facts.record_fee_waived}
"""The same for events that may not be archived, since they could be joined with others; their facts are all that they say."""

OTHERS = (
    "appointment.cancelled",
    "appointment.erased",
    "complaint.erased",
    "contact.erased",
    "conversation.answered",
    "dossier.contact_changed",
    "dossier.erased",
    "dossier.paused",
    "dossier.resumed",
    "dossier.withdrawn",
    "obligation.requested",
    "parcel.delivered",
    "parcel.lost",
    "parcel.progressed",
    "parcel.registered",
    "parcel.returned",
    "procedure.published",
    "rating.submitted_by_sms",
    "result.posted",
)
"""Events that are archived and make no fact."""

HANDLERS: dict[str, Handler] = {
    **restored.HANDLERS,
    **UNLINKED,
    **archiving(FACTS),
    **archiving(dict.fromkeys(OTHERS, only_archived)),
}

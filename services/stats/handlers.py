"""Which events stats listens to: event type → the writer of its fact."""

from __future__ import annotations

from services.stats.facts import apologies, applications, tickets
from services.stats.facts import commands as facts
from shared.messaging import restored
from shared.messaging.apply import Handler

HANDLERS: dict[str, Handler] = {
    **restored.HANDLERS,
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
    "rating.given": facts.record_rating_given,
    "step.completed": facts.record_step_completed,
    "step.due_soon": facts.record_step_due_soon,
    "step.overdue": facts.record_step_overdue,
    "step.overdue_withdrawn": facts.record_step_overdue_withdrawn,
    "step.returned": facts.record_step_returned,
    "supplement.requested": facts.record_supplement_requested,
    "fee.paid": facts.record_fee_paid,
    "fee.waived": facts.record_fee_waived,
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

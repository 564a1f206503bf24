"""Which events rating listens to: a returned dossier leads to an invitation; what officials did tells whom a rating is about;
personal data are given to their owner, or erased."""

from __future__ import annotations

from services.rating.complaints.entry.commands import on_complaint_lodged_by_sms
from services.rating.invitations.commands import invite, invite_again
from services.rating.invitations.domain import RatedDossier
from services.rating.officials.work import (
    on_official_completed_step,
    on_official_handled_dossier,
    on_official_served,
    on_official_step_returned,
)
from services.rating.ratings.commands import provide_rating, submit_by_sms
from services.rating.ratings.form import form_of_regulation
from services.rating.ratings.store import erase_comment
from services.rating.scores.procedures import on_procedure_published
from services.rating.surveys.inviting import invite_to_surveys_again
from shared.messaging import restored
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """Invites the citizen to rate."""
    data = event.data
    form = form_of_regulation(data["regulation"]).version
    rated = RatedDossier(data["dossier"], data["procedure"], data["field"], data["receiving_agency"], form)
    invite(work, rated, data["returned_at"])


def on_contact_changed(event: Event, work: UnitOfWork) -> None:
    """Voids the links that were sent to a wrong number, to rate and to answer surveys, and sends other ones."""
    invite_again(work, event.data["dossier"])
    invite_to_surveys_again(work, event.data["dossier"])


def on_rating_submitted_by_sms(event: Event, work: UnitOfWork) -> None:
    """Takes a rating by SMS, if the dossier's invitation is open.

    Raises:
        shared.messaging.errors.NotYet: the dossier's return has not arrived.
    """
    submit_by_sms(work, event.data["dossier"], event.data["score"], event.data["submitted_at"])


def on_dossier_erased(event: Event, work: UnitOfWork) -> None:
    """Erases what the citizen wrote; the score stays."""
    erase_comment(work.connection, event.data["dossier"])


def on_personal_data_requested(event: Event, work: UnitOfWork) -> None:
    """Says how a dossier was rated, for its applicant; only intake can read the answer, and shows it to nobody else."""
    provide_rating(work, event.data["dossier"], event.data["request"])


HANDLERS: dict[str, Handler] = {
    **restored.HANDLERS,
    "procedure.published": on_procedure_published,
    "dossier.returned": on_dossier_returned,
    "dossier.contact_changed": on_contact_changed,
    "rating.submitted_by_sms": on_rating_submitted_by_sms,
    "official.served": on_official_served,
    "official.handled_dossier": on_official_handled_dossier,
    "official.completed_step": on_official_completed_step,
    "official.step_returned": on_official_step_returned,
    "complaint.lodged_by_sms": on_complaint_lodged_by_sms,
    "dossier.erased": on_dossier_erased,
    "personal_data.requested": on_personal_data_requested,
}

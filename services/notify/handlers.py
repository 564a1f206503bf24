"""Which events notify listens to: it keeps contacts, and queues a message to the citizen when something happens to a dossier."""

from __future__ import annotations

from services.notify.appointments.commands import (
    on_appointment_booked,
    on_appointment_cancelled,
    on_appointment_erased,
    on_appointment_moved,
    on_appointment_reminder_due,
)
from services.notify.channels.plans import channels_in_text, text_of_channels
from services.notify.complaints.commands import on_complaint_erased, on_complaint_notice
from services.notify.contacts.commands import correct_contact
from services.notify.contacts.domain import Contact
from services.notify.contacts.store import add_contact, erase_contact
from services.notify.data_requests.commands import provide_messages
from services.notify.inbound.status import NOTED, forget_status, noting
from services.notify.messages.commands import cancel_pending, queue_message
from services.notify.messages.erasure import erase_messages
from services.notify.post.letters.store import erase_letters
from services.notify.post.parcels.events import (
    follow_result,
    follow_sent_back,
    on_parcel_lost,
    on_parcel_registered,
    on_parcel_returned,
)
from services.notify.post.parcels.store import erase_parcels
from services.notify.reports.commands import on_report_published
from services.notify.surveys.commands import on_survey_invited
from services.notify.surveys.store import forget_recipient
from shared.messaging import restored
from shared.messaging.apply import Handler
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_applicant_registered(event: Event, work: UnitOfWork) -> None:
    """Keeps how to reach the applicant.

    Raises:
        Conflict: the dossier has another applicant. Messages must not go to a stranger, so nothing is overwritten.
    """
    contact = _contact(event)
    if not add_contact(work, contact):
        raise Conflict(f"dossier {contact.dossier} is known with another applicant")


def on_applicant_corrected(event: Event, work: UnitOfWork) -> None:
    """Keeps the corrected contact; what was still to be sent to a wrong number is sent to the right one.

    Raises:
        shared.messaging.errors.NotYet: the contact has not arrived.
        Conflict: another correction of that moment is known.
    """
    correct_contact(work, _contact(event), event.data["corrected_at"], _identity(event))


def on_dossier_filed(event: Event, work: UnitOfWork) -> None:
    """Sends that what was filed online or came by post has reached the desk and waits to be received."""
    queue_message(work, "filed", _identity(event), event.data)


def on_application_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """Sends which papers the desk needs before it can receive the dossier; it asks once (NĐ 118/2025, Điều 11.2c, 17.2c).

    Raises:
        Conflict: another request is known.
    """
    variant = "without_end" if event.data["until"] is None else ""
    same = ("papers", "requested_at", "until")
    queue_message(work, "application_supplement", event.data["dossier"], event.data, variant, same)


def on_dossier_refused(event: Event, work: UnitOfWork) -> None:
    """Sends that the dossier was not received, and where to read why.

    Raises:
        Conflict: another refusal is known.
    """
    queue_message(work, "refused", event.data["dossier"], event.data, same=("refused_at",))


def on_application_closed(event: Event, work: UnitOfWork) -> None:
    """Sends that what was filed ended before it was received: withdrawn, or since the papers never came (NĐ 118/2025, Điều 19.5).

    Raises:
        Conflict: another end is known.
    """
    data = event.data
    queue_message(work, "application_closed", data["dossier"], data, data["cause"], same=("cause", "closed_at"))


def on_dossier_sent_back(event: Event, work: UnitOfWork) -> None:
    """Sends in which parcel the papers of a refused dossier go back, and follows it.

    Raises:
        Conflict: another parcel is known.
    """
    queue_message(work, "sent_back", event.data["dossier"], event.data, same=("parcel",))
    follow_sent_back(event, work)


def on_dossier_received(event: Event, work: UnitOfWork) -> None:
    """Sends that the dossier was received and when its result is promised; nothing where it was handed over at once (Điều 17.4)."""
    if event.data.get("finished_at") is not None:
        return
    queue_message(work, "received", _identity(event), event.data)


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """Sends what is to be paid; once for each obligation, even if the event is repeated.

    Raises:
        Conflict: another obligation of this id is known.
    """
    same = ("kind", "name", "amount", "agency", "requested_at")
    queue_message(work, "obligation", event.data["obligation"], event.data, same=same)


def on_fee_waiver_decided(event: Event, work: UnitOfWork) -> None:
    """Sends whether the fee is waived, and what is to be paid; the reason is read on the page.

    Raises:
        Conflict: another decision about this waiver is known.
    """
    data = event.data
    variant = "granted" if data["granted"] else "refused" if data["owed"] else "refused_paid"
    queue_message(work, "fee_waiver", data["waiver"], data, variant, same=("granted", "waived", "decided_at"))


def on_conversation_answered(event: Event, work: UnitOfWork) -> None:
    """Sends that the one-stop desk has answered or written; what it says is read in the look-up.

    Raises:
        Conflict: another entry of this id is known.
    """
    queue_message(work, "answer_waiting", event.data["entry"], event.data, same=("answered_at",))


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """Sends which papers to hand in at the one-stop desk, and until when if there is an end (NĐ 118/2025, Điều 5.1e, 19.5); once for
    each step.

    Raises:
        Conflict: another request of this step is known.
    """
    variant = "without_end" if event.data["until"] is None else ""
    same = ("agency", "reason", "papers", "requested_at", "until")
    queue_message(work, "supplement_requested", event.data["task"], event.data, variant, same)


def on_dossier_resumed(event: Event, work: UnitOfWork) -> None:
    """Sends the new promised time after a supplement; the end of any other wait sends nothing."""
    if event.data["supplemented"]:
        queue_message(work, "supplemented", _identity(event), event.data)


def on_dossier_extended(event: Event, work: UnitOfWork) -> None:
    """Sends the apology and the new promised time (NĐ 118/2025, Điều 19.6)."""
    queue_message(work, "extended", _identity(event), event.data)


def on_apology_signed(event: Event, work: UnitOfWork) -> None:
    """Sends the apology for a lateness, with its number and the new date; once for each letter, though it may be sent again.

    Raises:
        Conflict: another letter of this id is known.
    """
    same = ("agency", "number", "was_due_at", "due_at", "signed_at")
    queue_message(work, "apology", event.data["apology"], event.data, same=same)


def on_dossier_deadline_moved(event: Event, work: UnitOfWork) -> None:
    """Sends that a deadline ends later, because its last day was declared off (Civil Code 2015, article 148.5).

    Nothing is sent when the day off was entered so late that the new time is over as well.
    """
    if event.data["moved_to"] < event.data["moved_at"]:
        return
    queue_message(work, "deadline_moved", _identity(event), event.data, variant=event.data["deadline"])


def on_dossier_stopped(event: Event, work: UnitOfWork) -> None:
    """Sends that the dossier ended without a result, and why."""
    queue_message(work, "stopped", _identity(event), event.data, variant=event.data["cause"])


def on_dossier_corrected(event: Event, work: UnitOfWork) -> None:
    """Sends that the agency has corrected its own error (NĐ 118/2025, Điều 23.1); once for each correction, though it may be
    made again after routing was restored from a backup.

    Raises:
        Conflict: another error of this id is known.
    """
    queue_message(work, "corrected", event.data["correction"], event.data, same=("found_at",))


def on_dossier_resolved(event: Event, work: UnitOfWork) -> None:
    """Sends that the result is ready, even before the promised day (NĐ 118/2025, Điều 22.5), unless the citizen has it already."""
    if event.data.get("handed_over"):
        return
    queue_message(work, "result_ready", _identity(event), event.data)


def on_result_code_issued(event: Event, work: UnitOfWork) -> None:
    """Sends the one-time code for taking a result, at any hour; an earlier one that was not sent yet is void."""
    cancel_pending(work, event.data["dossier"], "another code follows", kind="one_time_code")
    queue_message(work, "one_time_code", _identity(event), event.data)


def on_result_posted(event: Event, work: UnitOfWork) -> None:
    """Sends that the result is on its way by public post, with the parcel's number, and follows it."""
    queue_message(work, "result_posted", _identity(event), event.data)
    follow_result(event, work)


def on_result_published(event: Event, work: UnitOfWork) -> None:
    """Sends where the file of the result is to be downloaded; once for each file that was published.

    Raises:
        Conflict: another file of this number is known.
    """
    about = f"{event.data['dossier']} {event.data['number']}"
    queue_message(work, "result_published", about, event.data, same=("sha256", "published_at"))


def on_rating_invited(event: Event, work: UnitOfWork) -> None:
    """Sends the one-time token of a rating; an earlier one that was not sent yet is void."""
    cancel_pending(work, event.data["dossier"], "another invitation follows", kind="rating_invitation")
    queue_message(work, "rating_invitation", _identity(event), event.data)


def on_dossier_erased(event: Event, work: UnitOfWork) -> None:
    """Erases the contact and what the messages said; that and when they were sent stays known.

    It says so: intake, restored from a backup, gets that again and repeats an erasure that it has forgotten.
    """
    erase_contact(work, event.data["dossier"])
    erase_messages(work, event.data["dossier"])
    erase_letters(work.connection, event.data["dossier"])
    erase_parcels(work.connection, event.data["dossier"])
    forget_recipient(work.connection, event.data["dossier"])
    forget_status(work, event.data["dossier"])
    work.emit("contact.erased", {"dossier": event.data["dossier"], "erased_at": work.now})


def on_personal_data_requested(event: Event, work: UnitOfWork) -> None:
    """Says what is kept about the applicant of a dossier, for the applicant; only intake can read the answer.

    Raises:
        shared.messaging.errors.NotYet: the contact has not arrived.
    """
    provide_messages(work, event.data["dossier"], event.data["request"])


_MESSAGES: dict[str, Handler] = {
    **restored.HANDLERS,
    "applicant.registered": on_applicant_registered,
    "applicant.corrected": on_applicant_corrected,
    "dossier.filed": on_dossier_filed,
    "application.supplement_requested": on_application_supplement_requested,
    "dossier.refused": on_dossier_refused,
    "application.closed": on_application_closed,
    "dossier.sent_back": on_dossier_sent_back,
    "dossier.received": on_dossier_received,
    "obligation.requested": on_obligation_requested,
    "fee.waiver_decided": on_fee_waiver_decided,
    "conversation.answered": on_conversation_answered,
    "supplement.requested": on_supplement_requested,
    "dossier.resumed": on_dossier_resumed,
    "dossier.extended": on_dossier_extended,
    "apology.signed": on_apology_signed,
    "dossier.deadline_moved": on_dossier_deadline_moved,
    "dossier.stopped": on_dossier_stopped,
    "dossier.resolved": on_dossier_resolved,
    "dossier.corrected": on_dossier_corrected,
    "result.code_issued": on_result_code_issued,
    "result.posted": on_result_posted,
    "result.published": on_result_published,
    "parcel.registered": on_parcel_registered,
    "parcel.returned": on_parcel_returned,
    "parcel.lost": on_parcel_lost,
    "rating.invited": on_rating_invited,
    "survey.invited": on_survey_invited,
    "report.published": on_report_published,
    "complaint.notice": on_complaint_notice,
    "complaint.erased": on_complaint_erased,
    "dossier.erased": on_dossier_erased,
    "personal_data.requested": on_personal_data_requested,
    "appointment.booked": on_appointment_booked,
    "appointment.moved": on_appointment_moved,
    "appointment.cancelled": on_appointment_cancelled,
    "appointment.reminder_due": on_appointment_reminder_due,
    "appointment.erased": on_appointment_erased,
}


def _contact(event: Event) -> Contact:
    """The contact that an event brings; an older one says nothing of language, channels, chat and address."""
    data = event.data
    return Contact(
        data["dossier"],
        data["name"],
        data["phone"],
        data["email"],
        registered_at=event.time,
        language=data.get("language", "vi"),
        channels=text_of_channels(channels_in_text(",".join(data.get("channels", ())))),
        chat_user=data.get("chat_user", ""),
        address=data.get("address", ""),
    )


HANDLERS: dict[str, Handler] = {
    **_MESSAGES,
    **{name: noting(name, _MESSAGES.get(name)) for name in sorted(NOTED)},  # how a dossier stands, for SMS that ask
}


def _identity(event: Event) -> str:
    return f"{event.source}#{event.id}"

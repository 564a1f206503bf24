"""What the other services keep about a person arrives. An answer that nobody waits for any more is dropped: it is personal data."""

from __future__ import annotations

from services.intake.data_exports.store import keep_answer
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_messages_provided(event: Event, work: UnitOfWork) -> None:
    """Keeps the contact and the messages of a dossier for its applicant; a repeated answer changes nothing."""
    data = event.data
    answer = {name: data[name] for name in ("contact", "messages", "readings")}
    keep_answer(work, data["request"], data["dossier"], "messages", answer)


def on_rating_provided(event: Event, work: UnitOfWork) -> None:
    """Keeps the rating of a dossier for its applicant; a repeated answer changes nothing."""
    keep_answer(work, event.data["request"], event.data["dossier"], "rating", event.data["rating"])

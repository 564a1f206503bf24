"""What the events of intake and the post mean for parcels: numbers that the desk has typed, and bad news that the citizen is told."""

from __future__ import annotations

from services.notify.messages.commands import queue_message
from services.notify.post.parcels.commands import note_posted
from services.notify.post.parcels.domain import Contents
from services.notify.post.providers.configured import new_parcels_by
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def follow_result(event: Event, work: UnitOfWork) -> None:
    """Begins to follow the parcel with a result."""
    data = event.data
    note_posted(
        work,
        data["dossier"],
        data["receiving_agency"],
        Contents.RESULT,
        data["parcel"],
        new_parcels_by(),
        data["posted_at"],
    )


def follow_sent_back(event: Event, work: UnitOfWork) -> None:
    """Begins to follow the parcel with the papers of a refused dossier."""
    data = event.data
    note_posted(
        work,
        data["dossier"],
        data["receiving_agency"],
        Contents.SENT_BACK,
        data["parcel"],
        new_parcels_by(),
        data["sent_at"],
    )


def on_parcel_registered(event: Event, work: UnitOfWork) -> None:
    """Tells the citizen that the postman comes for their papers; for other parcels the desk's own act was told already."""
    if event.data["contents"] == Contents.PICKUP:
        _tell(event, work, "parcel_pickup")


def on_parcel_returned(event: Event, work: UnitOfWork) -> None:
    """Tells the citizen that the post could not deliver the parcel, and that the desk has it.

    Raises:
        shared.messaging.errors.NotYet: the contact has not arrived.
    """
    if event.data["contents"] != Contents.PICKUP:
        _tell(event, work, "parcel_returned")


def on_parcel_lost(event: Event, work: UnitOfWork) -> None:
    """Tells the citizen that the post has lost the parcel, and that the desk takes care of it.

    Raises:
        shared.messaging.errors.NotYet: the contact has not arrived.
    """
    _tell(event, work, "parcel_lost")


def _tell(event: Event, work: UnitOfWork, kind: str) -> None:
    queue_message(work, kind, f"{event.source}#{event.id}", event.data)

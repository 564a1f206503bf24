"""Keeps what officials did, as the events of intake and routing tell it. They may come in any order, and twice."""

from __future__ import annotations

from services.rating.officials.domain import (
    HANDLING,
    RECEPTION,
    Part,
    Visit,
)
from services.rating.officials.store import (
    add_dossier_official,
    keep_completed_step,
    keep_visit,
    returned_steps,
)
from services.rating.ratings.naming import name_official
from shared.messaging.errors import Conflict
from shared.messaging.event import Event
from shared.messaging.records import add_once
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash


def on_official_served(event: Event, work: UnitOfWork) -> None:
    """Keeps a visit."""
    data = event.data
    visit = Visit(
        ticket_hash(data["ticket"], work.hash_key),
        data["desk"],
        data["counter"],
        data["number"],
        data["official"],
        **{f"{data['act']}_at": data["at"]},
    )
    keep_visit(work.connection, visit)


def on_official_handled_dossier(event: Event, work: UnitOfWork) -> None:
    """Keeps who has received a dossier, or handed its result over."""
    data, part = event.data, Part(event.data["official"], RECEPTION)
    add_dossier_official(work, data["dossier"], part, data["desk"], data["at"])
    name_official(work, data["dossier"], part)


def on_official_completed_step(event: Event, work: UnitOfWork) -> None:
    """Keeps a completed step and its official; told again, only a lateness that was withdrawn changes.

    Raises:
        Conflict: a step of another dossier is known under this id.
    """
    data, part = event.data, Part(event.data["official"], HANDLING)
    if not keep_completed_step(work.connection, data):
        raise Conflict(f"step {data['task']} is known of another dossier")
    add_dossier_official(work, data["dossier"], part, data["agency"], data["completed_at"])
    name_official(work, data["dossier"], part)


def on_official_step_returned(event: Event, work: UnitOfWork) -> None:
    """Keeps that an official's work was sent back.

    Raises:
        Conflict: a step of another dossier is known under this id.
    """
    add_once(work.connection, returned_steps, event.data, same=("dossier",))


def ticket_hash(ticket: str, key: str) -> str:
    """The keyed hash under which a visit is kept.

    Args:
        ticket: its id.
        key: of the platform; in no database.
    """
    return keyed_hash(key, "visit", ticket)

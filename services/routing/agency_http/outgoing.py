"""Keeps events for agencies that get them over HTTPS, in the transaction of their cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.routing.agency_http import store
from shared.contracts import make_event
from shared.messaging.event import event_source
from shared.persistence.unit_of_work import UnitOfWork

HINT = "agency events"
"""Tells the worker that an event waits for a webhook."""


def keep_event(work: UnitOfWork, agency: str, name: str, data: Mapping[str, Any]) -> str:
    """Writes an event as the agency will get it: the same CloudEvent as by AMQP, numbered within its dossier.

    Args:
        work: the transaction.
        agency: for which it is.
        name: of the event.
        data: of the event.

    Returns:
        the event's id.
    """
    made = make_event(name, data, source=event_source(work.service), time=work.now)
    numbered = replace(made, sequence=store.next_sequence(work.connection, agency, made.key))
    store.add_event(work.connection, agency, numbered, work.clock.wall())
    work.hint(HINT)
    return made.id

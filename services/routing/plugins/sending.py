"""The one port through which routing sends events to agencies' own software, however each of them is connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.routing.agency_http.outgoing import keep_event
from services.routing.plugins import store
from services.routing.plugins.ways import Way
from shared.persistence.unit_of_work import UnitOfWork

Send = Callable[[UnitOfWork, str, str, Mapping[str, Any]], str]
"""Sends an event in a transaction: the agency's code, the event's name, its data. Returns the event's id."""


def _emit(work: UnitOfWork, agency: str, name: str, data: Mapping[str, Any]) -> str:
    """By the outbox; the event is addressed to the agency that its data name."""
    return work.emit(name, data).id


WAYS: Mapping[Way, Send] = {Way.AMQP: _emit, Way.WEBHOOK: keep_event, Way.PULL: keep_event}


def send_to_agency(work: UnitOfWork, agency: str, name: str, data: Mapping[str, Any]) -> str | None:
    """Sends an event to an agency's own software, together with what else the transaction does.

    Args:
        work: the transaction.
        agency: its code; the data name it too.
        name: of the event, such as ``agency.step.assigned``.
        data: of the event.

    Returns:
        the event's id; None where the agency has no software of its own that takes part: then nothing is sent.
    """
    way = work.attached(store.plugged_in).get(agency)
    if way is None:
        return None
    return WAYS[way](work, agency, name, data)

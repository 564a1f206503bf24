"""Which events of notify are parked, and which agencies they concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, func, select

from services.notify.messages.store import messages
from services.notify.parked.domain import ParkedEvent, ParkedEvents
from shared.messaging import parked_events
from shared.messaging.event import Undecodable
from shared.messaging.retry_policy import PARKED
from shared.messaging.retry_queue import RetryEntry
from shared.messaging.sender_identity import SpoofedSender
from shared.messaging.tables import retry_queue

SHOWN = 50
READ = 500
"""So many of the oldest ones are looked at; an operator has the others with ``motcua parked list notify``."""


def parked_of(connection: Connection, agencies: frozenset[str] | None) -> ParkedEvents:
    """The parked events that concern agencies, oldest first.

    Args:
        connection: of the store.
        agencies: which; None for all events, also those that concern no known agency.
    """
    entries = parked_events.oldest(connection, READ + 1)
    told = _told(connection, {entry.key for entry in entries[:READ]})
    own = [entry for entry in entries[:READ] if agencies is None or concerned(entry, told) & agencies]
    shown = own[:SHOWN]
    behind = _of_keys(connection, {entry.key for entry in shown})
    events = tuple(
        ParkedEvent(
            entry.id, entry.kind, entry.type, entry.key, entry.queued_at, behind[entry.key] - 1, entry.key in told
        )
        for entry in shown
    )
    return ParkedEvents(events, len(own) > SHOWN or len(entries) > READ)


def find_parked(connection: Connection, id_: int, agencies: frozenset[str] | None) -> RetryEntry | None:
    """A parked event by its number, if it concerns one of the agencies; see :func:`parked_of`."""
    entry = parked_events.find(connection, id_)
    if entry is None or entry.state != PARKED:
        return None
    if agencies is not None and not concerned(entry, _told(connection, {entry.key})) & agencies:
        return None
    return entry


def concerned(entry: RetryEntry, told: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The agencies of the dossier's messages, and the one that the event itself names, if it is what its sender may send.

    Args:
        entry: the parked event.
        told: dossier → agencies of its messages.
    """
    try:
        named = entry.verified_event().data.get("agency")
    except (Undecodable, SpoofedSender):
        named = None
    return frozenset(told.get(entry.key, ())) | ({named} if isinstance(named, str) and named else frozenset())


def _told(connection: Connection, keys: Collection[str]) -> Mapping[str, Collection[str]]:
    found = select(messages.c.dossier, messages.c.agency).where(messages.c.dossier.in_(sorted(keys))).distinct()
    told: defaultdict[str, set[str]] = defaultdict(set)
    for dossier, agency in connection.execute(found):
        told[dossier].update({agency} - {""})
    return told


def _of_keys(connection: Connection, keys: Iterable[str]) -> Mapping[str, int]:
    entries = retry_queue.c
    found = select(entries.key, func.count()).where(entries.key.in_(sorted(keys))).group_by(entries.key)
    counts: dict[str, int] = dict(connection.execute(found).all())
    return counts

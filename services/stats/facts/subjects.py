"""All that is counted: the rows of one transaction, and what a batch of events will need of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.rows import FactRows, Family, Key, Subject
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

FAMILY = Family(DOSSIERS, ())
"""The subjects; one that takes the place of its dossier moves with it."""

ROWS: Mapping[str, tuple[Subject, tuple[str, ...]]] = {}
"""Event → the row that it changes besides that of the dossier: its subject, and the fields of the event that are its key."""


def facts_of(work: UnitOfWork) -> FactRows:
    """The rows of a transaction."""
    return work.attached(_facts)


def _facts(work: UnitOfWork) -> FactRows:
    return FactRows(work, FAMILY)


def prepare(events: Sequence[Event], work: UnitOfWork) -> None:
    """Reads the rows that events will change, in one statement for each table.

    Args:
        events: of a batch; their data may be malformed, then their handler says so.
        work: the transaction.
    """
    wanted: defaultdict[Subject, list[Key]] = defaultdict(list)
    for event in events:
        dossier = event.data.get("dossier")
        if isinstance(dossier, str):
            wanted[DOSSIERS].append((dossier,))
        if event.name in ROWS:
            subject, fields = ROWS[event.name]
            key = tuple(event.data.get(name) for name in fields)
            if all(isinstance(value, str) for value in key):
                wanted[subject].append(key)
    facts = facts_of(work)
    facts.lock({key[0] for key in wanted[DOSSIERS]})
    for subject, keys in wanted.items():
        facts.load(subject, keys)

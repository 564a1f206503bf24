"""All that is counted: the rows of one transaction, and what a batch of events will need of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from services.stats.facts import (
    apologies,
    applications,
    complaints,
    fees,
    messages,
    papers,
    ratings,
    steps,
    tickets,
)
from services.stats.facts.changes import CHANGES
from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.rows import FactRows, Family, Key, Subject
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

FAMILY = Family(
    DOSSIERS,
    (
        applications.APPLICATIONS,
        apologies.APOLOGIES,
        complaints.COMPLAINTS,
        complaints.SURVEYS,
        fees.PAYMENTS,
        fees.REFUNDS,
        fees.WAIVERS,
        messages.MESSAGES,
        papers.CORRECTIONS,
        papers.DECLINED,
        papers.DOCUMENTS,
        ratings.RATINGS,
        steps.STEPS,
        steps.WARNINGS,
        tickets.TICKETS,
    ),
)
"""The subjects; one that takes the place of its dossier moves with it."""


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
    facts, names = facts_of(work), set[str]()
    wanted: defaultdict[Subject, list[Key]] = defaultdict(list)
    for event in events:
        dossier = event.data.get("dossier")
        if isinstance(dossier, str):
            names.add(dossier)
            wanted[DOSSIERS].append((dossier,))
        for change in CHANGES.get(event.name, ()):
            if not isinstance(change.key, tuple):
                continue
            key = tuple(event.data.get(name) for name in change.key)
            if all(isinstance(value, str | int) for value in key):
                wanted[change.subject].append(key)
                names.add(facts.name_of(change.subject, key, dossier))
    facts.lock(names)
    for subject, keys in wanted.items():
        facts.load(subject, keys)

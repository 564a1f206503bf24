"""What each event changes: event type → the rows, and how. One table, from which a batch also knows which rows to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.stats.facts import (
    apologies,
    applications,
    complaints,
    dossiers,
    fees,
    messages,
    papers,
    ratings,
    steps,
    tickets,
)
from services.stats.facts.rows import Key, Row, Subject

Merge = Callable[[Row, Mapping[str, Any]], Row]


@dataclass(frozen=True, slots=True)
class Change:
    """What an event changes of one row.

    Attributes:
        subject: of the row.
        key: the fields of the event that are its key, or what makes the key of them.
        merge: the row before and the event's data → the row after; pure.
    """

    subject: Subject
    key: tuple[str, ...] | Callable[[Mapping[str, Any]], Key]
    merge: Merge

    def key_of(self, data: Mapping[str, Any]) -> Key:
        """The key of the row."""
        return tuple(data[name] for name in self.key) if isinstance(self.key, tuple) else self.key(data)


def _dossier(merge: Merge) -> Change:
    return Change(dossiers.DOSSIERS, ("dossier",), merge)


def _application(merge: Merge) -> tuple[Change]:
    return (Change(applications.APPLICATIONS, ("dossier",), merge),)


def _apology(merge: Merge) -> Change:
    return Change(apologies.APOLOGIES, ("apology",), merge)


def _message(state: str) -> tuple[Change]:
    return (Change(messages.MESSAGES, ("message",), partial(messages.told, state=state)),)


def _warning(kind: str) -> tuple[Change]:
    return (Change(steps.WARNINGS, partial(steps.warning_key, kind), partial(steps.warned, kind=kind)),)


def _ticket(merge: Merge) -> tuple[Change]:
    return (Change(tickets.TICKETS, ("ticket",), merge),)


CHANGES: Mapping[str, tuple[Change, ...]] = {
    "dossier.filed": _application(applications.filed),
    "dossier.accepted_online": _application(applications.accepted),
    "dossier.refused": _application(applications.refused),
    "dossier.sent_back": _application(applications.sent_back),
    "application.supplement_requested": _application(applications.supplement_requested),
    "application.unanswered": _application(applications.unanswered),
    "application.overdue": _application(applications.overdue),
    "application.supplemented": _application(applications.supplemented),
    "application.closed": _application(applications.closed),
    "dossier.received": (_dossier(dossiers.received),),
    "dossier.supplemented": (_dossier(dossiers.supplemented),),
    "dossier.due_soon": _warning("dossier_due_soon"),
    "dossier.overdue": (_dossier(dossiers.overdue),),
    "dossier.overdue_withdrawn": (_dossier(dossiers.overdue_withdrawn),),
    "dossier.extended": (_dossier(dossiers.extended),),
    "dossier.deadline_moved": (_dossier(dossiers.deadline_moved),),
    "dossier.paused": (_dossier(dossiers.paused),),
    "dossier.resumed": (_dossier(dossiers.resumed),),
    "dossier.stopped": (_dossier(dossiers.stopped),),
    "dossier.resolved": (_dossier(dossiers.resolved),),
    "dossier.corrected": (
        Change(papers.CORRECTIONS, ("correction",), papers.corrected),
        _dossier(dossiers.corrected),
    ),
    "dossier.returned": (_dossier(dossiers.returned),),
    "result.published": (_dossier(dossiers.published),),
    "apology.missing": (_apology(apologies.missing),),
    "apology.signed": (_apology(apologies.signed), _dossier(dossiers.apologised)),
    "apology.withdrawn": (_apology(apologies.withdrawn),),
    "step.assigned": (_dossier(dossiers.assigned),),
    "step.completed": (Change(steps.STEPS, ("task",), steps.completed),),
    "step.due_soon": _warning("step_due_soon"),
    "step.overdue": _warning("step_overdue"),
    "step.overdue_withdrawn": (
        Change(steps.WARNINGS, partial(steps.warning_key, "step_overdue"), steps.unwarned),
        Change(steps.STEPS, ("task",), steps.was_in_time),
    ),
    "step.returned": _warning("step_returned"),
    "supplement.requested": (_dossier(dossiers.supplement_requested),),
    "fee.paid": (Change(fees.PAYMENTS, ("payment",), fees.paid), _dossier(dossiers.paid)),
    "fee.refunded": (Change(fees.REFUNDS, ("refund",), fees.refunded),),
    "fee.waived": (Change(fees.WAIVERS, ("waiver",), fees.waived),),
    "document.issued": (Change(papers.DOCUMENTS, ("number", "year"), papers.issued),),
    "filing.declined": (Change(papers.DECLINED, ("filing",), papers.declined),),
    "message.sent": _message("sent"),
    "message.delivered": _message("delivered"),
    "message.returned": _message("returned"),
    "message.failed": _message("failed"),
    "message.skipped": _message("skipped"),
    "rating.given": (Change(ratings.RATINGS, ("rating",), ratings.given),),
    "rating.corrected": (Change(ratings.RATINGS, ("rating",), ratings.corrected),),
    "survey.closed": (Change(complaints.SURVEYS, ("survey",), complaints.survey_closed),),
    "ticket.issued": _ticket(tickets.issued),
    "ticket.called": _ticket(tickets.called),
    "ticket.served": _ticket(tickets.served),
    "ticket.missed": _ticket(tickets.missed),
    "ticket.cancelled": _ticket(tickets.cancelled),
}
"""Changes that may be refused come first, so that a refused event changes nothing."""

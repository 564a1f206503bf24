"""What happened to a dossier, event by event, and how it stands by the portal's numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any

SYNC, PROGRESS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"
"""The portal's two services: the dossier itself, and one entry of its progress."""


class State(IntEnum):
    """A dossier's state by the portal's numbers; 1 and 3 are of dossiers that were never received, of which observers do not hear."""

    REGISTERED = 1
    RECEIVED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT_REQUESTED = 5
    OBLIGATION_REQUESTED = 6
    WITHDRAWAL_REQUESTED = 7
    STOPPED = 8
    RESOLVED = 9
    RETURNED = 10


TIME_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "dossier.received": "received_at",
        "step.assigned": "assigned_at",
        "step.completed": "completed_at",
        "supplement.requested": "requested_at",
        "dossier.supplemented": "supplemented_at",
        "dossier.withdrawn": "withdrawn_at",
        "obligation.requested": "requested_at",
        "fee.paid": "paid_at",
        "dossier.extended": "extended_at",
        "dossier.resolved": "resolved_at",
        "dossier.stopped": "stopped_at",
        "dossier.returned": "returned_at",
    }
)
"""The events that make up a story, and which field of each says when it happened."""


@dataclass(frozen=True)
class DossierEvent:
    """One event about a dossier.

    Attributes:
        name: such as ``dossier.received``.
        data: its fields as JSON has them.
    """

    name: str
    data: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        """When it happened, in business time."""
        return datetime.fromisoformat(self.data[TIME_FIELDS[self.name]])

    @property
    def agency(self) -> str:
        """Whom it concerns, or the desk; "" if it does not say."""
        return str(self.data.get("agency") or self.data.get("receiving_agency") or "")


_IN_HAND = frozenset({State.RECEIVED, State.PROCESSING, State.SUPPLEMENT_REQUESTED, State.OBLIGATION_REQUESTED})
_BEFORE_END = _IN_HAND | {State.WITHDRAWAL_REQUESTED}

_MOVES: Mapping[str, tuple[State, frozenset[State]]] = MappingProxyType(
    {
        "step.assigned": (State.PROCESSING, frozenset({State.RECEIVED})),
        "step.completed": (State.PROCESSING, frozenset({State.RECEIVED})),
        "supplement.requested": (State.SUPPLEMENT_REQUESTED, _IN_HAND),
        "obligation.requested": (State.OBLIGATION_REQUESTED, frozenset({State.RECEIVED, State.PROCESSING})),
        "dossier.withdrawn": (State.WITHDRAWAL_REQUESTED, _IN_HAND),
        "dossier.stopped": (State.STOPPED, _BEFORE_END),
        "dossier.resolved": (State.RESOLVED, _BEFORE_END),
        "dossier.returned": (State.RETURNED, _BEFORE_END | {State.RESOLVED}),
    }
)
"""Event → the state it leads to, and from which. Whatever is not here changes nothing, so a late event cannot reopen an end."""


@dataclass(frozen=True)
class DossierStatus:
    """How a dossier stands.

    Attributes:
        state: None before anything was heard of it.
        owed, paid: identifiers of its obligations.
    """

    state: State | None = None
    owed: frozenset[str] = field(default_factory=frozenset)
    paid: frozenset[str] = field(default_factory=frozenset)

    def after(self, what: DossierEvent) -> DossierStatus:
        """How it stands after something more has happened."""
        known = self if self.state else replace(self, state=State.RECEIVED)
        known = known._with_money(what)
        if what.name == "dossier.supplemented" and known.state in (State.SUPPLEMENT_REQUESTED, State.RECEIVED):
            return replace(known, state=State.OBLIGATION_REQUESTED if known.owed else State.PROCESSING)
        if what.name == "fee.paid" and known.state is State.OBLIGATION_REQUESTED and not known.owed:
            return replace(known, state=State.PROCESSING)
        if what.name == "obligation.requested" and not known.owed:
            return known  # it was paid before we heard of it
        then, from_ = _MOVES.get(what.name, (None, frozenset()))
        return replace(known, state=then) if then and known.state in from_ else known

    def _with_money(self, what: DossierEvent) -> DossierStatus:
        obligation = what.data.get("obligation")
        if what.name == "obligation.requested" and obligation not in self.paid:
            return replace(self, owed=self.owed | {str(obligation)})
        if what.name == "fee.paid" and obligation:
            return replace(self, owed=self.owed - {obligation}, paid=self.paid | {obligation})
        return self


def dossier_status(story: Iterable[DossierEvent]) -> DossierStatus:
    """How a dossier stands after its story so far."""
    now = DossierStatus()
    for what in story:
        now = now.after(what)
    return now


_CHANGE_THE_RECORD = frozenset(
    {"dossier.received", "supplement.requested", "obligation.requested", "fee.paid", "dossier.extended"}
)
_NO_PROGRESS = frozenset({"fee.paid"})


def services_for(before: DossierStatus, what: DossierEvent) -> tuple[str, ...]:
    """Which messages an event makes, in the order in which they must go out.

    The dossier itself is sent when it is new or anything that its record shows has changed; an entry of progress says what was
    done, where a payment counts only if it lets the dossier go on.

    Args:
        before: how the dossier stood.
        what: what happened.
    """
    moved = before.after(what).state is not before.state
    sync = (SYNC,) if moved or what.name in _CHANGE_THE_RECORD else ()
    return sync + ((PROGRESS,) if moved or what.name not in _NO_PROGRESS else ())

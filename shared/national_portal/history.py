"""The events of a dossier and its state by the portal's numbers. Pure."""

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
    """A dossier's state by the portal's numbers. 1 and 3 belong to dossiers that were never received; observers get no events of these."""

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
"""The events of a history, and the field of each that holds its time."""


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
        """Its time, in business time."""
        return datetime.fromisoformat(self.data[TIME_FIELDS[self.name]])

    @property
    def agency(self) -> str:
        """The agency that it concerns, or the receiving desk; empty when it names neither."""
        return str(self.data.get("agency") or self.data.get("receiving_agency") or "")


_IN_PROGRESS = frozenset({State.RECEIVED, State.PROCESSING, State.SUPPLEMENT_REQUESTED, State.OBLIGATION_REQUESTED})
_OPEN = _IN_PROGRESS | {State.WITHDRAWAL_REQUESTED}

_TRANSITIONS: Mapping[str, tuple[State, frozenset[State]]] = MappingProxyType(
    {
        "step.assigned": (State.PROCESSING, frozenset({State.RECEIVED})),
        "step.completed": (State.PROCESSING, frozenset({State.RECEIVED})),
        "supplement.requested": (State.SUPPLEMENT_REQUESTED, _IN_PROGRESS),
        "obligation.requested": (State.OBLIGATION_REQUESTED, frozenset({State.RECEIVED, State.PROCESSING})),
        "dossier.withdrawn": (State.WITHDRAWAL_REQUESTED, _IN_PROGRESS),
        "dossier.stopped": (State.STOPPED, _OPEN),
        "dossier.resolved": (State.RESOLVED, _OPEN),
        "dossier.returned": (State.RETURNED, _OPEN | {State.RESOLVED}),
    }
)
"""Event → the state it leads to, and the states that it may follow. All else changes nothing, so a late event cannot reopen a dossier."""


@dataclass(frozen=True)
class DossierStatus:
    """The status of a dossier.

    Attributes:
        state: None before the first event.
        owed, paid: identifiers of its financial obligations.
    """

    state: State | None = None
    owed: frozenset[str] = field(default_factory=frozenset)
    paid: frozenset[str] = field(default_factory=frozenset)

    def after(self, event: DossierEvent) -> DossierStatus:
        """The status after one more event."""
        known = self if self.state else replace(self, state=State.RECEIVED)
        known = known._with_payments(event)
        if event.name == "dossier.supplemented" and known.state in (State.SUPPLEMENT_REQUESTED, State.RECEIVED):
            return replace(known, state=State.OBLIGATION_REQUESTED if known.owed else State.PROCESSING)
        if event.name == "fee.paid" and known.state is State.OBLIGATION_REQUESTED and not known.owed:
            return replace(known, state=State.PROCESSING)
        if event.name == "obligation.requested" and not known.owed:
            return known  # the payment arrived before the request
        then, from_ = _TRANSITIONS.get(event.name, (None, frozenset()))
        return replace(known, state=then) if then and known.state in from_ else known

    def _with_payments(self, event: DossierEvent) -> DossierStatus:
        obligation = event.data.get("obligation")
        if event.name == "obligation.requested" and obligation not in self.paid:
            return replace(self, owed=self.owed | {str(obligation)})
        if event.name == "fee.paid" and obligation:
            return replace(self, owed=self.owed - {obligation}, paid=self.paid | {obligation})
        return self


def dossier_status(history: Iterable[DossierEvent]) -> DossierStatus:
    """The status of a dossier after its history."""
    now = DossierStatus()
    for event in history:
        now = now.after(event)
    return now


_CHANGES_RECORD = frozenset(
    {"dossier.received", "supplement.requested", "obligation.requested", "fee.paid", "dossier.extended"}
)
_NO_PROGRESS = frozenset({"fee.paid"})


def services_for(before: DossierStatus, event: DossierEvent) -> tuple[str, ...]:
    """The messages that an event causes, in the order in which they must be sent.

    The record is sent when the dossier is new or its record changed. A progress entry is sent for every event, but for a payment only if it
    changes the state.

    Args:
        before: the status before the event.
        event: the new one.
    """
    moved = before.after(event).state is not before.state
    sync = (SYNC,) if moved or event.name in _CHANGES_RECORD else ()
    return sync + ((PROGRESS,) if moved or event.name not in _NO_PROGRESS else ())

"""An event whose id its sender has used before for something else: it is not applied, and not dropped as if it were a repeat.

An agency is told, since it must send what it meant under an id of its own. A service of the platform never does this unless it is broken;
its event is parked, and what follows in its dossier waits.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.contracts import ContractViolation, read_data
from shared.messaging import inbox, parked_events, retry_policy
from shared.messaging.event import Event
from shared.messaging.sender_identity import SOURCE_PREFIX
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

Refuse = Callable[[Event, UnitOfWork], None]
"""Tells an agency that an event of it was not applied because of its id; `event.data` is validated."""

REASON = "its id was used before for an event with other contents"


def refuse_reused(unit: UnitOfWork, known: Sequence[Event], refuse: Refuse | None, at: datetime) -> int:
    """Refuses those of some known events that say something else than was taken under their ids; each once, however often it comes.

    Args:
        unit: the transaction that has found them known.
        known: as received.
        refuse: tells an agency; None: such events of agencies are parked too.
        at: real time.

    Returns:
        how many were parked.
    """
    taken = inbox.contents(unit.connection, known)
    reused = [event for event in known if taken.get(inbox.identity(event)) not in (None, inbox.content_of(event))]
    own = {inbox.identity(named): event for event in reused for named in [replace(event, id=_own_id(event))]}
    if not own:
        return 0
    fresh = inbox.claim(unit.connection, [replace(event, id=id_) for (_, id_), event in own.items()], at)
    parked = 0
    for (source, id_), event in own.items():
        if (source, id_) in fresh and not _told(unit, event, refuse):
            parked_events.park(
                unit.connection, replace(event, id=id_), event.to_json(), retry_policy.CONFLICT, REASON, at
            )
            parked += 1
    return parked


def _own_id(event: Event) -> str:
    """An id for this event alone: that which it has belongs to another one."""
    return "reused-" + hashlib.sha256(f"{event.id}\n{inbox.content_of(event)}".encode()).hexdigest()


def _told(unit: UnitOfWork, event: Event, refuse: Refuse | None) -> bool:
    log.warning("%s refuses %s of %s: %s", unit.service, event.name, event.source, REASON)
    if refuse is None or not event.source.startswith(SOURCE_PREFIX):
        return False
    try:
        data = read_data(event)
    except ContractViolation:
        return False
    refuse(replace(event, data=data), unit)
    return True

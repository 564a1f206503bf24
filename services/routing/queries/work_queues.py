"""Work queues: saved queries, read from data, so that an office's own queue is a few lines of JSON and no code."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from services.routing.domain.states import TaskState

Who = Literal["mine", "unit", "given", "signing", "below"]
"""mine: claimed by or assigned to the viewer, or to an official whose deputy they are today. unit: of the viewer's agency. given: sent by
the viewer's agency and refused by the receiving one. signing: of the viewer's agency, and of agencies for which they are on duty at
the centre today. below: of all agencies below the viewer's."""
Due = Literal["", "soon", "over"]

DATA = Path(__file__).parent.parent / "data" / "queues.json"
_KNOWN = frozenset(
    {"id", "vi", "en", "who", "states", "claimed", "received", "due", "official_role", "escalation_from", "roles"}
)


class BadQueues(ValueError):
    """The data of the work queues cannot be used; the message lists every fault."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One saved query over the open steps.

    Attributes:
        id: its name in addresses; vi, en: its labels.
        who: whose steps.
        states: only steps in these; all open ones when empty.
        claimed: only steps that somebody has claimed, or nobody; None for both.
        received: only steps whose hand-over was acknowledged, or was not; None for both.
        due: only steps that are due soon, or overdue.
        official_role: only steps of this role.
        escalation_from: only steps escalated at least this far: 1 the unit's leader, 2 the centre's.
        roles: who sees the queue; everybody who sees queues at all when empty.
    """

    id: str
    vi: str
    en: str
    who: Who
    states: tuple[TaskState, ...] = ()
    claimed: bool | None = None
    received: bool | None = None
    due: Due = ""
    official_role: str = ""
    escalation_from: int = 0
    roles: tuple[str, ...] = ()

    def seen_by(self, roles: Collection[str]) -> bool:
        """Whether somebody with these roles sees it."""
        return not self.roles or not set(self.roles).isdisjoint(roles)


def read_queues(data: Mapping[str, Any]) -> tuple[Queue, ...]:
    """Reads the queues of the JSON format of ``data/queues.json``.

    Raises:
        BadQueues: an entry is malformed, or two have one id.
    """
    faults: list[str] = []
    found: list[Queue] = []
    for place, entry in enumerate(data.get("queues", ())):
        try:
            found.append(_read(entry))
        except (TypeError, ValueError, KeyError) as error:
            faults.append(f"queues[{place}]: {type(error).__name__}: {error}")
    ids = [queue.id for queue in found]
    faults += [f"queue {id_} is there twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    if faults or not found:
        raise BadQueues("; ".join(faults) or "there is no queue")
    return tuple(found)


def _read(entry: Mapping[str, Any]) -> Queue:
    if unknown := set(entry) - _KNOWN:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if entry["who"] not in get_args(Who):
        raise ValueError(f"who is {entry['who']!r}")
    if entry.get("due", "") not in get_args(Due):
        raise ValueError(f"due is {entry['due']!r}")
    states = tuple(TaskState(state) for state in entry.get("states", ()))
    return Queue(**{**entry, "states": states, "roles": tuple(entry.get("roles", ()))})


@cache
def all_queues() -> tuple[Queue, ...]:
    """The queues of this installation, in the order of their tiles."""
    return read_queues(json.loads(DATA.read_text(encoding="utf-8")))


def find_queue(id_: str) -> Queue | None:
    """A queue by its name; None when there is none."""
    return next((queue for queue in all_queues() if queue.id == id_), None)

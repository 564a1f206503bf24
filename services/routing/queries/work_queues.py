"""Work queues: saved queries, read from data, so that an office's own queue is a few lines of JSON and no code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from services.routing.domain.states import TaskState
from shared.data_files import Record, read_record

Who = Literal["mine", "unit", "given", "signing", "below", "told"]
"""mine: claimed by or assigned to the viewer, or to an official whose deputy they are today. unit: of the viewer's agency. given: sent by
the viewer's agency and refused by the receiving one. signing: of the viewer's agency, and of agencies for which they are on duty at
the centre today. below: of all agencies below the viewer's. told: about which the viewer was told by an escalation, as a leader."""
Due = Literal["", "soon", "over"]

DATA = Path(__file__).parent.parent / "data" / "queues.json"


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
        escalation_from: only steps escalated at least this far, themselves or their dossier: 1 the unit's leader, 2 the centre's.
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


def read_queues(document: Record) -> tuple[Queue, ...]:
    """Reads the queues of the JSON format of ``data/queues.json``.

    Raises:
        DataError: with every fault, such as two queues with one id.
    """
    document.optional_text("note")
    entries = document.records("queues", named_by="id", at_least=1)
    queues = tuple(map(_queue, entries))
    ids = [queue.id for queue in queues]
    for place, entry in enumerate(entries):
        if ids[place] in ids[:place]:
            entry.fault("id", f"queue {ids[place]} is there twice")
    document.done()
    document.raise_faults()
    return queues


def _queue(entry: Record) -> Queue:
    states = entry.texts("states", choices=tuple(TaskState))
    queue = Queue(
        id=entry.text("id"),
        vi=entry.text("vi"),
        en=entry.text("en"),
        who=cast(Who, entry.text("who", choices=get_args(Who))),
        states=tuple(TaskState(state) for state in states if state in set(TaskState)),
        claimed=entry.optional_boolean("claimed"),
        received=entry.optional_boolean("received"),
        due=cast(Due, entry.optional_text("due", choices=tuple(filter(None, get_args(Due)))) or ""),
        official_role=entry.optional_text("official_role") or "",
        escalation_from=entry.optional_integer("escalation_from") or 0,
        roles=entry.texts("roles"),
    )
    entry.done()
    return queue


@cache
def all_queues() -> tuple[Queue, ...]:
    """The queues of this installation, in the order of their tiles."""
    return read_queues(read_record(DATA))


def find_queue(id_: str) -> Queue | None:
    """A queue by its name; None when there is none."""
    return next((queue for queue in all_queues() if queue.id == id_), None)

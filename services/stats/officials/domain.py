"""What officials did: one act and its counts, pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from shared.runtime.clock import VIETNAM

SERVED, STEP, STEP_RETURNED = "served", "step", "step_returned"
ON_TIME, LATE, UNCOUNTED = "on_time", "late", "uncounted"
COUNTS = ("served", "received", "returned", "steps", "steps_on_time", "steps_late", "steps_returned")
_BETTER = (UNCOUNTED, LATE, ON_TIME)
"""Timeliness in order: a lateness may turn out to be none, since a day was declared off; never the other way round."""


@dataclass(frozen=True, slots=True)
class Act:
    """What an official did.

    Attributes:
        kind: one of served, received, returned, step, step_returned.
        official: the subject of their token.
        at: when.
        timeliness: of a step: on_time, late, or uncounted.
    """

    kind: str
    official: str
    at: datetime
    timeliness: str = UNCOUNTED

    @property
    def day(self) -> date:
        """The local day on which it counts."""
        return self.at.astimezone(VIETNAM).date()


def merged(known: Act | None, given: Act) -> Act:
    """What is known of one act after an event: of two accounts the later one counts, and the better timeliness."""
    if known is None:
        return given
    last = max(known, given, key=lambda act: (act.at, act.official))
    return Act(last.kind, last.official, last.at, max(known.timeliness, given.timeliness, key=_BETTER.index))


def contribution(act: Act | None) -> Counter[tuple[str, date, str]]:
    """(official, day, count) → what an act adds to it."""
    if act is None:
        return Counter()
    names = {STEP: "steps", STEP_RETURNED: "steps_returned"}
    counted = [names.get(act.kind, act.kind)]
    if act.kind == STEP and act.timeliness != UNCOUNTED:
        counted.append("steps_on_time" if act.timeliness == ON_TIME else "steps_late")
    return Counter({(act.official, act.day, name): 1 for name in counted})

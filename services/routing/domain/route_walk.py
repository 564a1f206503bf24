"""Where a dossier goes from a step: which steps begin, which are passed over, and which joins still wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from shared.catalogue.condition import Facts
from shared.catalogue.route import Route, Step, targets


@dataclass(frozen=True)
class Arrival:
    """A step that the dossier comes to, and whether it begins there or passes the step over."""

    step: Step
    begins: bool


def advance(route: Route, coming: Iterable[str], standing: Iterable[str], facts: Facts) -> list[Arrival]:
    """Follow the route from where the dossier was sent until every way ends at a step that begins, a join, or the end.

    A join begins only when no open step lies between it and the fork whose branches meet there. The last of them that
    comes to the join begins it: in a sound route (see ``shared.catalogue.validation.routes``) every branch comes to it.

    Args:
        route: the way of the dossier.
        coming: ids of the steps it is sent to; none for the end.
        standing: ids of the steps at which it stands besides.
        facts: by which conditions are judged.

    Returns:
        What was come to, in order.
    """
    arrivals: list[Arrival] = []
    open_steps = set(standing)
    joins: dict[str, None] = {}  # joins come to, in order
    waiting = deque(coming)

    def come_to(step: Step) -> None:
        begins = step.when is None or step.when.holds(facts)
        arrivals.append(Arrival(step, begins))
        if begins:
            open_steps.add(step.id)
        elif step.otherwise is not None:
            waiting.extend(targets(step.otherwise))

    while True:
        while waiting:
            step = route.step(waiting.popleft())
            if step.join:
                joins[step.id] = None
            else:
                come_to(step)
        ready = next((id_ for id_ in joins if not route.before_join(id_) & (open_steps | joins.keys())), None)
        if ready is None:
            return arrivals
        del joins[ready]
        come_to(route.step(ready))

"""Where a dossier goes from a step: which steps begin, which are passed over, and which joins still wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from shared.catalogue.condition import Facts
from shared.catalogue.route import Route, Step, targets


@dataclass(frozen=True)
class Arrival:
    """A step that the dossier arrives at, and whether it begins or is passed over."""

    step: Step
    begins: bool


def advance(route: Route, coming: Iterable[str], others: Iterable[str], facts: Facts) -> list[Arrival]:
    """Follows the route from the given steps until every branch ends at a step that begins, a join that waits, or the end.

    A join begins only when no open step lies between it and the fork whose branches meet there. The last branch that
    arrives begins it: in a sound route (see ``shared.catalogue.route_rules``) every branch arrives.

    Args:
        route: of the dossier.
        coming: ids of the next steps; none for the end.
        others: ids of the other open steps.
        facts: against which conditions are tested.

    Returns:
        The arrivals, in order.
    """
    arrivals: list[Arrival] = []
    open_steps = set(others)
    joins: dict[str, None] = {}  # joins arrived at, in order
    waiting = deque(coming)

    def arrive(step: Step) -> None:
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
                arrive(step)
        ready = next((id_ for id_ in joins if not route.before_join(id_) & (open_steps | joins.keys())), None)
        if ready is None:
            return arrivals
        del joins[ready]
        arrive(route.step(ready))

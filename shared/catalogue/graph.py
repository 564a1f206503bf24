"""A route as a graph of step ids: reachable steps, forks and joins.

A *fork* is a way out of a step that leads to several steps at once, its *branches*. They meet at the nearest step that
every way from each branch passes: the *join*, or the end. The steps in between are the branches' *regions*. A sound route
(see ``validation/routes.py``) keeps the regions of a fork apart, so that no step can ever be open twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

END = "end"

Place = tuple[str, ...]
"""Where a way out stands in its step's data: ``("outcomes", name)`` or ``("otherwise",)``."""
Way = tuple[Place, tuple[str, ...]]
"""A way out of a step: its place, and the ids of the steps it leads to (none: the end)."""
Ways = Mapping[str, tuple[Way, ...]]
"""The id of each step to its ways out, in the order of the route's list."""
Successors = Mapping[str, frozenset[str]]
"""The id of each step to the steps it may lead to, the end included."""


@dataclass(frozen=True)
class Fork:
    """A way out of a step that leads to several steps at once.

    Args:
        step: the id of the step that forks.
        place: where the way stands in the step's data.
        branches: the ids of the steps that begin at once.
        meeting: where all branches meet: the id of a step, or the end.
        regions: for each branch the ids of the steps reachable before the meeting, its own included.
    """

    step: str
    place: Place
    branches: tuple[str, ...]
    meeting: str
    regions: tuple[frozenset[str], ...]


def successors(ways: Ways) -> Successors:
    """Return for each step the steps it may lead to; skipping a step is one of its ways."""
    return {
        step_id: frozenset(target for _, targets in out for target in targets or (END,))
        for step_id, out in ways.items()
    }


def reachable(origin: str, following: Successors, without: str = "") -> frozenset[str]:
    """Return everything that can be reached from `origin`, itself included, without passing `without`."""
    found, waiting = {origin}, [origin]
    while waiting:
        new = following.get(waiting.pop(), frozenset()) - found - {without}
        found |= new
        waiting.extend(new)
    return frozenset(found)


def forks(ways: Ways) -> Iterator[Fork]:
    """Yield every fork of a route in which the end can be reached from each step."""
    if not any(len(targets) > 1 for out in ways.values() for _, targets in out):
        return
    following = successors(ways)
    passed = _post_dominators(following)
    for step_id, out in ways.items():
        for place, targets in out:
            if len(targets) > 1:
                common = frozenset.intersection(*(passed[target] for target in targets))
                # The common steps lie in one line; the nearest of them is followed by all others.
                meeting = max(common, key=lambda step_id: len(passed[step_id]))
                regions = tuple(reachable(target, following, without=meeting) for target in targets)
                yield Fork(step_id, place, targets, meeting, regions)


def _post_dominators(following: Successors) -> dict[str, frozenset[str]]:
    """Return for each step its post-dominators: what every way from it to the end passes, both included."""
    everything = frozenset(following) | {END}
    passed: dict[str, frozenset[str]] = dict.fromkeys(following, everything)
    passed[END] = frozenset({END})
    changed = True
    while changed:
        changed = False
        for step_id in reversed(list(following)):
            common = frozenset.intersection(*(passed[target] for target in following[step_id])) | {step_id}
            if common != passed[step_id]:
                passed[step_id], changed = common, True
    return passed

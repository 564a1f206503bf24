"""A route as a graph: where forks part and meet again, and how long its longest way is.

A *fork* is a way out of a step that leads to several at once, its *branches*. They meet at the nearest step that every
way from each of them passes: the *join*, or the end. What lies between makes up the branches' *regions*. A sound route
(see ``route_rules``) keeps the regions of a fork apart, so that no step can ever be open twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.catalogue.route import Route

END = "end"

Neighbours = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Fork:
    """A way out of ``step`` that leads to several steps at once.

    Args:
        step: the id of the step it leads out of.
        place: where the way stands in the step's data: ``("outcomes", name)`` or ``("otherwise",)``.
        branches: the ids of the steps that begin at once.
        meeting: where all branches meet: the id of a step, or the end.
        regions: for each branch the ids of the steps that it may come to before the meeting, itself included.
    """

    step: str
    place: tuple[str, ...]
    branches: tuple[str, ...]
    meeting: str
    regions: tuple[frozenset[str], ...]


def neighbours(route: Route) -> dict[str, frozenset[str]]:
    """Return for each step the steps it may lead to, the end included; passing a step over is one of its ways."""
    return {
        step.id: frozenset(target for _, targets in step.ways() for target in targets or (END,)) for step in route.steps
    }


def reached(origin: str, following: Neighbours, without: str = "") -> frozenset[str]:
    """Return everything that can be come to from `origin`, itself included, without passing `without`."""
    found, waiting = {origin}, [origin]
    while waiting:
        new = following.get(waiting.pop(), frozenset()) - found - {without}
        found |= new
        waiting.extend(new)
    return frozenset(found)


def forks(route: Route) -> Iterator[Fork]:
    """Yield every fork of a route of which each step can come to the end."""
    if not any(len(targets) > 1 for step in route.steps for _, targets in step.ways()):
        return
    following = neighbours(route)
    passed = _always_passed(following)
    for step in route.steps:
        for place, targets in step.ways():
            if len(targets) > 1:
                common = frozenset.intersection(*(passed[target] for target in targets))
                # What is always passed lies in one line, and the nearer has all the farther ones behind it.
                meeting = max(common, key=lambda step_id: len(passed[step_id]))
                regions = tuple(reached(target, following, without=meeting) for target in targets)
                yield Fork(step.id, place, targets, meeting, regions)


def longest_hours(route: Route, case: str = "", chosen: frozenset[str] | None = None) -> float:
    """Return the working hours of the counted steps on the longest way from the start to an end.

    Of parallel branches the longest counts, and of alternatives the longest. Going back is rework, not part of the
    plan, so it is left out.

    Args:
        route: its targets exist.
        case: leave out steps that a dossier of this case and choice surely passes over.
        chosen: codes of the linked procedures chosen; None: whichever takes longest, in any case.
    """
    longest: dict[str, float] = {}  # of the steps later in the list, so that a way back finds nothing
    for step in reversed(route.steps):
        ahead, passing = 0.0, 0.0
        for place, targets in step.ways():
            onward = max((longest.get(target, 0.0) for target in targets), default=0.0)
            if place[0] == "outcomes":
                ahead = max(ahead, onward)
            else:
                passing = onward
        doing = ahead + (step.working_hours if step.counted else 0.0)
        done = step.when is None or (None if chosen is None else step.when.settled(case, chosen))
        longest[step.id] = max(doing, passing) if done is None else doing if done else passing
    return longest[route.start]


def last_outcomes(route: Route) -> frozenset[str]:
    """Return the outcomes with which a dossier may come to the end: by the step itself, or past others passed over."""
    steps = {step.id: step for step in route.steps}

    def may_end(ids: tuple[str, ...]) -> bool:
        return not ids or any(
            steps[id_].when is not None and may_end(dict(steps[id_].ways())["otherwise",]) for id_ in ids
        )

    ways = (way for step in route.steps for way in step.ways())
    return frozenset(place[1] for place, targets in ways if place[0] == "outcomes" and may_end(targets))


def _always_passed(following: Neighbours) -> dict[str, frozenset[str]]:
    """Return for each step what every way from it to the end passes, itself and the end included (its post-dominators)."""
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

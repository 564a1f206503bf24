"""Validating one route: references, order, conditions, forks and joins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from shared.catalogue.graph import END, Fork, reachable, successors
from shared.catalogue.roles import AGENCY_ROLES, OFFICIAL_ROLES
from shared.catalogue.route import Route, Step, targets
from shared.data_files.schema import Finding, JsonPath, position


def check_route(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every inconsistency in a route that matches the JSON schema.

    ``linked.check_references`` checks the cases and linked procedures in its conditions.
    """
    route = Route.from_dict("", data)
    ids = {step.id for step in route.steps}
    yield from repeated(data["steps"], ("steps",), lambda step: step["id"], "id")
    if route.start not in ids:
        yield ("start",), f'names no step "{route.start}"'
    referring = [
        (("steps", index, *path), message)
        for index, step in enumerate(route.steps)
        for path, message in (*_references(step, route, ids), *_members(step))
    ]
    yield from referring
    if route.start not in ids:
        return
    lost = list(_reach(route))
    yield from lost
    if not lost and not referring and len(ids) == len(route.steps):
        yield from _skipping(route)
        yield from _forks(route)


def repeated(
    entries: Sequence[Any], path: JsonPath, key_of: Callable[[Any], str | None], member: str
) -> Iterator[Finding]:
    """Yield every entry of a list with the key of an earlier entry; `member` is the name of the key."""
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        key = key_of(entry)
        if key is None:
            continue
        if key in first:
            yield (*path, index, member), f"repeats the {member} of {position((*path, first[key]))}"
        first.setdefault(key, index)


def _references(step: Step, route: Route, ids: set[str]) -> Iterator[Finding]:
    if step.id == END:
        yield ("id",), f'"{END}" is the name of the end, not of a step'
    if step.agency_role not in AGENCY_ROLES:
        yield ("agency_role",), f'no agency has the role "{step.agency_role}"'
    if step.official_role not in OFFICIAL_ROLES:
        yield ("official_role",), f'no official has the role "{step.official_role}"'
    for place, following in step.ways():
        for target in following:
            if target == END:
                yield place, f'"{END}" is no branch of a fork'
            elif target not in ids:
                yield place, f'names no step "{target}"'
    if step.obligation and step.obligation.outcome not in step.outcomes:
        yield ("obligation", "outcome"), f'names no outcome "{step.obligation.outcome}" of the step'
    if step.when and step.when.outcome:
        asked = step.when.outcome
        if asked.step not in ids:
            yield ("when", "outcome", "step"), f'names no step "{asked.step}"'
            return
        for place_in, outcome in enumerate(asked.among):
            if outcome not in route.step(asked.step).outcomes:
                yield ("when", "outcome", "in", place_in), f'names no outcome "{outcome}" of step "{asked.step}"'


def _members(step: Step) -> Iterator[Finding]:
    """Find members that contradict each other."""
    if step.when and step.otherwise is None:
        yield ("when",), "needs otherwise beside it: the target of a dossier that skips the step"
    if step.otherwise is not None and not step.when:
        yield ("otherwise",), "has no meaning without when"
    least, below = (step.when.amount_from, step.when.amount_below) if step.when else (None, None)
    if least is not None and below is not None and least >= below:
        yield ("when", "amount_from"), f"must be less than amount_below, {below}"
    if step.wait_days is not None and step.counted:
        yield ("wait_days",), "only a step that is not counted can wait"
    if step.sub and step.obligation:
        yield ("obligation",), "a step done by a sub-dossier cannot create an obligation"
    if step.sub and step.wait_days is not None:
        yield ("wait_days",), "a step done by a sub-dossier cannot wait"


def _reach(route: Route) -> Iterator[Finding]:
    """Find steps that cannot be reached, steps from which the end cannot be reached, and steps out of order."""
    following = successors(route.ways)
    order = {step.id: index for index, step in enumerate(route.steps)} | {END: len(route.steps)}
    forward = {
        step_id: frozenset(target for target in found if order.get(target, -1) > order[step_id])
        for step_id, found in following.items()
    }
    from_start, going_on = reachable(route.start, following), reachable(route.start, forward)
    for index, step in enumerate(route.steps):
        if step.id not in from_start:
            yield ("steps", index), f'step "{step.id}" cannot be reached from the start'
        elif step.id not in going_on:
            yield (
                ("steps", index),
                f'step "{step.id}" is reached only by going back; list the steps in the order of the route',
            )
        if END not in reachable(step.id, following):
            yield ("steps", index), f'no end can be reached from step "{step.id}"'
        elif END not in reachable(step.id, forward):
            yield ("steps", index), f'from step "{step.id}" the end is reached only by going back'


def _skipping(route: Route) -> Iterator[Finding]:
    """Skipping a step must lead forward, and must never skip all steps."""
    order = {step.id: index for index, step in enumerate(route.steps)}
    skipping: dict[str, frozenset[str]] = {}
    for index, step in enumerate(route.steps):
        if step.otherwise is not None:
            skipping[step.id] = frozenset(targets(step.otherwise) or (END,))
            for target in targets(step.otherwise):
                if order[target] <= index:
                    yield (
                        ("steps", index, "otherwise"),
                        f'leads back to step "{target}"; skipping a step must lead forward',
                    )
    if END in reachable(route.start, skipping):
        yield ("start",), "a dossier could skip every step on its way to the end"


def _forks(route: Route) -> Iterator[Finding]:
    """Branches must stay apart until they meet; joins are exactly the steps where they meet."""
    order = {step.id: index for index, step in enumerate(route.steps)}
    for fork in route.forks:
        place: JsonPath = ("steps", order[fork.step], *fork.place)
        yield from ((place, message) for message in _branches(route, fork, order))
    meetings = {fork.meeting for fork in route.forks}
    for index, step in enumerate(route.steps):
        if step.join and step.id not in meetings:
            yield ("steps", index, "join"), f'no branches of a fork meet at step "{step.id}"'


def _branches(route: Route, fork: Fork, order: Mapping[str, int]) -> Iterator[str]:
    if fork.meeting in fork.branches:
        yield f'the other branches lead to branch "{fork.meeting}"'
        return
    for branch, region in zip(fork.branches, fork.regions, strict=True):
        if fork.step in region:
            yield f'branch "{branch}" leads back to step "{fork.step}", before the fork'
            return
    for (one, here), (other, there) in combinations(zip(fork.branches, fork.regions, strict=True), 2):
        if here & there:
            shared = min(here & there, key=lambda step_id: order[step_id])
            yield f'branches "{one}" and "{other}" both lead to step "{shared}" before all branches meet'
            return
    if fork.meeting != END and not route.step(fork.meeting).join:
        yield f'the branches meet at step "{fork.meeting}", which is no join'

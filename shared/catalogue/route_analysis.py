"""Properties of a whole route: its longest working time, and the outcomes with which it may end."""

from __future__ import annotations

from shared.agencies.roles import ONE_STOP_DESK
from shared.catalogue.route import Route


def longest_hours(route: Route, case: str = "", chosen: frozenset[str] | None = None) -> float:
    """Return the working hours of the counted steps on the longest way from the start to an end.

    Of parallel branches and of alternatives the longest counts. Returns are rework and not planned, so they are left out.

    Args:
        route: all its targets must exist.
        case: the case of the dossier; steps that its condition rules out are left out.
        chosen: codes of the chosen linked procedures; None for the longest over all cases and choices.
    """
    longest: dict[str, float] = {}  # filled from the last step, so that a return finds no entry
    for step in reversed(route.steps):
        ahead, skipping = 0.0, 0.0
        for place, targets in step.ways():
            onward = max((longest.get(target, 0.0) for target in targets), default=0.0)
            if place[0] == "outcomes":
                ahead = max(ahead, onward)
            else:
                skipping = onward
        doing = ahead + (step.working_hours if step.counted else 0.0)
        done = step.when is None or (None if chosen is None else step.when.decided_by(case, chosen))
        longest[step.id] = max(doing, skipping) if done is None else doing if done else skipping
    return longest[route.start]


def last_outcomes(route: Route) -> frozenset[str]:
    """Return the outcomes with which a dossier may end: those whose target is the end, directly or past skipped steps."""
    steps = {step.id: step for step in route.steps}

    def may_end(ids: tuple[str, ...]) -> bool:
        return not ids or any(
            steps[id_].when is not None and may_end(dict(steps[id_].ways())["otherwise",]) for id_ in ids
        )

    ways = (way for step in route.steps for way in step.ways())
    return frozenset(place[1] for place, targets in ways if place[0] == "outcomes" and may_end(targets))


def outcome_at_desk(route: Route) -> str | None:
    """Return the outcome of a dossier that the one-stop desk itself finishes while the citizen waits; None if it cannot.

    It can where each step on the way of first outcomes is the desk's, one after the other, unconditional, and waits for nothing.
    """
    step, seen = route.first, set()
    while step.id not in seen:
        seen.add(step.id)
        waits = step.obligation or step.sub or step.wait_days or step.when or step.join
        if step.agency_role != ONE_STOP_DESK or waits or not step.counted:
            return None
        outcome = next(iter(step.outcomes))
        following = route.following(step.id, outcome)
        if not following:
            return outcome
        if len(following) > 1:
            return None
        step = following[0]
    return None

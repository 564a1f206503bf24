"""What a route as a whole amounts to: how long it takes at most, and with which outcomes it may end."""

from __future__ import annotations

from shared.catalogue.route import Route


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
        done = step.when is None or (None if chosen is None else step.when.decided_by(case, chosen))
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

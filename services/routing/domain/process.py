"""What follows when a dossier begins its way, when a step of it is completed, and when an obligation is paid.

Each function looks at the route and at the steps now open, and answers with a list of effects in the order in which they
happen. Nothing is done here: the caller carries the effects out (see `services/routing/execution.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.catalogue.route import Obligation, Route, Step, UnknownOutcome

DESK = "one_stop_desk"


@dataclass(frozen=True)
class Assign:
    """A step is given to an agency of its role."""

    step: Step


@dataclass(frozen=True)
class Finish:
    """A step is done, with this outcome."""

    step: Step
    outcome: str


@dataclass(frozen=True)
class RequestPayment:
    """A step's work is done, and now waits until the citizen has paid `amount` VND."""

    step: Step
    outcome: str
    obligation: Obligation
    amount: int


@dataclass(frozen=True)
class Pause:
    """The time that follows is not counted, for this reason: the id of the step that the dossier waits in."""

    reason: str


@dataclass(frozen=True)
class Resume:
    """The time that follows is counted again."""


@dataclass(frozen=True)
class Resolve:
    """The end of the route is reached: the result is at the one-stop desk."""

    outcome: str


Effect = Assign | Finish | RequestPayment | Pause | Resume | Resolve


class AmountMissing(ValueError):
    """The outcome creates a financial obligation, so it needs an amount."""


class AmountNotAllowed(ValueError):
    """The outcome creates no financial obligation, so an amount has no meaning."""


class StepNotOpen(ValueError):
    """A step was to be completed at which the dossier does not stand."""


def begin(route: Route) -> list[Effect]:
    """The effects of a dossier's receipt: its first step is assigned."""
    return [*_clock_effects([], [route.first]), Assign(route.first)]


def complete(route: Route, open_steps: Iterable[str], step_id: str, outcome: str, amount: int | None) -> list[Effect]:
    """The effects of an official's completing a step.

    Args:
        route: the way of the dossier.
        open_steps: ids of the steps at which the dossier stands.
        step_id: the one of them that is completed.
        outcome: how, one of the step's outcomes.
        amount: VND to be paid by the citizen, with the outcome that creates the step's obligation and only with it.

    Raises:
        StepNotOpen: the dossier does not stand at the step.
        UnknownOutcome: the step has no such outcome.
        AmountMissing, AmountNotAllowed: the amount does not fit the outcome.
    """
    step = route.step(step_id)
    if outcome not in step.outcomes:
        raise UnknownOutcome(step_id, outcome, step.outcomes)
    obligation = step.obligation
    if obligation is None or obligation.outcome != outcome:
        if amount is not None:
            raise AmountNotAllowed(f'outcome "{outcome}" of step "{step_id}" takes no amount')
        return leave(route, open_steps, step_id, outcome)
    if amount is None or amount <= 0:
        raise AmountMissing(f'outcome "{outcome}" of step "{step_id}" needs an amount in VND greater than 0')
    _others(open_steps, step_id)
    return [RequestPayment(step, outcome, obligation, amount)]


def leave(route: Route, open_steps: Iterable[str], step_id: str, outcome: str) -> list[Effect]:
    """The effects of a step's being wholly done, payment included: the next step is assigned, or the dossier resolved.

    The route's end resolves the dossier once no other step is open.

    Raises:
        StepNotOpen: the dossier does not stand at the step.
        UnknownOutcome: the step has no such outcome.
    """
    others = [route.step(other) for other in _others(open_steps, step_id)]
    step, following = route.step(step_id), route.next(step_id, outcome)
    after = [*others, following] if following else others
    effects: list[Effect] = [Finish(step, outcome), *_clock_effects([step, *others], after)]
    if following is not None:
        effects.append(Assign(following))
    elif not others:
        effects.append(Resolve(outcome))
    return effects


def handling_step(route: Route) -> Step:
    """The step whose agency counts as the handling one (cơ quan giải quyết): the longest of those not at the one-stop desk.

    Among equally long steps it is the first of the route; a route that never leaves the desk is handled there.
    """
    behind_the_desk = [step for step in route.steps if step.agency_role != DESK]
    return max(behind_the_desk, key=lambda step: step.working_hours, default=route.first)


def agency_roles(route: Route) -> tuple[str, ...]:
    """The roles that the route's steps need an agency for, each once, in the route's order."""
    return tuple(dict.fromkeys(step.agency_role for step in route.steps))


def _others(open_steps: Iterable[str], step_id: str) -> list[str]:
    standing = list(open_steps)
    if step_id not in standing:
        raise StepNotOpen(
            f'the dossier does not stand at step "{step_id}"; it stands at {", ".join(standing) or "none"}'
        )
    standing.remove(step_id)
    return standing


def _is_paused(steps: Iterable[Step]) -> bool:
    """Time is not counted while the dossier stands at uncounted steps only."""
    standing = list(steps)
    return bool(standing) and not any(step.counted for step in standing)


def _clock_effects(before: list[Step], after: list[Step]) -> list[Effect]:
    """What the move from some open steps to others does to the clock; pauses that follow each other stay one."""
    if _is_paused(before) == _is_paused(after):
        return []
    return [Pause(after[-1].id)] if _is_paused(after) else [Resume()]

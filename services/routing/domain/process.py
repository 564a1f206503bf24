"""The effects of a dossier's receipt, of completing a step, and of paying an obligation.

Each function reads the route and the open steps, and returns effects in the order in which they happen. The caller carries them out
(see `services/routing/dossier/effects.py`).

A route may fork, and its branches meet again at a join (see `route_walk.py`); a step whose condition does not hold is passed
over; a step may be done by a sub-dossier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.routing.domain.route_walk import advance
from shared.catalogue.condition import NO_FACTS, Facts
from shared.catalogue.route import Obligation, Route, Step, UnknownOutcome, targets

DESK = "one_stop_desk"


@dataclass(frozen=True)
class Assign:
    """A step is assigned to an agency of its role."""

    step: Step


@dataclass(frozen=True)
class OpenSub:
    """A step is assigned to an agency of its role, where a sub-dossier is opened that does it; `step.sub` says of which procedure."""

    step: Step


@dataclass(frozen=True)
class PassOver:
    """The condition of a step does not hold; it is not done this time."""

    step: Step


@dataclass(frozen=True)
class Finish:
    """A step is done, with this outcome."""

    step: Step
    outcome: str


@dataclass(frozen=True)
class RequestPayment:
    """The work of a step is done; the step now waits until the citizen has paid `amount` VND."""

    step: Step
    outcome: str
    obligation: Obligation
    amount: int


@dataclass(frozen=True)
class Pause:
    """The time that follows is not counted; `reason` is the id of the step in which the dossier waits."""

    reason: str


@dataclass(frozen=True)
class Resume:
    """The time that follows is counted again."""


@dataclass(frozen=True)
class Resolve:
    """The end of the route is reached: the result is at the one-stop desk."""

    outcome: str


Effect = Assign | OpenSub | PassOver | Finish | RequestPayment | Pause | Resume | Resolve


class AmountMissing(ValueError):
    """The outcome creates a financial obligation, so it needs an amount."""


class AmountNotAllowed(ValueError):
    """The outcome creates no financial obligation, so an amount has no meaning."""


class StepNotOpen(ValueError):
    """The step to be completed is not open."""


class NothingToDo(ValueError):
    """No condition of any step of the route holds; no sound route allows that."""


def begin(route: Route, facts: Facts = NO_FACTS) -> list[Effect]:
    """The effects of a dossier's receipt: its first step is assigned.

    Args:
        route: of the dossier.
        facts: its case and the linked procedures that the citizen chose.

    Raises:
        NothingToDo: no condition of any step holds.
    """
    effects, opened = _onward(route, [route.start], [], facts)
    if not opened:
        raise NothingToDo(f'no step of route "{route.id}" is to be done for case "{facts.case}"')
    return [*_clock_effects([], opened), *effects]


def complete(
    route: Route,
    open_steps: Iterable[str],
    step_id: str,
    outcome: str,
    amount: int | None,
    facts: Facts = NO_FACTS,
) -> list[Effect]:
    """The effects of an official's completing a step.

    Args:
        route: of the dossier.
        open_steps: ids of the open steps, those that await a payment or a sub-dossier included.
        step_id: the one of them that is completed.
        outcome: one of the step's outcomes.
        amount: VND to be paid by the citizen, with the outcome that creates the step's obligation and only with it.
        facts: what was known of the dossier before; this outcome is added here.

    Raises:
        StepNotOpen: the step is not open.
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
        return leave(route, open_steps, step_id, outcome, facts)
    if amount is None or amount <= 0:
        raise AmountMissing(f'outcome "{outcome}" of step "{step_id}" needs an amount in VND greater than 0')
    _others(open_steps, step_id)
    return [RequestPayment(step, outcome, obligation, amount)]


def leave(route: Route, open_steps: Iterable[str], step_id: str, outcome: str, facts: Facts = NO_FACTS) -> list[Effect]:
    """The effects of completing a step wholly, its payment or its sub-dossier included: the next steps are assigned.

    The route's end resolves the dossier once no other step is open. Where the branches of a fork end without a join,
    the outcome of the last is the dossier's.

    Args:
        route: of the dossier.
        open_steps: as for `complete`.
        step_id: the step that is done.
        outcome: one of the step's outcomes.
        facts: what was known of the dossier before; its amount includes an obligation of this step, and this outcome is
            added here.

    Raises:
        StepNotOpen: the step is not open.
        UnknownOutcome: the step has no such outcome.
    """
    others = [route.step(other) for other in _others(open_steps, step_id)]
    step = route.step(step_id)
    if outcome not in step.outcomes:
        raise UnknownOutcome(step_id, outcome, step.outcomes)
    coming = targets(step.outcomes[outcome])
    effects, opened = _onward(route, coming, [other.id for other in others], facts.after(step_id, outcome))
    now_open = [*others, *opened]
    end: list[Effect] = [] if now_open else [Resolve(outcome)]
    return [Finish(step, outcome), *_clock_effects([step, *others], now_open), *effects, *end]


def handling_step(route: Route, facts: Facts | None = None) -> Step:
    """The step whose agency counts as the handling one (cơ quan giải quyết): the longest of those not at the one-stop desk.

    The branches of a fork are left out: they are partial work, often of linked agencies, while the lead agency works before and after
    the fork. Among equally long steps it is the first of the route; a route that never leaves the desk is handled there.

    Args:
        route: of the dossier.
        facts: leave out steps that surely are not done for its case and choice; None leaves out all that have conditions.
    """
    behind_the_desk = [step for step in route.steps if step.agency_role != DESK]
    leading = [
        step
        for step in behind_the_desk
        if step.id not in route.branch_steps
        and (step.when is None or (facts is not None and step.when.decided_by(facts.case, facts.chosen) is not False))
    ]
    return max(leading or behind_the_desk, key=lambda step: step.working_hours, default=route.first)


def _onward(
    route: Route, coming: Iterable[str], open_steps: Iterable[str], facts: Facts
) -> tuple[list[Effect], list[Step]]:
    """The effects of arriving at steps, and which of them begin."""
    effects: list[Effect] = []
    opened: list[Step] = []
    for arrival in advance(route, coming, open_steps, facts):
        if not arrival.begins:
            effects.append(PassOver(arrival.step))
            continue
        effects.append(OpenSub(arrival.step) if arrival.step.sub else Assign(arrival.step))
        opened.append(arrival.step)
    return effects, opened


def _others(open_steps: Iterable[str], step_id: str) -> list[str]:
    others = list(open_steps)
    if step_id not in others:
        raise StepNotOpen(f'step "{step_id}" is not open; open are {", ".join(others) or "none"}')
    others.remove(step_id)
    return others


def _is_paused(steps: Iterable[Step]) -> bool:
    """Time is not counted while only uncounted steps are open."""
    open_steps = list(steps)
    return bool(open_steps) and not any(step.counted for step in open_steps)


def _clock_effects(before: list[Step], after: list[Step]) -> list[Effect]:
    """What a move from some open steps to others does to the clock; consecutive pauses stay one."""
    if _is_paused(before) == _is_paused(after):
        return []
    return [Pause(after[-1].id)] if _is_paused(after) else [Resume()]

"""Hypothesis strategies for routes, and a model of a dossier that walks one and checks every effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from services.routing.domain.process import (
    Assign,
    Effect,
    Finish,
    OpenSub,
    PassOver,
    Pause,
    RequestPayment,
    Resolve,
    Resume,
    begin,
    complete,
    leave,
)
from shared.catalogue.condition import Facts
from shared.catalogue.graph import END, reachable
from shared.catalogue.route import Route, Step, targets

Draw = Callable[[st.SearchStrategy[Any]], Any]

CONDITIONS: list[dict[str, Any]] = [
    {"cases": ["a"]},
    {"chosen": "x"},
    {"amount_from": 1},
    {"amount_below": 1500},
    {"chosen": "y", "amount_from": 1000},
]
AMOUNT = 1000

facts = st.builds(
    Facts,
    case=st.sampled_from(["a", "b"]),
    chosen=st.frozensets(st.sampled_from(["x", "y"])),
)


def plain_step(id_: str, outcomes: Mapping[str, Any], counted: bool = True, **more: Any) -> dict[str, Any]:
    """A step in the catalogue's JSON format; only its outcomes matter."""
    return {
        "id": id_,
        "task": id_,
        "task_en": id_,
        "agency_role": "tax",
        "official_role": "officer",
        "working_hours": 2,
        "counted": counted,
        "outcomes": dict(outcomes),
        **more,
    }


class _Layout:
    """Draws a valid route of nested sequences, forks and joins."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.count = 0

    def sequence(self, after: str, depth: int, first: bool = False) -> tuple[list[dict[str, Any]], str]:
        """Steps that lead to `after`, and the id of their first."""
        plans = [self._plan(depth) for _ in range(self.draw(st.integers(1, 3)))]
        blocks = [self._name() for _ in plans]
        onward = [*blocks[1:], after]
        steps: list[dict[str, Any]] = []
        for index, (plan, name) in enumerate(zip(plans, blocks, strict=True)):
            later = onward[index + 1 :]
            made = self._block(plan, name, onward[index], depth)
            self._decorate(made[0], blocks[: index + 1], later, onward[index], always=first and index == 0)
            steps += made
        return steps, blocks[0]

    def _plan(self, depth: int) -> int:
        """How many branches; 1 for a plain step."""
        return int(self.draw(st.sampled_from([1, 1, 2, 3]))) if depth > 0 else 1

    def _name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def _block(self, branches: int, name: str, after: str, depth: int) -> list[dict[str, Any]]:
        counted = self.draw(st.booleans())
        if branches == 1:
            return [plain_step(name, {"completed": after}, counted)]
        join = self._name() if after != END or self.draw(st.booleans()) else END
        made = [self.sequence(join, depth - 1) for _ in range(branches)]
        steps = [plain_step(name, {"completed": [entry for _, entry in made]}, counted)]
        for inner, _ in made:
            steps += inner
        if join != END:
            last = plain_step(join, {"completed": after}, self.draw(st.booleans()), join=True)
            if self.draw(st.integers(0, 3)) == 0:
                last |= {"when": self.draw(st.sampled_from(CONDITIONS)), "otherwise": after}
            steps.append(last)
        return steps

    def _decorate(self, step: dict[str, Any], before: list[str], later: list[str], after: str, always: bool) -> None:
        kind = self.draw(st.integers(0, 7))
        if kind == 0:
            step["outcomes"]["returned"] = self.draw(st.sampled_from(before))
        elif kind == 1 and later:
            step["outcomes"]["direct"] = self.draw(st.sampled_from(later))
        elif kind in (2, 3) and not always:
            asked = {"outcome": {"step": before[0], "in": ["completed"]}}
            step |= {"when": self.draw(st.sampled_from([*CONDITIONS, asked])), "otherwise": after}
        elif kind == 4:
            step["outcomes"]["obligation"] = step["outcomes"]["completed"]
            step["obligation"] = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
        elif kind == 5:
            step["sub"] = {"procedure": "1.000001", "case": "default"}


@st.composite
def nested_routes(draw: Draw) -> dict[str, Any]:
    """Routes in the catalogue's JSON format: nested forks, conditions, returns, obligations and sub-dossiers."""
    steps, start = _Layout(draw).sequence(END, depth=2, first=True)
    return {"start": start, "steps": steps}


@st.composite
def wild_routes(draw: Draw) -> dict[str, Any]:
    """Small routes with random targets and joins where branches meet; many of them are not valid."""
    count = draw(st.integers(2, 7))
    ids = [f"s{number}" for number in range(count)]
    steps = []
    for index, id_ in enumerate(ids):
        ahead = [*ids[index + 1 : index + 4], END][:3]
        outcomes: dict[str, Any] = {"completed": draw(st.sampled_from(ahead))}
        if index + 2 < count and draw(st.booleans()):
            outcomes["completed"] = draw(
                st.lists(st.sampled_from(ids[index + 1 :]), min_size=2, max_size=3, unique=True)
            )
        if draw(st.integers(0, 3)) == 0:
            outcomes["other"] = draw(st.sampled_from([*ids, END]))
        more: dict[str, Any] = {}
        if index and draw(st.integers(0, 3)) == 0:
            more = {"when": draw(st.sampled_from(CONDITIONS)), "otherwise": draw(st.sampled_from(ahead))}
        steps.append(plain_step(id_, outcomes, draw(st.booleans()), **more))
    data = {"start": ids[0], "steps": steps}
    meetings = {fork.meeting for fork in Route.from_dict("r", data).forks}
    for step in steps:
        if step["id"] in meetings:
            step["join"] = True
    return data


class Walk:
    """A dossier that walks a route.

    Args:
        route: valid.
        known: the facts of the dossier at its receipt.
    """

    def __init__(self, route: Route, known: Facts) -> None:
        self.route = route
        self.facts = known
        self.open_steps: list[str] = []
        self.awaited: dict[str, str] = {}
        self.paused = False
        self.resolved = 0
        self.returns = 0
        self.begun: Counter[str] = Counter()
        self.arrivals: Counter[str] = Counter()
        self.forked: Counter[str] = Counter()
        self._order = {step.id: index for index, step in enumerate(route.steps)}
        self._carry_out(begin(route, known))

    def moves(self) -> list[tuple[str, str]]:
        """Every step and outcome that may be next."""
        return [
            (id_, outcome)
            for id_ in self.open_steps
            for outcome in ([self.awaited[id_]] if id_ in self.awaited else self.route.step(id_).outcomes)
        ]

    def goes_back(self, move: tuple[str, str]) -> bool:
        """Whether a move is a return."""
        following = targets(self.route.step(move[0]).outcomes[move[1]])
        return any(self._order[target] <= self._order[move[0]] for target in following)

    def make(self, move: tuple[str, str]) -> None:
        """Completes a step, or pays what it awaits."""
        id_, outcome = move
        step = self.route.step(id_)
        if id_ not in self.awaited and step.obligation and step.obligation.outcome == outcome:
            self._carry_out(complete(self.route, self.open_steps, id_, outcome, AMOUNT, self.facts))
            return
        self.returns += self.goes_back(move)
        if len(targets(step.outcomes[outcome])) > 1:
            self.forked[id_] += 1
        before = self.facts
        self.facts = self.facts.after(id_, outcome)
        if self.awaited.pop(id_, None):
            self._carry_out(leave(self.route, self.open_steps, id_, outcome, before))
        else:
            self._carry_out(complete(self.route, self.open_steps, id_, outcome, None, before))

    def _carry_out(self, effects: list[Effect]) -> None:
        assert self.resolved == 0
        for effect in effects:
            match effect:
                case Assign(step):
                    assert step.sub is None
                    self._begin(step)
                case OpenSub(step):
                    assert step.sub is not None
                    self._begin(step)
                case PassOver(step):
                    assert step.when is not None
                    assert not step.when.holds(self.facts)
                    self._arrive(step)
                case Finish(step, outcome):
                    assert self.facts.outcomes[step.id] == outcome
                    self.open_steps.remove(step.id)
                case RequestPayment(step, outcome, _, amount):
                    self.awaited[step.id] = outcome
                    self.facts = Facts(
                        self.facts.case, self.facts.chosen, self.facts.amount + amount, self.facts.outcomes
                    )
                case Pause(reason):
                    assert not self.paused
                    assert reason in self._order
                    self.paused = True
                case Resume():
                    assert self.paused
                    self.paused = False
                case Resolve():
                    self.resolved += 1
        assert self.resolved == (not self.open_steps)
        only_uncounted = bool(self.open_steps) and not any(self.route.step(id_).counted for id_ in self.open_steps)
        assert self.paused == only_uncounted

    def _begin(self, step: Step) -> None:
        assert step.id not in self.open_steps
        assert step.when is None or step.when.holds(self.facts)
        self._arrive(step)
        self.open_steps.append(step.id)
        self.begun[step.id] += 1

    def _arrive(self, step: Step) -> None:
        if step.join:
            assert not any(step.id in self._ahead_of(id_) for id_ in self.open_steps)
        self.arrivals[step.id] += 1

    def _ahead_of(self, id_: str) -> frozenset[str]:
        """The steps that can be reached from one without a return."""
        onward = {
            step.id: frozenset(
                target for _, ids in step.ways() for target in ids if self._order[target] > self._order[step.id]
            )
            for step in self.route.steps
        }
        return reachable(id_, onward)


def walk_to_the_end(draw: Draw, route: Route, known: Facts, returns: int) -> Walk:
    """Makes random moves, with a limit of returns, until the dossier is resolved."""
    walk = Walk(route, known)
    for _ in range(20 + (returns + 2) * 2 * len(route.steps)):
        moves = walk.moves()
        if not moves:
            break
        onward = [move for move in moves if not walk.goes_back(move)]
        walk.make(draw(st.sampled_from(moves if walk.returns < returns else onward)))
    return walk

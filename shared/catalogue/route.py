"""The way of a dossier through the agencies: steps, and for each the outcomes that decide what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from shared.catalogue.text import tidy

OfficialRole = Literal["officer", "leader", "clerk"]

END = "end"


class UnknownStep(LookupError):
    """A step was named that the route does not have."""

    def __init__(self, route_id: str, step_id: str, options: Iterable[str]) -> None:
        self.route_id, self.step_id, self.options = route_id, step_id, tuple(options)
        super().__init__(f'route "{route_id}" has no step "{step_id}"; it has {", ".join(self.options)}')


class UnknownOutcome(LookupError):
    """A step was completed with an outcome that its route does not foresee."""

    def __init__(self, step_id: str, outcome: str, options: Iterable[str]) -> None:
        self.step_id, self.outcome, self.options = step_id, outcome, tuple(options)
        super().__init__(f'step "{step_id}" has no outcome "{outcome}"; it has {", ".join(self.options)}')


@dataclass(frozen=True)
class Obligation:
    """A financial obligation (nghĩa vụ tài chính) that a step may create.

    Completing the step with ``outcome`` needs an amount in VND; the dossier then waits for the payment and goes on to
    that outcome's target once it is paid.
    """

    kind: Literal["tax", "fee"]
    name: str
    outcome: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Obligation:
        """Read one obligation of the catalogue's JSON shape."""
        return cls(kind=data["kind"], name=tidy(data["name"]), outcome=data["outcome"])

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {"kind": self.kind, "name": self.name, "outcome": self.outcome}


@dataclass(frozen=True)
class Step:
    """One piece of work by one kind of official in one kind of agency.

    Args:
        id: name of the step, unique in its route.
        task: what is done, in Vietnamese; ``task_en`` the same in English.
        agency_role: which kind of agency does it (see ``roles.AGENCY_ROLES``).
        official_role: which kind of official does it (see ``roles.OFFICIAL_ROLES``).
        working_hours: planned working time in hours.
        counted: whether the time spent here counts against the case's limit.
        outcomes: outcome name to the next step's id or ``"end"``.
        obligation: the financial obligation this step may create, if any.
    """

    id: str
    task: str
    task_en: str
    agency_role: str
    official_role: OfficialRole
    working_hours: float
    counted: bool
    # A read-only view has no hash; equal steps still have equal hashes through the other members.
    outcomes: Mapping[str, str] = field(hash=False)
    obligation: Obligation | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", MappingProxyType(dict(self.outcomes)))

    def __reduce__(self) -> tuple[Any, ...]:
        # The read-only view cannot be pickled or deep-copied by itself.
        return Step.from_dict, (self.as_dict(),)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        """Read one step of the catalogue's JSON shape."""
        obligation = data.get("obligation")
        return cls(
            id=data["id"],
            task=tidy(data["task"]),
            task_en=tidy(data["task_en"]),
            agency_role=data["agency_role"],
            official_role=data["official_role"],
            working_hours=float(data["working_hours"]),
            counted=data["counted"],
            outcomes=data["outcomes"],
            obligation=Obligation.from_dict(obligation) if obligation else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        whole = float(self.working_hours).is_integer()
        data: dict[str, Any] = {
            "id": self.id,
            "task": self.task,
            "task_en": self.task_en,
            "agency_role": self.agency_role,
            "official_role": self.official_role,
            "working_hours": int(self.working_hours) if whole else self.working_hours,
            "counted": self.counted,
            "outcomes": dict(self.outcomes),
        }
        if self.obligation:
            data["obligation"] = self.obligation.as_dict()
        return data


@dataclass(frozen=True)
class Route:
    """The steps of one way through the agencies, and the id of the first."""

    id: str
    start: str
    steps: tuple[Step, ...]

    @classmethod
    def from_dict(cls, route_id: str, data: Mapping[str, Any]) -> Route:
        """Read one route of the catalogue's JSON shape, where its id is the key it stands under."""
        return cls(route_id, data["start"], tuple(Step.from_dict(step) for step in data["steps"]))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads, without the id."""
        return {"start": self.start, "steps": [step.as_dict() for step in self.steps]}

    @property
    def first(self) -> Step:
        """The step a dossier begins with."""
        return self.step(self.start)

    def step(self, step_id: str) -> Step:
        """Return the step of that id.

        Raises:
            UnknownStep: the route has none of that id.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise UnknownStep(self.id, step_id, (step.id for step in self.steps))

    def next(self, step_id: str, outcome: str) -> Step | None:
        """Return the step that follows when ``step_id`` is completed with ``outcome``; None when the route ends there.

        Raises:
            UnknownStep: the route has no such step.
            UnknownOutcome: the step has no such outcome.
        """
        outcomes = self.step(step_id).outcomes
        if outcome not in outcomes:
            raise UnknownOutcome(step_id, outcome, outcomes)
        return None if outcomes[outcome] == END else self.step(outcomes[outcome])

    @property
    def counted_hours(self) -> float:
        """Working hours of the counted steps on the longest way from the start to an end.

        Going back (an outcome that leads to a step the dossier has already passed) is rework, not part of the plan,
        so it is left out.
        """
        longest: dict[str, float] = {}
        for step, onward in self._deepest_first():
            own = step.working_hours if step.counted else 0.0
            longest[step.id] = own + max((longest[step_id] for step_id in onward), default=0.0)
        return longest[self.start]

    def _deepest_first(self) -> Iterator[tuple[Step, list[str]]]:
        """Yield every reachable step after all those it leads onward to, together with the ids of these."""
        by_id = {step.id: step for step in self.steps}
        done: set[str] = set()
        onward: dict[str, list[str]] = {self.start: []}  # the steps on the present way, in order
        waiting = [(self.start, iter(by_id[self.start].outcomes.values()))]
        while waiting:
            step_id, targets = waiting[-1]
            target = next(targets, None)
            if target is None:
                waiting.pop()
                done.add(step_id)
                yield by_id[step_id], onward.pop(step_id)
            elif target != END and target not in onward:
                onward[step_id].append(target)
                if target not in done:
                    onward[target] = []
                    waiting.append((target, iter(by_id[target].outcomes.values())))

"""The route of a dossier through the agencies: steps, and for each outcome of a step what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from shared.catalogue import graph
from shared.catalogue.condition import Condition
from shared.catalogue.text import normalise

OfficialRole = Literal["officer", "leader", "clerk"]
AgencyLevel = Literal["central", "province", "district", "commune"]
Target = str | tuple[str, ...]
"""Where an outcome leads: ``"end"``, the id of a step, or the ids of several that begin at once (a fork)."""

END = graph.END


class UnknownStep(LookupError):
    """The route has no such step."""

    def __init__(self, route_id: str, step_id: str, options: Iterable[str]) -> None:
        self.route_id, self.step_id, self.options = route_id, step_id, tuple(options)
        super().__init__(f'route "{route_id}" has no step "{step_id}"; it has {", ".join(self.options)}')


class UnknownOutcome(LookupError):
    """The step has no such outcome."""

    def __init__(self, step_id: str, outcome: str, options: Iterable[str]) -> None:
        self.step_id, self.outcome, self.options = step_id, outcome, tuple(options)
        super().__init__(f'step "{step_id}" has no outcome "{outcome}"; it has {", ".join(self.options)}')


@dataclass(frozen=True)
class Obligation:
    """A financial obligation (nghĩa vụ tài chính) that a step may create.

    Completing the step with ``outcome`` requires an amount in VND; the dossier then waits for the payment and afterwards
    goes to that outcome's target.
    """

    kind: Literal["tax", "fee"]
    name: str
    outcome: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Obligation:
        """Read one obligation of the catalogue's JSON shape."""
        return cls(kind=data["kind"], name=normalise(data["name"]), outcome=data["outcome"])

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {"kind": self.kind, "name": self.name, "outcome": self.outcome}


@dataclass(frozen=True)
class Output:
    """The paper that a step produces: its code within the procedure and its Vietnamese name."""

    code: str
    name: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Output:
        """Read one output of the catalogue's JSON shape."""
        return cls(data["code"], normalise(data["name"]))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {"code": self.code, "name": self.name}


@dataclass(frozen=True)
class SubProcedure:
    """The procedure and case of the sub-dossier that does a step."""

    procedure: str
    case: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SubProcedure:
        """Read the member ``sub`` of the catalogue's JSON shape."""
        return cls(data["procedure"], data["case"])

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {"procedure": self.procedure, "case": self.case}


@dataclass(frozen=True)
class Step:
    """One piece of work by one kind of official in one kind of agency.

    Args:
        id: unique in the route.
        task: what is done, in Vietnamese; ``task_en`` the same in English.
        agency_role: role of the agency that does it (see ``roles.AGENCY_ROLES``).
        official_role: role of the official who does it (see ``roles.OFFICIAL_ROLES``).
        working_hours: planned working time in hours.
        counted: whether the time spent here counts against the case's limit.
        outcomes: outcome name to target. A target at or before the step in the list is a return.
        obligation: the financial obligation this step may create, if any.
        agency_level: level of the agency; None for the nearest agency of any level.
        output: the paper that it produces, if any.
        when: the condition for doing it; None for always. ``otherwise`` is the target of a dossier that skips it.
        join: it begins only when no open step can lead to it any more.
        wait_days: calendar days (of public posting, for example) before it may be completed; or None. These days do not
            count; idle time after them does.
        sub: the sub-dossier that does it, opened at the step's agency; no official does the step then.
    """

    id: str
    task: str
    task_en: str
    agency_role: str
    official_role: OfficialRole
    working_hours: float
    counted: bool
    # A mapping proxy is not hashable; the other members give equal steps equal hashes.
    outcomes: Mapping[str, Target] = field(hash=False)
    obligation: Obligation | None = None
    agency_level: AgencyLevel | None = None
    output: Output | None = None
    when: Condition | None = None
    otherwise: Target | None = None
    join: bool = False
    wait_days: int | None = None
    sub: SubProcedure | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", MappingProxyType(dict(self.outcomes)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy cannot be pickled or deep-copied.
        return Step.from_dict, (self.as_dict(),)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        """Read one step of the catalogue's JSON shape."""
        otherwise = data.get("otherwise")
        return cls(
            id=data["id"],
            task=normalise(data["task"]),
            task_en=normalise(data["task_en"]),
            agency_role=data["agency_role"],
            official_role=data["official_role"],
            working_hours=float(data["working_hours"]),
            counted=data["counted"],
            outcomes={name: _target(target) for name, target in data["outcomes"].items()},
            obligation=Obligation.from_dict(data["obligation"]) if data.get("obligation") else None,
            agency_level=data.get("agency_level"),
            output=Output.from_dict(data["output"]) if data.get("output") else None,
            when=Condition.from_dict(data["when"]) if data.get("when") else None,
            otherwise=None if otherwise is None else _target(otherwise),
            join=bool(data.get("join", False)),
            wait_days=data.get("wait_days"),
            sub=SubProcedure.from_dict(data["sub"]) if data.get("sub") else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads; without empty members."""
        whole = float(self.working_hours).is_integer()
        data: dict[str, Any] = {
            "id": self.id,
            "task": self.task,
            "task_en": self.task_en,
            "agency_role": self.agency_role,
            "official_role": self.official_role,
            "working_hours": int(self.working_hours) if whole else self.working_hours,
            "counted": self.counted,
            "outcomes": {name: _plain(target) for name, target in self.outcomes.items()},
        }
        for name, part in (("obligation", self.obligation), ("output", self.output), ("when", self.when)):
            if part:
                data[name] = part.as_dict()
        if self.sub:
            data["sub"] = self.sub.as_dict()
        plain = {
            "agency_level": self.agency_level,
            "otherwise": None if self.otherwise is None else _plain(self.otherwise),
            "join": self.join or None,
            "wait_days": self.wait_days,
        }
        return data | {name: value for name, value in plain.items() if value is not None}

    def ways(self) -> Iterator[graph.Way]:
        """Yield every way out of the step."""
        for outcome, target in self.outcomes.items():
            yield ("outcomes", outcome), targets(target)
        if self.otherwise is not None:
            yield ("otherwise",), targets(self.otherwise)


@dataclass(frozen=True)
class Route:
    """The steps of one way through the agencies, and the id of the first."""

    id: str
    start: str
    steps: tuple[Step, ...]

    @classmethod
    def from_dict(cls, route_id: str, data: Mapping[str, Any]) -> Route:
        """Read one route of the catalogue's JSON shape, where the id is its key."""
        return cls(route_id, data["start"], tuple(Step.from_dict(step) for step in data["steps"]))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads, without the id."""
        return {"start": self.start, "steps": [step.as_dict() for step in self.steps]}

    @property
    def first(self) -> Step:
        """The step with which a dossier begins."""
        return self.step(self.start)

    def step(self, step_id: str) -> Step:
        """Return the step with that id.

        Raises:
            UnknownStep: there is none.
        """
        for step in self.steps:
            if step.id == step_id:
                return step
        raise UnknownStep(self.id, step_id, (step.id for step in self.steps))

    def following(self, step_id: str, outcome: str) -> tuple[Step, ...]:
        """Return the steps to which ``step_id`` leads when it is completed with ``outcome``; empty at the end.

        Raises:
            UnknownStep: the route has no such step.
            UnknownOutcome: the step has no such outcome.
        """
        outcomes = self.step(step_id).outcomes
        if outcome not in outcomes:
            raise UnknownOutcome(step_id, outcome, outcomes)
        return tuple(self.step(target) for target in targets(outcomes[outcome]))

    def before_join(self, step_id: str) -> frozenset[str]:
        """Return the steps between a fork and this join; the join waits for those of them that are open."""
        return self._before_joins.get(step_id, frozenset())

    @cached_property
    def ways(self) -> graph.Ways:
        """The ways out of each step, by the step's id."""
        return {step.id: tuple(step.ways()) for step in self.steps}

    @cached_property
    def forks(self) -> tuple[graph.Fork, ...]:
        """Every fork, in the order of the steps; needs a route in which the end can be reached from each step."""
        return tuple(graph.forks(self.ways))

    @cached_property
    def branch_steps(self) -> frozenset[str]:
        """The steps that may be open at the same time as others: all steps in the branches of forks."""
        return frozenset(step_id for fork in self.forks for region in fork.regions for step_id in region)

    @cached_property
    def _before_joins(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for fork in self.forks:
            found[fork.meeting] = found.get(fork.meeting, frozenset()).union(*fork.regions)
        return found


def targets(target: Target) -> tuple[str, ...]:
    """Return the ids of the steps that a target names; none for the end."""
    if isinstance(target, tuple):
        return target
    return () if target == END else (target,)


def _target(data: str | list[str]) -> Target:
    return data if isinstance(data, str) else tuple(data)


def _plain(target: Target) -> str | list[str]:
    return list(target) if isinstance(target, tuple) else target

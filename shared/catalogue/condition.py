"""Conditions on steps, and the facts about a dossier that decide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Facts:
    """The facts about a dossier when it arrives at a step.

    Args:
        case: code of its case.
        chosen: codes of the chosen linked procedures, including the required ones.
        amount: sum of the financial obligations requested so far, in VND; 0 for none.
        outcomes: the id of each completed step to its last outcome.
    """

    case: str = ""
    chosen: frozenset[str] = frozenset()
    amount: int = 0
    # A mapping proxy is not hashable; the other members give equal facts equal hashes.
    outcomes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", MappingProxyType(dict(self.outcomes)))

    def after(self, step_id: str, outcome: str) -> Facts:
        """Return these facts with one more completed step."""
        return replace(self, outcomes={**self.outcomes, step_id: outcome})


NO_FACTS = Facts()
"""No facts: no condition holds, except one that only asks for an amount below a limit."""


@dataclass(frozen=True)
class LastOutcome:
    """Condition on an earlier step: its last outcome is one of ``among``."""

    step: str
    among: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """When a step is done: all given members must hold. The catalogue's JSON schema describes them.

    Args:
        cases: the dossier's case is one of these; empty for any case.
        chosen: the citizen chose this linked procedure; None for any choice.
        amount_from, amount_below: limits in VND for the sum of obligations requested so far; the first is inclusive.
        outcome: how an earlier step ended; a step not yet completed has no outcome.
    """

    cases: tuple[str, ...] = ()
    chosen: str | None = None
    amount_from: int | None = None
    amount_below: int | None = None
    outcome: LastOutcome | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Condition:
        """Read one condition of the catalogue's JSON shape."""
        outcome = data.get("outcome")
        return cls(
            cases=tuple(data.get("cases", ())),
            chosen=data.get("chosen"),
            amount_from=data.get("amount_from"),
            amount_below=data.get("amount_below"),
            outcome=LastOutcome(outcome["step"], tuple(outcome["in"])) if outcome else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads, without empty members."""
        data: dict[str, Any] = {"cases": list(self.cases)} if self.cases else {}
        for name in ("chosen", "amount_from", "amount_below"):
            if getattr(self, name) is not None:
                data[name] = getattr(self, name)
        if self.outcome:
            data["outcome"] = {"step": self.outcome.step, "in": list(self.outcome.among)}
        return data

    def holds(self, facts: Facts) -> bool:
        """Whether the condition holds for a dossier."""
        return (
            self._fits(facts.case, facts.chosen)
            and (self.amount_from is None or facts.amount >= self.amount_from)
            and (self.amount_below is None or facts.amount < self.amount_below)
            and (self.outcome is None or facts.outcomes.get(self.outcome.step) in self.outcome.among)
        )

    def decided_by(self, case: str, chosen: frozenset[str]) -> bool | None:
        """Return whether the condition holds for every dossier of a case and choice; None if later facts decide it."""
        if not self._fits(case, chosen):
            return False
        later_facts = self.amount_from, self.amount_below, self.outcome
        return True if all(member is None for member in later_facts) else None

    def _fits(self, case: str, chosen: frozenset[str]) -> bool:
        return (not self.cases or case in self.cases) and (self.chosen is None or self.chosen in chosen)

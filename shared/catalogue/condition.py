"""When a step of a route is done at all, and what must be known of a dossier to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Facts:
    """What is known of a dossier as it comes to a step.

    Args:
        case: code of its case.
        chosen: codes of the linked procedures that the citizen chose, those always included among them.
        amount: sum of the financial obligations requested so far, in VND; 0 if there was none.
        outcomes: id of each step done so far to its last outcome.
    """

    case: str = ""
    chosen: frozenset[str] = frozenset()
    amount: int = 0
    # A read-only view has no hash; equal facts still have equal hashes through the other members.
    outcomes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", MappingProxyType(dict(self.outcomes)))

    def after(self, step_id: str, outcome: str) -> Facts:
        """The same, with one more step done."""
        return replace(self, outcomes={**self.outcomes, step_id: outcome})


NO_FACTS = Facts()
"""Nothing is known: no condition holds, except one on an amount below some limit."""


@dataclass(frozen=True)
class LastOutcome:
    """A condition's look back: the last outcome of a step is one of these."""

    step: str
    among: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """When a step is done. All members that are given must hold; for members see the catalogue's JSON schema.

    Args:
        cases: the dossier's case is one of these; empty for any.
        chosen: the citizen chose this linked procedure; None for any choice.
        amount_from, amount_below: VND; the obligations requested so far lie between these, the first inclusive.
        outcome: how an earlier step ended; a step not done yet has no outcome.
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
        """Return the shape that :meth:`from_dict` reads; only what is given."""
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
        """Tell beforehand whether it holds for every dossier of a case and choice; None if that is seen only on the way."""
        if not self._fits(case, chosen):
            return False
        seen_on_the_way = self.amount_from, self.amount_below, self.outcome
        return True if all(member is None for member in seen_on_the_way) else None

    def _fits(self, case: str, chosen: frozenset[str]) -> bool:
        return (not self.cases or case in self.cases) and (self.chosen is None or self.chosen in chosen)

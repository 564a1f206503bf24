from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import NO_FACTS, Condition, Facts
from shared.catalogue.condition import LastOutcome

KNOWN = Facts("transfer", frozenset({"x"}), 1000, {"assessment": "no_tax"})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(cases=("transfer", "lease")), True),
        (Condition(cases=("lease",)), False),
        (Condition(chosen="x"), True),
        (Condition(chosen="y"), False),
        (Condition(amount_from=1000), True),
        (Condition(amount_from=1001), False),
        (Condition(amount_below=1001), True),
        (Condition(amount_below=1000), False),
        (Condition(outcome=LastOutcome("assessment", ("completed", "no_tax"))), True),
        (Condition(outcome=LastOutcome("assessment", ("completed",))), False),
        (Condition(outcome=LastOutcome("survey", ("completed",))), False),
        (Condition(cases=("transfer",), chosen="x", amount_from=1), True),
        (Condition(cases=("transfer",), chosen="y", amount_from=1), False),
    ],
)
def test_all_members_must_hold(condition: Condition, holds: bool) -> None:
    assert condition.holds(KNOWN) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [(Condition(cases=("a",)), False), (Condition(amount_from=1), False), (Condition(amount_below=1), True)],
)
def test_without_facts_the_amount_is_zero(condition: Condition, holds: bool) -> None:
    assert condition.holds(NO_FACTS) is holds


conditions = st.builds(
    Condition,
    cases=st.sampled_from([(), ("a",), ("a", "b")]),
    chosen=st.sampled_from([None, "x", "y"]),
    amount_from=st.sampled_from([None, 0, 5]),
    amount_below=st.sampled_from([None, 6]),
    outcome=st.sampled_from([None, LastOutcome("s", ("done",))]),
)
known = st.builds(
    Facts,
    case=st.sampled_from(["a", "b", "c"]),
    chosen=st.frozensets(st.sampled_from(["x", "y"])),
    amount=st.integers(0, 8),
    outcomes=st.sampled_from([{}, {"s": "done"}, {"s": "returned"}]),
)


@given(conditions, known)
def test_what_case_and_choice_decide_never_changes(condition: Condition, facts: Facts) -> None:
    decided = condition.decided_by(facts.case, facts.chosen)
    assert decided is None or decided == condition.holds(facts)
    assert Condition.from_dict(condition.as_dict()) == condition


def test_facts_are_immutable_values() -> None:
    later = KNOWN.after("survey", "completed").after("assessment", "completed")
    assert dict(later.outcomes) == {"assessment": "completed", "survey": "completed"}
    assert dict(KNOWN.outcomes) == {"assessment": "no_tax"}
    assert hash(later) == hash(KNOWN)
    assert later != KNOWN
    with pytest.raises(TypeError):
        KNOWN.outcomes["x"] = "y"  # type: ignore[index]
    assert copy.copy(KNOWN) == KNOWN

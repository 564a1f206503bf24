"""Domain errors become problems by a table."""

from __future__ import annotations

import pytest

from shared.web.domain_errors import ProblemTable, problem_for, translation
from shared.web.problem import Problem


class Late(Exception):
    """A domain error."""


class VeryLate(Late):
    """One that is not in the table itself."""


TABLE: ProblemTable = {Late: lambda error: Problem(409, "late", "Trễ", "Late", detail=str(error))}
domain_errors_as_problems = translation(TABLE)


@domain_errors_as_problems()
def view(error: Exception | None) -> str:
    if error is not None:
        raise error
    return "shown"


@pytest.mark.parametrize("error", [Late("by an hour"), VeryLate("by an hour")])
def test_an_error_of_the_table_becomes_its_problem(error: Exception) -> None:
    with pytest.raises(Problem) as as_decorator:
        view(error)
    with pytest.raises(Problem) as as_block, domain_errors_as_problems():
        raise error
    for raised in (as_decorator, as_block):
        assert (raised.value.status, raised.value.slug, raised.value.detail) == (409, "late", "by an hour")
        assert raised.value.__cause__ is error


def test_a_decorated_view_may_be_called_again_and_returns_its_value() -> None:
    assert [view(None), view(None)] == ["shown", "shown"]


def test_any_other_error_passes() -> None:
    with pytest.raises(KeyError), domain_errors_as_problems():
        raise KeyError("x")
    with pytest.raises(Problem) as problem, domain_errors_as_problems():
        raise Problem(404, "not-found")
    assert problem.value.status == 404


def test_an_error_without_a_problem_is_a_fault_of_the_program() -> None:
    with pytest.raises(LookupError, match="no problem for KeyError"):
        problem_for(TABLE, KeyError("x"))

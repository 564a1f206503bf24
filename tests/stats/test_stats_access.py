from __future__ import annotations

import pytest

from services.stats.access import NotStatisticsReader, require_statistics_reader
from services.stats.problems import domain_errors_as_problems
from shared.auth import ROLES, Principal
from shared.web.problem import Problem


@pytest.mark.parametrize("role", ["leader", "operator"])
def test_leaders_and_operators_see_statistics(role: str) -> None:
    require_statistics_reader(Principal("official-1", frozenset({role}), "H99"))


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"leader", "operator"}))
def test_nobody_else_sees_statistics(role: str) -> None:
    with pytest.raises(NotStatisticsReader):
        require_statistics_reader(Principal("someone", frozenset({role}), "H57.10.01"))


def test_the_refusal_names_the_roles() -> None:
    with pytest.raises(Problem) as refused, domain_errors_as_problems():
        require_statistics_reader(Principal("someone", frozenset()))
    assert (refused.value.status, refused.value.body()["roles"]) == (403, ["leader", "operator"])

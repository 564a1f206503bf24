"""Whose statistics an actor sees."""

from __future__ import annotations

from datetime import date

import pytest

from services.stats.access import NoAgency, NotStatisticsReader, visible_agencies
from services.stats.problems import domain_errors_as_problems
from shared.auth import ROLES, Principal
from shared.runtime.reference_data import load_reference
from shared.web.problem import Problem

AGENCIES = load_reference().agencies
DAY = date(2025, 11, 20)


def visible(role: str, agency: str = "") -> frozenset[str] | None:
    return visible_agencies(Principal("official-1", frozenset({role}), agency), AGENCIES, DAY)


def test_leaders_see_their_agency_and_those_below_it() -> None:
    commune, province = visible("leader", "H12.31"), visible("leader", "H12")
    assert commune is not None
    assert province is not None
    assert {"H12.31", "H12.31.01", "H12.31.02"} <= commune < province
    assert "H12.32" not in commune
    assert "G12.12" not in province
    desk = visible("leader", "H12.31.01")
    assert desk is not None
    assert [code for code in desk if code.startswith("H")] == ["H12.31.01"], "and those merged into it"


def test_operators_see_all() -> None:
    assert visible("operator") is None


def test_a_leader_of_no_agency_sees_nothing() -> None:
    with pytest.raises(NoAgency):
        visible("leader")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"leader", "operator"}))
def test_nobody_else_sees_statistics(role: str) -> None:
    with pytest.raises(NotStatisticsReader):
        visible(role, "H12")


def test_the_refusals_name_the_roles_or_the_agency() -> None:
    with pytest.raises(Problem) as refused, domain_errors_as_problems():
        visible("clerk", "H12")
    assert (refused.value.status, refused.value.body()["roles"]) == (403, ["leader", "operator"])
    with pytest.raises(Problem) as refused, domain_errors_as_problems():
        visible("leader")
    assert (refused.value.status, refused.value.body()["type"].rpartition(":")[2]) == (403, "wrong-agency")

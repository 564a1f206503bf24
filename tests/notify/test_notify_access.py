"""Who reads the messages of a dossier: staff of the agencies that it concerns, and the leaders above them."""

from __future__ import annotations

from datetime import date

import pytest

from services.notify.access import NotMessageReader, WrongAgency, require_message_reader
from services.notify.problems import domain_errors_as_problems
from shared.auth import ROLES, Principal
from shared.runtime.reference_data import load_reference
from shared.web.problem import Problem

AGENCIES = load_reference().agencies
DAY = date(2025, 11, 20)
COMMUNE, DESK, REGISTRY, PROVINCE = "H12.31", "H12.31.01", "H12.14.02", "H12"
CONCERNED = (DESK, REGISTRY)


def ask(role: str, agency: str, concerned: tuple[str, ...] = CONCERNED) -> None:
    require_message_reader(Principal("official-1", frozenset({role}), agency), concerned, AGENCIES, DAY)


@pytest.mark.parametrize(
    ("role", "agency"),
    [
        ("clerk", DESK),
        ("leader", DESK),
        ("clerk", REGISTRY),
        ("leader", REGISTRY),
        ("leader", COMMUNE),
        ("leader", "H12.14.01"),
        ("leader", "H12.14"),
        ("leader", PROVINCE),
    ],
)
def test_the_agencies_concerned_and_the_leaders_above_them_read_messages(role: str, agency: str) -> None:
    ask(role, agency)


@pytest.mark.parametrize(
    ("role", "agency"),
    [
        ("clerk", COMMUNE),
        ("clerk", PROVINCE),
        ("clerk", "H12.32.01"),
        ("leader", "H12.32"),
        ("leader", "G01.12"),
        ("clerk", "H99"),
        ("leader", "H99"),
        ("leader", ""),
        ("clerk", ""),
    ],
)
def test_other_agencies_do_not(role: str, agency: str) -> None:
    with pytest.raises(WrongAgency):
        ask(role, agency)


@pytest.mark.parametrize("role", ["clerk", "leader"])
def test_nobody_reads_messages_of_a_dossier_that_concerns_no_agency(role: str) -> None:
    for agency in (DESK, PROVINCE, ""):
        with pytest.raises(WrongAgency):
            ask(role, agency, ())


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"clerk", "leader"}))
def test_no_other_role_reads_messages(role: str) -> None:
    with pytest.raises(NotMessageReader):
        ask(role, DESK)


def test_the_refusals_name_the_roles_or_the_agency() -> None:
    with pytest.raises(Problem) as refused, domain_errors_as_problems():
        ask("citizen", DESK)
    assert (refused.value.status, refused.value.body()["roles"]) == (403, ["clerk", "leader"])
    with pytest.raises(Problem) as refused, domain_errors_as_problems():
        ask("leader", "H12.32")
    assert (refused.value.status, refused.value.body()["type"].rpartition(":")[2]) == (403, "wrong-agency")

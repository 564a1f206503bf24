from __future__ import annotations

import pytest

from services.notify.access import NotMessageReader, require_message_reader
from services.notify.problems import domain_errors_as_problems
from shared.auth import ROLES, Principal
from shared.web.problem import Problem


@pytest.mark.parametrize("role", ["clerk", "leader"])
def test_clerks_and_leaders_of_any_agency_read_messages(role: str) -> None:
    require_message_reader(Principal("official-1", frozenset({role}), "H99"))


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"clerk", "leader"}))
def test_nobody_else_reads_messages(role: str) -> None:
    with pytest.raises(NotMessageReader):
        require_message_reader(Principal("someone", frozenset({role}), "H57.10.01"))


def test_the_refusal_names_the_roles() -> None:
    with pytest.raises(Problem) as refused, domain_errors_as_problems():
        require_message_reader(Principal("someone", frozenset()))
    assert (refused.value.status, refused.value.body()["roles"]) == (403, ["clerk", "leader"])

"""Sentences about the state of steps and dossiers: for every state a sentence of its own, with no null and no code word in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from services.routing.commands.errors import NotInHand, NotOpen
from services.routing.domain.states import DossierState, TaskState
from services.routing.problems import PROBLEMS
from services.routing.sentences import state_of_dossier, state_of_task
from tests.routing.service_fixture import CODE, RoutingFixture, complete

CODE_WORDS = re.compile(r"None|null|awaiting_|\b(open|done|cancelled|active|stopped_)\b")


def is_plain(vi: str, en: str) -> bool:
    """Whether neither sentence shows a null, and the Vietnamese one shows no state's code word."""
    return not CODE_WORDS.search(vi) and "None" not in en and "_" not in en


@pytest.mark.parametrize("state", list(TaskState))
@pytest.mark.parametrize("by", [None, "official-7"])
@pytest.mark.parametrize("at_all", [False, True])
def test_a_step_in_any_state_is_told_in_words(
    sqlite_land: RoutingFixture, state: TaskState, by: str | None, at_all: bool
) -> None:
    task = replace(
        sqlite_land.open_task(),
        state=state,
        completed_by=by,
        completed_at=sqlite_land.store.clock.now() if at_all else None,
    )
    assert is_plain(*state_of_task(task))
    problem = PROBLEMS[NotOpen](NotOpen(task))
    assert is_plain(str(problem.extensions.get("detail", "")), str(problem.extensions.get("detail_en", "")))


@pytest.mark.parametrize("state", list(DossierState))
def test_a_dossier_in_any_state_is_told_in_words(sqlite_land: RoutingFixture, state: DossierState) -> None:
    assert is_plain(*state_of_dossier(CODE, state))
    assert PROBLEMS[NotInHand](NotInHand(replace(sqlite_land.dossier(), state=state)))


def test_a_cancelled_step_was_completed_by_nobody(sqlite_land: RoutingFixture) -> None:
    task = sqlite_land.open_task()
    sqlite_land.withdraw()
    client, clerk = sqlite_land.client(), sqlite_land.token("clerk", task.agency)
    answer: Any = complete(client, task.id, clerk)
    assert (answer.status_code, answer.json["detail"]) == (409, "Bước này không cần thực hiện nữa.")
    page = client.get(f"/routing/tasks/{task.id}", headers=clerk).get_data(as_text=True)
    assert not re.search(r">[^<]*\bNone\b", page)

"""Refusals: incomplete filings, repeated requests, and people without the right."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from services.intake.dossiers.store import dossiers as dossier_table
from shared.client.tracked_dossier import LAND_TRANSFER
from shared.messaging import outbox
from tests.journeys import actors
from tests.journeys.actors import COPY, DESK, LAND_REGISTRY, OTHER_DESK
from tests.journeys.in_process_platform import InProcessPlatform

FILING = {"channel": "counter", "receiving_agency": DESK, **COPY}
PATH = "/intake/api/dossiers"


def stored(platform: InProcessPlatform) -> tuple[int, int]:
    """How many dossiers intake holds, and how many events wait to be sent."""
    with platform.context("intake").store.read() as connection:
        dossiers = connection.execute(select(func.count()).select_from(dossier_table)).scalar_one()
        return dossiers, outbox.backlog(connection)[0]


def test_incomplete_papers_are_refused_by_name_and_leave_nothing(platform: InProcessPlatform) -> None:
    people = platform.people()
    platform.stop_worker("intake")
    before = stored(platform)
    problem = actors.refused(422, people.file, DESK, {**LAND_TRANSFER, "papers": ["application"]})
    assert problem["type"].endswith(":missing-papers")
    assert [paper["code"] for paper in problem["missing"]] == ["certificate", "contract"]
    assert all(paper["name"] in problem["detail"] for paper in problem["missing"])
    assert stored(platform) == before
    assert people.file(DESK, LAND_TRANSFER)["code"].endswith("-0001")  # the refused filing took no number
    assert not list(platform.spool.glob("*"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"procedure": "9.999999"}, "procedure"),
        ({"case": None}, "case"),
        ({"case": "no such case"}, "case"),
        ({"receiving_agency": LAND_REGISTRY}, "receiving_agency"),
        ({"applicant": {**LAND_TRANSFER["applicant"], "id_number": "12"}}, "applicant.id_number"),
        ({"papers": "application"}, "papers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_field_is_refused_by_name(platform: InProcessPlatform, change: dict[str, Any], field: str) -> None:
    body = {"channel": "counter", "receiving_agency": DESK, **LAND_TRANSFER, **change}
    problem = actors.refused(422, platform.people().client_for("clerk", DESK).post, PATH, body)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert stored(platform)[0] == 0


def test_the_same_key_answers_the_same_and_files_once(platform: InProcessPlatform) -> None:
    clerk = platform.people().client_for("clerk", DESK)
    first = clerk.post(PATH, FILING, "the-same-key")
    assert clerk.post(PATH, FILING, "the-same-key") == first
    problem = actors.refused(422, clerk.post, PATH, {**FILING, "papers": ["original", "copy"]}, "the-same-key")
    assert problem["type"].endswith(":key-reused")
    assert stored(platform)[0] == 1
    actors.counts(platform.people(), received=1)


def test_the_same_key_sent_by_many_at_once_files_once(platform: InProcessPlatform) -> None:
    token = platform.people().tokens("clerk", DESK)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "impatient"}
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        status, _, body = actors.raw(platform.address, "POST", PATH, FILING, headers)
        answers.append((status, body))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1, [json.loads(body) for _, body in answers]
    assert answers[0][0] == 201
    assert stored(platform)[0] == 1


def test_a_step_is_completed_once(platform: InProcessPlatform) -> None:
    people = platform.people()
    code = people.file(DESK, LAND_TRANSFER)["code"]
    task = actors.step_at(people, code, "transfer")
    first = people.complete(task, "completed", key="once")
    assert people.complete(task, "completed", key="once") == first
    problem = actors.refused(409, people.complete, task, "completed")
    assert (problem["type"].rpartition(":")[2], problem["state"]) == ("step-completed", "done")
    actors.step_at(people, code, "assessment")
    assert [step["step"] for step in people.routing_view(DESK, code)["steps"]] == ["transfer", "assessment"]


def test_only_the_right_official_of_the_right_agency_completes_a_step(platform: InProcessPlatform) -> None:
    people = platform.people()
    code = people.file(DESK, LAND_TRANSFER)["code"]
    people.complete(actors.step_at(people, code, "transfer"), "completed")
    task = actors.step_at(people, code, "assessment")
    path, body = f"/routing/api/tasks/{task['id']}/complete", {"outcome": "completed"}
    for role, agency, slug in (
        ("clerk", DESK, "wrong-agency"),
        ("officer", "H12.14.03", "wrong-agency"),
        ("leader", OTHER_DESK, "wrong-agency"),
        ("clerk", LAND_REGISTRY, "forbidden"),
        ("citizen", "", "forbidden"),
        ("device", LAND_REGISTRY, "forbidden"),
    ):
        problem = actors.refused(403, people.client_for(role, agency).post, path, body)
        assert problem["type"].endswith(f":{slug}"), (role, agency, problem)
    actors.refused(401, people.public().post, path, body)
    actors.refused(422, people.complete, task, "obligation")
    actors.refused(422, people.complete, task, "completed", amount=1)
    assert actors.step_at(people, code, "assessment")["id"] == task["id"]
    people.complete(task, "completed")


def test_other_desks_and_the_public_see_nothing(platform: InProcessPlatform) -> None:
    people = platform.people()
    receipt = people.file(DESK, COPY)
    code = receipt["code"]
    actors.step_at(people, code, "certify")
    actors.refused(403, people.client_for("clerk", OTHER_DESK).get, f"/intake/api/dossiers/{code}")
    actors.refused(403, people.routing_view, OTHER_DESK, code)
    actors.refused(
        403,
        people.client_for("clerk", OTHER_DESK).post,
        f"/intake/api/dossiers/{code}/return",
        {"identity": "citizen_card"},
    )
    actors.refused(401, people.public().get, f"/intake/api/dossiers/{code}")
    wrong = {"code": code, "secret": "WRONG1"}
    assert (
        actors.refused(404, actors.look_up, people, wrong)["detail"]
        == (actors.refused(404, actors.look_up, people, {"code": f"{DESK}-251103-0999", "secret": "WRONG1"})["detail"])
    )
    seen = json.dumps(actors.look_up(people, receipt), ensure_ascii=False)
    assert not any(text in seen for text in (COPY["applicant"]["name"], "0987654321", COPY["applicant"]["id_number"]))


def test_a_result_is_handed_over_once_and_not_before_it_exists(platform: InProcessPlatform) -> None:
    people = platform.people()
    code = people.file(DESK, COPY)["code"]
    problem = actors.refused(409, people.hand_back, DESK, code)
    assert problem["state_label"] in ("Được tiếp nhận", "Đang xử lý")
    actors.certify(people, code)
    actors.refused(409, people.hand_back, DESK, code)
    actors.counts(people, returned=1)

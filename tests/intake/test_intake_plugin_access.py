"""An agency's own software reads the papers of a step: only while the step is the agency's, and the reading is recorded."""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.plugin_access import store as step_grants
from shared.persistence.reading_audit import reading_audit
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, REGISTRY, IntakeService, at

ASSIGNED_AT = "2025-11-20T10:00:00+07:00"
ENDED_AT = "2025-11-21T09:00:00+07:00"
ENDINGS: dict[str, dict[str, Any]] = {
    "step.completed": {"completed_at": ENDED_AT},
    "step.returned": {"returned_at": ENDED_AT},
    "supplement.requested": {"requested_at": ENDED_AT},
    "dossier.stopped": {"stopped_at": ENDED_AT},
    "dossier.resolved": {"resolved_at": ENDED_AT},
}


@pytest.fixture
def code(intake: IntakeService) -> str:
    filed = str(intake.file()["code"])
    assign(intake, filed)
    return filed


def assign(
    intake: IntakeService, code: str, task: str = "t-1", agency: str = REGISTRY, when: str = ASSIGNED_AT
) -> None:
    intake.receive_event("step.assigned", code, task=task, agency=agency, assigned_at=when)


def read(intake: IntakeService, task: str = "t-1", agency: str = REGISTRY, role: str = "agency") -> Any:
    return intake.get(f"/agency/steps/{task}/papers", agency=agency, role=role)


def test_the_papers_of_a_step(intake: IntakeService, code: str) -> None:
    answer = read(intake)
    assert answer.status_code == 200
    papers = answer.json.pop("papers")
    assert [(paper["code"], paper["kind"], paper["copies"]) for paper in papers] == [
        ("application", "form", 1),
        ("certificate", "original", 1),
        ("contract", "original", 1),
    ]
    assert {**answer.json, "papers": 0} == {
        "dossier": code,
        "procedure": LAND,
        "case": "transfer",
        "received_at": "2025-11-20T08:15:00+07:00",
        "papers": 0,
        "applicant": {
            "name": "Nguyễn Thị Bưởi",
            "id_number": "095185001234",
            "id_kind": "citizen_id",
            "phone": "0912345678",
            "email": "buoi@example.vn",
            "address": "Ấp Long Thành",
            "birth_date": "",
            "sex": "",
            "old_id_number": "",
        },
        "representative": None,
        "co_applicants": [],
    }
    assert [(row["action"], row["agency"], row["roles"], row["record"]) for row in intake.rows(reading_audit)] == [
        ("papers", REGISTRY, "agency", code)
    ]


def id_made_at(moment: datetime) -> str:
    """A UUIDv7 of a moment."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | 1))


def test_a_step_whose_event_is_under_way_is_not_yet_known(intake: IntakeService, code: str) -> None:
    task = id_made_at(intake.context.clock.wall())
    for agency in (REGISTRY, OTHER_DESK):  # whose it is cannot be known either
        answer = read(intake, task, agency)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json["type"] == "urn:motcua:problem:step-not-yet-known"
        assert (answer.json["code"], answer.json["retry_after"]) == ("step_not_yet_known", 2)
    assign(intake, code, task)
    assert [read(intake, task, agency).status_code for agency in (REGISTRY, OTHER_DESK)] == [200, 403]


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(days=-1), 503),  # the clock of the machine that made it is ahead
        (timedelta(days=6, hours=23), 503),
        (timedelta(days=7, seconds=1), 404),
        (timedelta(days=4000), 404),
    ],
)
def test_a_step_is_waited_for_while_its_event_may_come(intake: IntakeService, age: timedelta, status: int) -> None:
    answer = read(intake, id_made_at(intake.context.clock.wall() - age))
    assert answer.status_code == status


@pytest.mark.parametrize(
    "task",
    [
        "t-9",
        "5d0c3c0e-5a3c-4c11-8d60-0c6f2a8a2b11",  # of another version
        "0198F0A2-5A3C-7C11-8D60-0C6F2A8A2B11",  # as no id of ours is written
        "ffffffff-ffff-7fff-bfff-ffffffffffff",  # of the year 10889
        "bước-thẩm-định",
        "1" * 2000,
    ],
)
def test_an_unknown_step(intake: IntakeService, task: str) -> None:
    answer = read(intake, task)
    assert (answer.status_code, answer.json["type"]) == (404, "urn:motcua:problem:unknown-step")
    assert answer.json["code"] == "unknown_step"


def test_papers_need_a_token(intake: IntakeService, code: str) -> None:
    assert intake.client.get("/intake/api/agency/steps/t-1/papers").status_code == 401
    unknown = id_made_at(intake.context.clock.wall())
    assert intake.client.get(f"/intake/api/agency/steps/{unknown}/papers").status_code == 401
    assert read(intake, unknown, role="officer").status_code == 403


@pytest.mark.parametrize(
    ("agency", "role"),
    [(OTHER_DESK, "agency"), (DESK, "agency"), ("", "agency"), (REGISTRY, "officer"), (REGISTRY, "clerk")],
)
def test_all_others_are_refused(intake: IntakeService, code: str, agency: str, role: str) -> None:
    assert read(intake, agency=agency, role=role).status_code == 403
    assert intake.rows(reading_audit) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_step_that_is_over(intake: IntakeService, code: str, ending: str) -> None:
    intake.receive_event(ending, code, task="t-1", agency=REGISTRY, **ENDINGS[ending])
    answer = read(intake)
    assert (answer.status_code, answer.json["type"]) == (410, "urn:motcua:problem:step-over")
    assert read(intake, agency=OTHER_DESK).status_code == 403
    assert intake.rows(reading_audit) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_step_whose_end_arrives_first_is_never_open(intake: IntakeService, ending: str) -> None:
    code = intake.file()["code"]
    intake.receive_event(ending, code, 2, task="t-1", agency=REGISTRY, **ENDINGS[ending])
    assign(intake, code)
    assert read(intake).status_code == 410
    assign(intake, code)
    assert read(intake).status_code == 410


@pytest.mark.parametrize("ending", ["step.completed", "step.returned", "supplement.requested"])
def test_the_end_of_one_step_leaves_the_others_open(intake: IntakeService, code: str, ending: str) -> None:
    assign(intake, code, "t-2", DESK)
    intake.receive_event(ending, code, task="t-1", agency=REGISTRY, **ENDINGS[ending])
    assert (read(intake).status_code, read(intake, "t-2", DESK).status_code) == (410, 200)


@pytest.mark.parametrize("ending", ["dossier.stopped", "dossier.resolved"])
def test_the_end_of_a_dossier_ends_all_its_grants(intake: IntakeService, code: str, ending: str) -> None:
    assign(intake, code, "t-2", DESK)
    other = intake.file()["code"]
    assign(intake, other, "t-3", DESK)
    intake.receive_event(ending, code, **ENDINGS[ending])
    statuses = [read(intake, task, agency).status_code for task, agency in (("t-1", REGISTRY), ("t-2", DESK))]
    assert statuses == [410, 410]
    assert read(intake, "t-3", DESK).status_code == 200


def test_an_older_step_is_open_beside_the_newest_one(intake: IntakeService, code: str) -> None:
    assign(intake, code, "t-2", DESK, "2025-11-20T09:59:00+07:00")
    assert read(intake, "t-2", DESK).status_code == 200


def test_a_supplement_restores_the_grant(intake: IntakeService, code: str) -> None:
    intake.receive_event("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at=ENDED_AT)
    assert intake.post(f"/dossiers/{code}/supplement", {"papers": ["Bản vẽ"]}).status_code == 200
    assert read(intake).status_code == 410
    intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    answer = read(intake)
    assert (answer.status_code, answer.json["papers"][-1]["name"]) == (200, "Bản vẽ")
    intake.receive_event("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at=ENDED_AT)
    assert read(intake).status_code == 200
    intake.receive_event("step.completed", code, task="t-1", agency=REGISTRY, completed_at="2025-11-26T09:00:00+07:00")
    intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    assert read(intake).status_code == 410


def test_a_supplement_does_not_restore_a_step_that_has_ended_since(intake: IntakeService, code: str) -> None:
    intake.receive_event("supplement.requested", code, task="t-1", agency=REGISTRY, requested_at=ENDED_AT)
    intake.receive_event("step.returned", code, task="t-1", agency=REGISTRY, returned_at="2025-11-22T09:00:00+07:00")
    intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    assert read(intake).status_code == 410


def test_after_a_merger_the_successor_reads(intake: IntakeService) -> None:
    intake.hand_clock.seconds = at("2025-06-26 08:00").timestamp()
    code = intake.file(receiving_agency="000.21.34.H04")["code"]
    assign(intake, code, agency="000.21.34.H04", when="2025-06-26T09:00:00+07:00")
    intake.hand_clock.seconds = at("2025-07-03 08:00").timestamp()
    with intake.store.uow() as work:
        successor = work.reference.agencies.successor("000.21.34.H04", at("2025-07-03 08:00").date()).code
    assert read(intake, agency=successor).status_code == 200


MOMENTS = [at(f"2025-11-{day} 09:00") for day in range(20, 26)]
CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from(MOMENTS)), unique=True, max_size=5)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
def test_the_newest_event_counts_in_any_order_of_arrival(
    intake: IntakeService, changes: list[tuple[bool, datetime]]
) -> None:
    """At the same moment the end counts."""
    granted = max((moment for grants, moment in changes if grants), default=None)
    ended = max((moment for grants, moment in changes if not grants), default=None)
    is_open = granted is not None and (ended is None or granted > ended)
    with intake.store.uow() as work:
        work.connection.execute(step_grants.step_grants.delete())
        for number, order in enumerate(itertools.islice(itertools.permutations(changes), 24)):
            task = f"t-{number}"
            for grants, moment in order:
                change = step_grants.grant if grants else step_grants.revoke
                change(work.connection, "D-1", task, REGISTRY, moment)
                change(work.connection, "D-1", task, REGISTRY, moment)
            grant = step_grants.find(work.connection, task)
            assert (grant is not None and grant.is_open) == is_open, order

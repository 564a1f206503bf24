"""Events that say something else of what intake knows are parked and overwrite nothing; the same again is a duplicate."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.migrations import metadata
from services.intake.supplements.domain import moved_end
from shared.messaging import tables as bus_tables
from shared.messaging.retry_policy import CONFLICT
from tests.intake.service_fixture import IntakeService, at

OWN_TABLES = [table for table in metadata.sorted_tables if table.name not in bus_tables.metadata.tables]


@pytest.fixture
def code(intake: IntakeService) -> str:
    return str(intake.file()["code"])


def contents(intake: IntakeService) -> dict[str, list[dict[str, Any]]]:
    return {table.name: intake.rows(table) for table in OWN_TABLES}


CONTRADICTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("obligation.requested", {"amount": 1}, "amount"),
    ("obligation.requested", {"kind": "fine"}, "kind"),
    ("obligation.requested", {"name": "Khác"}, "name"),
    ("obligation.requested", {"agency": "H12.14.02"}, "agency"),
    ("obligation.requested", {"requested_at": "2025-11-26T09:00:00+07:00"}, "requested_at"),
    ("supplement.requested", {"papers": ["Khác"]}, "papers"),
    ("supplement.requested", {"reason": "Khác"}, "reason"),
    ("supplement.requested", {"agency": "H12.14.02"}, "agency"),
    ("supplement.requested", {"requested_at": "2025-11-22T09:00:00+07:00"}, "requested_at"),
    ("supplement.requested", {"until": "2025-12-09T23:59:00+07:00"}, "first_until"),
    ("dossier.extended", {"due_at": "2025-12-10T17:30:00+07:00"}, "due_at"),
    ("dossier.extended", {"was_due_at": "2025-12-03T17:30:00+07:00"}, "was_due_at"),
    ("dossier.extended", {"reason": "Khác"}, "reason"),
    ("dossier.extended", {"agency": "H12.14.02"}, "agency"),
    ("dossier.deadline_moved", {"moved_to": "2025-12-08T17:30:00+07:00"}, "moved_to"),
    ("dossier.stopped", {"cause": "stopped"}, "cause"),
    ("dossier.resolved", {"outcome": "refused"}, "outcome"),
]


@pytest.mark.parametrize(("name", "other", "field"), CONTRADICTIONS)
def test_other_contents_of_what_is_known_are_parked(
    intake: IntakeService, code: str, name: str, other: dict[str, Any], field: str
) -> None:
    intake.receive_event(name, code)
    before = contents(intake)
    assert intake.receive_event(name, code).applied == 1, "the same, sent again under another id"
    assert contents(intake) == before
    assert intake.receive_event(name, code, **other).parked == 1
    assert contents(intake) == before
    (held,) = intake.rows(bus_tables.retry_queue)
    assert (held["kind"], held["reason"].endswith(f"known with another {field}")) == (CONFLICT, True)
    assert [told["data"]["record"] for told in intake.emitted("store.conflicted")] == [code]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("obligation.requested", {"obligation": "o-1"}),
        ("supplement.requested", {"task": "t-1"}),
        ("step.assigned", {"task": "t-1"}),
        ("step.completed", {"task": "t-1"}),
        ("step.returned", {"task": "t-1"}),
    ],
)
def test_an_id_of_another_dossier_is_parked(intake: IntakeService, code: str, name: str, ids: dict[str, Any]) -> None:
    intake.receive_event(name, str(intake.file()["code"]), **ids)
    before = contents(intake)
    assert intake.receive_event(name, code, **ids).parked == 1
    assert contents(intake) == before


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("dossier.deadline_moved", {"moved_at": "2025-12-02T08:00:00+07:00"}),
        ("dossier.stopped", {"stopped_at": "2025-12-09T17:30:00+07:00"}),
        ("dossier.resolved", {"resolved_at": "2025-12-03T09:00:00+07:00"}),
    ],
)
def test_what_is_decided_again_after_a_restore_is_no_contradiction(
    intake: IntakeService, code: str, name: str, again: dict[str, Any]
) -> None:
    """Routing was restored from a backup, and its steps stood open again (docs/backup.md). What came first stays."""
    intake.receive_event(name, code)
    before = intake.rows(name.replace("dossier.deadline_moved", "moved_deadline").split(".")[0])
    assert intake.receive_event(name, code, **again).applied == 1
    assert intake.rows(name.replace("dossier.deadline_moved", "moved_deadline").split(".")[0]) == before


@pytest.mark.parametrize("end", [None, "paid", "supplemented", "stopped"])
def test_a_request_sent_again_later_is_a_duplicate(intake: IntakeService, code: str, end: str | None) -> None:
    """Whatever has become of it since: its end has moved, it was answered, the dossier is over."""
    requested = ("supplement.requested", "obligation.requested")
    for name in requested:
        intake.receive_event(name, code)
    moved: dict[str, Any] = {
        "deadline": "supplement",
        "was_at": "2025-12-08T23:59:00+07:00",
        "moved_to": "2025-12-09T23:59:00+07:00",
    }
    intake.receive_event("dossier.deadline_moved", code, **moved)
    if end == "supplemented":
        intake.post(f"/dossiers/{code}/supplement", {"papers": ["contract"], "note": "Đủ"})
    elif end == "stopped":
        intake.receive_event("dossier.stopped", code)
    elif end == "paid":
        intake.post(f"/dossiers/{code}/supplement", {"papers": ["contract"]})
        (owed,) = intake.rows("obligation")
        paid = {"obligation": owed["id"], "amount": owed["amount"], "method": "cash"}
        assert intake.post(f"/dossiers/{code}/payments", paid).status_code == 201
    before = contents(intake)
    for name in requested:
        assert intake.receive_event(name, code).applied == 1
    assert contents(intake) == before
    assert intake.rows("supplement_request")[0]["until"] == at("2025-12-09 23:59")
    assert intake.rows(bus_tables.retry_queue) == []


def test_an_end_that_moved_before_the_request_came_is_the_moved_one(intake: IntakeService, code: str) -> None:
    moved: dict[str, Any] = {
        "deadline": "supplement",
        "was_at": "2025-12-08T23:59:00+07:00",
        "moved_to": "2025-12-09T23:59:00+07:00",
    }
    intake.receive_event("dossier.deadline_moved", code, 2, **moved)
    intake.receive_event("supplement.requested", code, 1)
    (request,) = intake.rows("supplement_request")
    assert (request["until"], request["first_until"]) == (at("2025-12-09 23:59"), at("2025-12-08 23:59"))


def test_moves_of_an_end_are_followed_forwards_only() -> None:
    days = [at(f"2025-12-0{day} 23:59") for day in range(1, 6)]
    assert moved_end(days[0], {days[0]: days[1], days[1]: days[3]}) == days[3]
    assert moved_end(days[2], {days[0]: days[1], days[3]: days[2], days[2]: days[1]}) == days[2]
    assert moved_end(None, {days[0]: days[1]}) is None

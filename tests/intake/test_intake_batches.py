"""Batches of events from routing: their dossiers are locked at once, and each event sees what those before it have changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import event as sqlalchemy_event

from services.intake.handlers import LOCKING
from shared.contracts import REGISTRY
from shared.messaging.event import Event
from tests.intake.service_fixture import REGISTRY as LAND_REGISTRY
from tests.intake.service_fixture import IntakeService
from tests.support.events import deliveries, event

NINE, TEN, NOON = (f"2025-11-20T{hour}:00:00+07:00" for hour in ("09", "10", "12"))


def about(code: str, name: str, sequence: int, **data: Any) -> Event:
    made = event(name, sequence, id=f"{name}-{code}-{sequence}", dossier=code)
    return replace(made, data=made.data | data)


def assigned(code: str, sequence: int, when: str) -> Event:
    return about(code, "step.assigned", sequence, agency=LAND_REGISTRY, task=f"{code}-{when}", assigned_at=when)


def test_the_dossiers_of_a_batch_are_read_in_one_statement(intake: IntakeService) -> None:
    codes = [str(intake.file()["code"]) for _ in range(3)]
    reads: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM dossier " in statement:
            reads.append(statement)

    sqlalchemy_event.listen(intake.store.engine, "before_cursor_execute", note)
    outcome = intake.applier.apply(deliveries(*(assigned(code, 1, TEN) for code in codes)))
    sqlalchemy_event.remove(intake.store.engine, "before_cursor_execute", note)
    assert outcome.applied == 3
    assert len(reads) == 1
    assert [row["state"] for row in intake.rows("dossier")] == [4, 4, 4]


def test_an_event_sees_what_those_before_it_in_the_batch_have_changed(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    resolved = about(code, "dossier.resolved", 2, outcome="granted", resolved_at=NOON)
    outcome = intake.applier.apply(deliveries(assigned(code, 1, TEN), resolved, assigned(code, 3, NINE)))
    assert outcome.applied == 3
    (row,) = intake.rows("dossier")
    assert (row["state"], row["place_step"]) == (9, "")
    assert [row["state"] for row in intake.rows("transition")] == [4, 9]
    revoked = {row["task"]: row["revoked_at"].isoformat() for row in intake.rows("step_grant")}
    assert revoked == {f"{code}-{TEN}": NOON, f"{code}-{NINE}": NINE}, "what comes too late is known, and over at once"


def test_an_unknown_dossier_holds_up_no_other_of_its_batch(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    outcome = intake.applier.apply(deliveries(assigned("H12.31.01-1-2-3", 1, TEN), assigned(code, 1, TEN)))
    assert (outcome.applied, outcome.queued) == (1, 1)
    assert [row["state"] for row in intake.rows("dossier")] == [4]


def test_events_that_lock_a_dossier_have_its_code_as_their_key() -> None:
    assert {REGISTRY.by_name[name].key for name in (*LOCKING, "message.sent")} == {"dossier"}

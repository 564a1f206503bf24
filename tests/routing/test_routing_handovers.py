"""Hand-overs between agencies (form 06): given, received, refused, sent again, lapsed; and detection of tampering."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update

from services.routing.commands.complete import complete_task
from services.routing.commands.errors import NotAllowed
from services.routing.commands.hand_over import accept, refuse, resend
from services.routing.domain.handover import HandoverNotAllowed
from services.routing.queries.control_sheet import verify_sheets
from services.routing.store import tasks
from services.routing.store.tables import dossiers, handovers
from services.routing.store.tasks import Task
from shared.persistence.unit_of_work import UnitOfWork
from tests.routing.route_builders import begin, step
from tests.routing.service_fixture import CODE, DESK, REGISTRY, TAX, Client, RoutingFixture, at, complete
from tests.support.pdf import text_of


def entries_of(service: RoutingFixture) -> list[tuple[str, str, str, str]]:
    """Kind, step, sender and receiver of every entry; the sheet must be sound."""
    return [(entry.kind.value, entry.step, entry.from_agency, entry.to_agency) for entry in service.entries()]


def given(land: RoutingFixture) -> Task:
    """The land registry is given its first step."""
    land.complete("transfer")
    return land.step("assessment")


def test_a_hand_over_within_an_agency_needs_no_acknowledgement(land: RoutingFixture) -> None:
    task = land.step("transfer")
    assert (task.accepted_at, task.accepted_by, task.receipt_due_at) == (task.assigned_at, "", None)
    assert entries_of(land) == [("given", "transfer", DESK, DESK), ("received", "transfer", DESK, DESK)]


def test_another_agency_must_acknowledge_the_hand_over(land: RoutingFixture) -> None:
    task = given(land)
    assert (task.accepted_at, task.receipt_due_at) == (None, at("2025-11-21 17:30"))  # another level: one working day
    land.advance(timedelta(hours=1))
    taken = land.run(lambda work: accept(work, task.id, "officer-1"))
    assert (taken.accepted_at, taken.accepted_by) == (at("2025-11-20 09:15"), "officer-1")
    assert entries_of(land)[2:] == [("given", "assessment", DESK, REGISTRY), ("received", "assessment", DESK, REGISTRY)]
    assert (land.entries()[-1].result, land.entries()[-2].by) == ("early", "official-7")
    assert land.run(lambda work: accept(work, task.id, "officer-2")) == taken, "once more changes nothing"
    assert len(land.entries()) == 4


def test_completing_a_step_acknowledges_its_hand_over(land: RoutingFixture) -> None:
    given(land)
    land.complete("assessment", "no_tax")
    assert [entry.kind for entry in land.entries() if entry.step == "assessment"] == ["given", "received"]
    assert land.tasks()[1].accepted_by == "official-7"


def test_steps_completed_in_one_transaction_leave_a_sound_control_sheet(land: RoutingFixture) -> None:
    def complete_two(work: UnitOfWork) -> None:
        complete_task(work, land.step("transfer").id, "completed", "", None, "official-7")
        (following,) = tasks.open_of_root(work.connection, CODE)
        complete_task(work, following.id, "no_tax", "", None, "official-8")

    land.run(complete_two)
    assert [kind for kind, *_ in entries_of(land)] == ["given", "received"] * 3


def test_a_refused_step_stays_with_its_sender_until_it_is_sent_again(land: RoutingFixture) -> None:
    task = given(land)
    with pytest.raises(HandoverNotAllowed, match="handover_refused_without_reason"):
        land.run(lambda work: refuse(work, task.id, " ", "officer-1"))
    refused = land.run(lambda work: refuse(work, task.id, "Thiếu bản đồ", "officer-1"))
    assert (refused.state, refused.refusal, refused.next_check_at) == ("open", "Thiếu bản đồ", None)
    assert land.event_names("step.returned") == ["step.returned"]
    for act in (
        lambda work: accept(work, task.id, "officer-1"),
        lambda work: refuse(work, task.id, "Lần nữa", "officer-1"),
    ):
        with pytest.raises(NotAllowed, match="step_refused"):
            land.run(act)
    with pytest.raises(NotAllowed, match="step_refused"):
        land.complete("assessment", "no_tax")
    with pytest.raises(NotAllowed, match="step_refused"):
        land.request_supplement("assessment")
    land.advance_to(at("2025-11-24 08:00"))
    sent = land.run(lambda work: resend(work, task.id, "Đã kèm bản đồ", "clerk-1"))
    assert (sent.refused_at, sent.refusal, sent.accepted_at) == (None, None, None)
    assert sent.due_at == at("2025-11-26 08:00"), "its due time restarts"
    assert sent.receipt_due_at == at("2025-11-25 17:30")
    with pytest.raises(NotAllowed, match="resend_of_accepted"):
        land.run(lambda work: resend(work, task.id, "Lần nữa", "clerk-1"))
    land.complete("assessment", "no_tax")
    assert [kind for kind, place, *_ in entries_of(land) if place == "assessment"] == [
        "given",
        "refused",
        "resent",
        "received",
    ]
    assert [entry.cause for entry in land.entries() if entry.kind == "refused"] == ["Thiếu bản đồ"]


def test_an_acknowledged_step_can_still_be_handed_back(land: RoutingFixture) -> None:
    task = given(land)
    land.run(lambda work: accept(work, task.id, "officer-1"))
    land.run(lambda work: refuse(work, task.id, "Không thuộc địa bàn", "officer-1"))
    assert [kind for kind, *_ in entries_of(land)][-2:] == ["received", "refused"]


def test_a_hand_over_within_an_agency_cannot_be_refused(sqlite_land: RoutingFixture) -> None:
    with pytest.raises(NotAllowed, match="refusal_of_own_work"):
        sqlite_land.run(lambda work: refuse(work, sqlite_land.step("transfer").id, "Bận", "clerk-1"))


def test_an_unacknowledged_hand_over_lapses_once(land: RoutingFixture) -> None:
    given(land)
    land.advance_to(at("2025-11-21 17:30"))
    land.sweep()
    assert [entry.kind for entry in land.entries()][-1] == "given"
    land.advance(1)
    land.sweep()
    land.advance(timedelta(days=1))
    land.sweep()
    assert [entry.kind for entry in land.entries() if entry.step == "assessment"] == ["given", "lapsed"]
    land.complete("assessment", "no_tax")
    last = [entry for entry in land.entries() if entry.step == "assessment"][-1]
    assert (last.kind, last.result) == ("received", "late")


def test_at_the_same_level_the_end_of_the_day_is_the_limit(sqlite_service: RoutingFixture) -> None:
    begin(sqlite_service, [step("entry", "one_stop_desk", "police"), step("police", "police", "end")])
    sqlite_service.complete("entry")
    assert sqlite_service.step("police").receipt_due_at == at("2025-11-20 17:30")


def test_hand_overs_over_the_api(land: RoutingFixture, client: Client) -> None:
    task = given(land)
    officer, clerk = land.token("officer", REGISTRY, "officer-1"), land.token("clerk", DESK, "clerk-1")

    def post(act: str, headers: dict[str, str], **body: str) -> Any:
        return client.post(f"/routing/api/tasks/{task.id}/{act}", json=body or None, headers=headers)

    assert post("accept", clerk).status_code == 403
    assert post("return", officer, reason="").status_code == 422
    assert post("return", officer, reason="Thiếu bản đồ").json["refusal"] == "Thiếu bản đồ"
    assert complete(client, task.id, officer, "no_tax").json["code"] == "step_refused"
    assert post("resend", officer, text="x").status_code == 403
    assert post("resend", clerk, text="Đã kèm").json["refusal"] is None
    assert post("accept", officer).json["accepted_by"] == "officer-1"
    sheet = client.get(f"/routing/api/dossiers/{CODE}/control-sheet", headers=clerk).json
    assert (sheet["sound"], sheet["fault"], len(sheet["entries"])) == (True, None, 6)
    stranger = land.token("officer", TAX)
    assert client.get(f"/routing/api/dossiers/{CODE}/control-sheet", headers=stranger).status_code == 403
    printed = client.get(f"/routing/dossiers/{CODE}/control-sheet.pdf", headers=clerk)
    text = text_of(printed.data)
    for part in ("PHIẾU KIỂM SOÁT", "Mẫu số 06", CODE, "Giao:", "Nhận:", f"Phiếu gồm {len(sheet['entries'])} mục"):
        assert part in text
    assert sheet["entries"][-1]["hash"] in text.replace(" ", "")
    assert client.get(f"/routing/dossiers/{CODE}/control-sheet.pdf", headers=stranger).status_code == 403


OF_IT = handovers.c.dossier == CODE


def change(table: Table, **values: Any) -> Callable[[Any], None]:
    where = OF_IT & (table.c.number == 2) if table is handovers else table.c.code == CODE
    return lambda connection: connection.execute(update(table).where(where).values(**values))


def add_entry(connection: Any) -> None:
    """One that follows from the last, hash and all, but that the dossier has not noted."""
    row = dict(
        connection.execute(select(handovers).where(OF_IT).order_by(handovers.c.number.desc()).limit(1)).mappings().one()
    )
    connection.execute(insert(handovers).values(row | {"number": row["number"] + 1, "previous": row["hash"]}))


TAMPERINGS = {
    "who": change(handovers, by="somebody-else"),
    "when": change(handovers, at=at("2025-11-20 08:00")),
    "result": change(handovers, result="early"),
    "moved": change(handovers, number=20),
    "removed": lambda connection: connection.execute(delete(handovers).where(OF_IT, handovers.c.number == 2)),
    "cut": lambda connection: connection.execute(delete(handovers).where(OF_IT, handovers.c.number >= 3)),
    "all gone": lambda connection: connection.execute(delete(handovers).where(OF_IT)),
    "added": add_entry,
    "noted otherwise": change(dossiers, control_sheet_hash="0" * 64),
    "not noted": change(dossiers, control_sheet_entries=0, control_sheet_hash=""),
}


@pytest.mark.parametrize("tampering", list(TAMPERINGS))
def test_tampering_is_found(land: RoutingFixture, tampering: str) -> None:
    given(land)
    land.receive("000.00.14.H57-251120-0119")
    with land.store.uow() as work:
        TAMPERINGS[tampering](work.connection)
    client, clerk = land.client(), land.token("clerk", DESK)
    sheet = client.get(f"/routing/api/dossiers/{CODE}/control-sheet", headers=clerk).json
    assert sheet["sound"] is False
    with land.store.read() as connection:
        found = dict(verify_sheets(connection))
        (one,) = verify_sheets(connection, CODE)
    assert found == {CODE: sheet["fault"], "000.00.14.H57-251120-0119": None}
    assert one == (CODE, sheet["fault"])

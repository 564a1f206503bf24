"""Deadlines on a virtual clock: dossiers that become late, that wait without becoming late, and old ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.intake.filing.domain.dossier_code import CodePattern
from shared.client.http import wait_for
from shared.client.tracked_dossier import LAND_TRANSFER, DossierDriver, TrackedDossier
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference
from tests.journeys import actors
from tests.journeys.actors import COPY, DESK
from tests.journeys.conftest import MONDAY
from tests.journeys.event_recorder import EventRecorder
from tests.journeys.in_process_platform import InProcessPlatform, manual_clock
from tests.support.backends import Backends

OLD_DESK = "000.23.34.H04"  # Bộ phận Tiếp nhận và Trả kết quả xã Phước Long, huyện Phước Long, tỉnh Bạc Liêu
DISTRICT_LAND_REGISTRY = "001.34.13.H04"
DISTRICT_TAX_OFFICE = "000.34.04.G12"


@pytest.fixture
def event_recorder(platform: InProcessPlatform) -> Iterator[EventRecorder]:
    """Sees every event of `platform`."""
    seeing = EventRecorder(platform.settings.bus_url)
    yield seeing
    seeing.close()


def test_a_dossier_becomes_overdue_once_and_counts_late_once(
    platform: InProcessPlatform, event_recorder: EventRecorder
) -> None:
    people = platform.people()
    receipt = people.file(DESK, COPY)
    due = datetime.fromisoformat(receipt["promised_at"])
    assert due == MONDAY.replace(hour=17, minute=30)  # received in the morning: due the same day
    task = actors.step_at(people, receipt["code"], "certify")
    platform.clock.pass_to(due - timedelta(minutes=1))
    punctual = people.file(DESK, COPY)["code"]  # due tomorrow; the sweeps until then see the first dossier too
    actors.step_at(people, punctual, "certify")
    actors.counts(people, received=2, in_progress_overdue=0, late=0)
    platform.clock.pass_to(due + timedelta(minutes=1))
    actors.counts(people, received=2, in_progress=2, in_progress_overdue=1, overdue=1, late=1)
    platform.clock.pass_to(MONDAY + timedelta(days=1, hours=1))
    people.complete(task, "completed")
    summary = actors.counts(people, resolved=1, resolved_late=1, on_time=0, late=1, overdue=1, in_progress_overdue=0)
    assert summary["on_time_share"] == 0
    assert actors.listed(people, "late") == [receipt["code"]]
    (overdue,) = event_recorder.seen("dossier.overdue")
    assert (overdue.data["dossier"], overdue.data["step"], overdue.data["agency"]) == (receipt["code"], "certify", DESK)
    (resolved,) = event_recorder.wait_for("dossier.resolved")
    assert resolved.data["on_time"] is False


def test_a_late_dossier_ends_with_a_signed_numbered_apology(
    platform: InProcessPlatform, event_recorder: EventRecorder
) -> None:
    people = platform.people()
    receipt = people.file(DESK, COPY)
    code, due = receipt["code"], datetime.fromisoformat(receipt["promised_at"])
    actors.step_at(people, code, "certify")
    platform.clock.pass_to(due + timedelta(minutes=1))
    event_recorder.wait_for("apology.missing")
    leader = people.client_for("leader", DESK)
    (draft,) = leader.get("/routing/api/apologies")["items"]
    assert (draft["dossier"], draft["agency"], draft["reports"]) == (code, DESK, 1)
    new = MONDAY.replace(hour=16, minute=0) + timedelta(days=3)
    body = {"cause": "workload", "reason": "Máy in hỏng.", "new_due_at": new.isoformat()}
    signed = leader.post(f"/routing/api/apologies/{draft['id']}/sign", body)
    number = f"01/PXL-{DESK}"
    assert signed["written_number"] == number
    text = wait_for(lambda: people.received_text(code, "apology"), actors.TIMEOUT, "the message with the apology")
    assert number in text
    assert f"16:00 {new:%d/%m/%Y}" in text

    def seen() -> Any:
        shown = actors.look_up(people, receipt)
        return shown["reappointments"] or None

    (told,) = wait_for(seen, actors.TIMEOUT, "the apology in the look-up")
    assert (told["number"], told["late"], told["due_at"]) == (number, True, new.isoformat())
    assert "Máy in hỏng." in told["reason"]
    assert actors.look_up(people, receipt)["overdue"], "what is late stays late"
    assert "Máy in" not in str(event_recorder.wait_for("apology.signed")[0].data)
    actors.listed(people, "apologised")


def test_waiting_for_the_tax_payment_makes_no_dossier_late(
    platform: InProcessPlatform, event_recorder: EventRecorder
) -> None:
    people = platform.people()
    waiting = people.file(DESK, LAND_TRANSFER)
    late = people.file(DESK, LAND_TRANSFER)["code"]
    for step in ("transfer", "assessment"):
        people.complete(actors.step_at(people, waiting["code"], step), "completed")
    people.complete(actors.step_at(people, waiting["code"], "tax"), "obligation", amount=1_000_000)
    actors.step_at(people, waiting["code"], "tax", "awaiting_payment")
    actors.step_at(people, late, "transfer")
    platform.clock.pass_to(datetime.fromisoformat(waiting["promised_at"]) + timedelta(days=20))
    event_recorder.wait_for("dossier.overdue")  # of the other dossier; the same sweep has skipped this one
    assert actors.look_up(people, waiting)["paused"]
    desk = people.client_for("clerk", DESK)
    (owed,) = desk.get(f"/intake/api/dossiers/{waiting['code']}")["obligations"]
    people.pay(DESK, waiting["code"], owed["amount"], owed["id"])
    actors.step_at(people, waiting["code"], "printing")
    DossierDriver(people, timeout=actors.TIMEOUT).work_through(_traveller(waiting))
    summary = actors.counts(people, resolved=1, on_time=1, in_progress_overdue=1)
    assert summary["resolved_late"] == 0
    due_day = datetime.fromisoformat(waiting["promised_at"]).date()
    actors.counts_of_day(people, due_day, late=1, overdue=1)  # on the day it was due, not when a sweep noticed it
    assert [event.data["dossier"] for event in event_recorder.seen("dossier.overdue")] == [late]
    view = people.routing_view(DESK, waiting["code"])
    assert view["on_time"] is True
    assert datetime.fromisoformat(view["clock"]["due_at"]) > platform.clock.now()
    extended = wait_for(
        lambda: not actors.look_up(people, waiting)["paused"] and actors.look_up(people, waiting),
        20,
        "the clock resumed",
    )
    assert extended["due_at"] == view["clock"]["due_at"]
    assert extended["promised_at"] == waiting["promised_at"]


def test_a_dossier_of_2017_goes_through_commune_and_district(file_backends: Backends, tmp_path: Path) -> None:
    wednesday = datetime(2017, 3, 1, 8, 0, tzinfo=VIETNAM)
    with InProcessPlatform(tmp_path, file_backends, manual_clock(wednesday)) as platform:
        people = platform.people()
        journey = DossierDriver(people, timeout=actors.TIMEOUT)
        tracked = journey.file(OLD_DESK, LAND_TRANSFER)
        assert CodePattern().parse(tracked.code) == CodePattern().parse(f"{OLD_DESK}-170301-0001")
        assert tracked.receipt["regulation"] == "qd09-2015"
        view = journey.work_through(tracked)
        agencies = {step["step"]: step["agency"] for step in view["steps"]}
        assert agencies["transfer"] == OLD_DESK
        assert agencies["assessment"] == view["handling_agency"] == DISTRICT_LAND_REGISTRY
        assert agencies["tax"] == DISTRICT_TAX_OFFICE
        assert _levels(platform.reference, set(agencies.values()), wednesday) == {"commune", "district"}
        journey.hand_back(tracked)
        journey.rate(tracked, 4)
        assert actors.counts_of_desk(people, OLD_DESK, rated=1, returned=1, on_time=1)["period"]["from"] == "2017-03-01"


def test_a_dossier_continues_after_its_district_was_dissolved(file_backends: Backends, tmp_path: Path) -> None:
    friday = datetime(2025, 6, 27, 8, 0, tzinfo=VIETNAM)
    with InProcessPlatform(tmp_path, file_backends, manual_clock(friday)) as platform:
        people = platform.people()
        receipt = people.file(OLD_DESK, LAND_TRANSFER)
        code = receipt["code"]
        people.complete(actors.step_at(people, code, "transfer", desk=OLD_DESK), "completed")
        assert actors.step_at(people, code, "assessment", desk=OLD_DESK)["agency"] == DISTRICT_LAND_REGISTRY
        platform.clock.pass_to(datetime(2025, 7, 2, 8, 0, tzinfo=VIETNAM))
        successor = platform.reference.agencies.successor(OLD_DESK, platform.clock.now().date()).code
        task = actors.step_at(people, code, "assessment", desk=successor)
        registry = people.client_for("officer", "H12.14.02")
        registry.post(f"/routing/api/tasks/{task['id']}/complete", {"outcome": "no_tax"})
        assert actors.step_at(people, code, "printing", desk=successor)["agency"] == "H12.14.02"
        for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
            people.complete(actors.step_at(people, code, step, desk=successor), "completed")
        actors.hand_back(people, code, successor)
        assert actors.shown(people, receipt, "Đã trả kết quả")["code"] == code
        actors.counts_of_desk(people, successor, returned=1)


def _levels(reference: Reference, codes: set[str], at: datetime) -> set[str]:
    return {reference.agencies.get(code, at.date()).level for code in codes}


def _traveller(receipt: dict[str, object]) -> TrackedDossier:
    return TrackedDossier(DESK, str(receipt["code"]), receipt)


def test_a_result_handed_over_at_the_desk_is_logged_everywhere_and_told_to_nobody(
    platform: InProcessPlatform, event_recorder: EventRecorder
) -> None:
    people = platform.people()
    receipt = people.file(DESK, COPY | {"finish": True})
    assert receipt["state_label"] == "Đã trả kết quả"
    event_recorder.wait_for("rating.invited")
    actors.counts(people, received=1, resolved=1, on_time=1, returned=1)
    assert actors.routing_view_of(people, receipt["code"])["state"] == "returned"
    wait_for(lambda: len(list(platform.spool.glob("*"))) == 1, 30.0, "the invitation to rate")

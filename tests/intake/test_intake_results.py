"""Handing over results: an early one only after the citizen was notified (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.results.domain import EarlyReturnNotAllowed, check_early_return
from shared.regulations import Number, Regulation
from tests.intake.service_fixture import DESK, IntakeService, at, reference
from tests.support.events import deliveries, event

RULES = reference().regulations
ND118, ND61 = RULES.get("nd118-2025"), RULES.get("nd61-2018")
RULE_OFF = Number("early_result_notice_first", False, "boolean", "1", "memory")
WITHOUT = [
    Regulation("none", "Không", "None", date(2000, 1, 1), None, {}),
    Regulation("no", "Không", "No", date(2000, 1, 1), None, {RULE_OFF.name: RULE_OFF}),
]
DUE = at("2025-12-02 17:30")


@pytest.mark.parametrize(("regulation", "article"), [(ND118, "22.5"), (ND61, "20")], ids=["nd118_22_5", "nd61_20"])
@pytest.mark.parametrize(
    ("returned", "notice", "allowed"),
    [
        ("2025-12-01 09:00", "2025-12-01 08:00", True),
        ("2025-12-01 09:00", "2025-12-01 09:00", True),
        ("2025-12-01 09:00", "2025-12-01 09:01", False),
        ("2025-12-01 09:00", None, False),
        ("2025-12-02 17:29", None, False),
        ("2025-12-02 17:30", None, True),  # no longer early
        ("2025-12-05 08:00", "2025-12-06 08:00", True),
    ],
)
def test_nd118_22_5_notice_before_an_early_result(
    regulation: Regulation, article: str, returned: str, notice: str | None, allowed: bool
) -> None:
    notified_at = at(notice) if notice else None
    if allowed:
        check_early_return(regulation, DUE, at(returned), notified_at)
        return
    with pytest.raises(EarlyReturnNotAllowed) as refused:
        check_early_return(regulation, DUE, at(returned), notified_at)
    error = refused.value
    assert (error.code, error.regulation, error.article) == ("early_result_not_notified", regulation.id, article)
    assert error.vi.endswith(f"({regulation.title_vi}, Điều {article}).")
    assert error.en.endswith(f"({regulation.title_en}, article {article}).")


@pytest.mark.parametrize("regulation", WITHOUT, ids=lambda regulation: regulation.id)
def test_a_regulation_without_the_rule_allows_early_results(regulation: Regulation) -> None:
    check_early_return(regulation, DUE, at("2025-11-21 08:00"), None)


MOMENTS = st.datetimes(datetime(2025, 11, 1), datetime(2025, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=DUE.tzinfo)
)


@given(MOMENTS, MOMENTS)
def test_a_notified_citizen_is_never_refused(returned: datetime, notice: datetime) -> None:
    check_early_return(ND118, DUE, max(returned, notice), notice)


@pytest.fixture
def code(intake: IntakeService) -> str:
    """A dossier with a result two weeks early."""
    filed = str(intake.file()["code"])
    intake.receive_event("dossier.resolved", filed, resolved_at="2025-11-20T08:15:00+07:00", due_at=DUE.isoformat())
    return filed


def hand_over(intake: IntakeService, code: str, key: str | None = None, **body: Any) -> Any:
    return intake.post(f"/dossiers/{code}/return", {"identity": "citizen_card"} | body, key=key)


def send_message(intake: IntakeService, code: str, sent_at: str = "2025-11-20 08:15", **data: Any) -> None:
    values = {"kind": "result_ready", "sent_at": at(sent_at).isoformat(), "message": sent_at} | data
    assert intake.receive_event("message.sent", code, **values).applied == 1


def notified(intake: IntakeService, code: str) -> tuple[datetime | None, str | None]:
    (row,) = [row for row in intake.rows("dossier") if row["code"] == code]
    return row["result_notified_at"], row["result_notified_by"]


def test_an_early_result_without_notice_is_refused(intake: IntakeService, code: str) -> None:
    answer = hand_over(intake, code)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:rule-broken")
    rule = {name: answer.json[name] for name in ("code", "regulation", "article")}
    assert rule == {"code": "early_result_not_notified", "regulation": "nd118-2025", "article": "22.5"}
    assert "Điều 22.5" in answer.json["detail"]
    assert "article 22.5" in answer.json["detail_en"]
    assert intake.get(f"/dossiers/{code}").json["state"] == 9
    assert intake.emitted("dossier.returned") == []


def test_after_the_message_the_same_key_succeeds(intake: IntakeService, code: str) -> None:
    assert hand_over(intake, code, "return-1").status_code == 409
    send_message(intake, code)
    assert hand_over(intake, code, "return-1").status_code == 200
    assert notified(intake, code) == (at("2025-11-20 08:15"), None)
    view = intake.get(f"/dossiers/{code}").json
    assert (view["result_notified_at"], view["result_notified_by"]) == ("2025-11-20T08:15:00+07:00", None)


def test_other_messages_are_no_notice(intake: IntakeService, code: str) -> None:
    for kind in ("received", "obligation", "supplemented", "corrected"):
        send_message(intake, code, kind=kind)
    assert notified(intake, code) == (None, None)
    assert hand_over(intake, code).status_code == 409


def test_a_notice_by_the_clerk(intake: IntakeService, code: str) -> None:
    assert hand_over(intake, code, citizen_notified=True).status_code == 200
    assert notified(intake, code) == (at("2025-11-20 08:15"), "clerk-7")
    view = intake.get(f"/dossiers/{code}").json
    assert (view["result_notified_at"], view["result_notified_by"]) == ("2025-11-20T08:15:00+07:00", "clerk-7")


def test_an_earlier_message_counts_before_the_clerks_notice(intake: IntakeService, code: str) -> None:
    send_message(intake, code)
    assert hand_over(intake, code, citizen_notified=True).status_code == 200
    assert notified(intake, code) == (at("2025-11-20 08:15"), None)


@pytest.mark.parametrize("value", ["yes please", 7, None])
def test_citizen_notified_is_a_boolean(sqlite_intake: IntakeService, value: Any) -> None:
    filed = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("dossier.resolved", filed, due_at=DUE.isoformat())
    assert hand_over(sqlite_intake, filed, citizen_notified=value).status_code == 422


def test_a_notice_without_a_result_is_not_stored(intake: IntakeService) -> None:
    filed = intake.file()["code"]
    answer = hand_over(intake, filed, citizen_notified=True)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:not-returnable")
    assert notified(intake, filed) == (None, None)


def test_no_notice_is_needed_from_the_due_time_on(intake: IntakeService, code: str) -> None:
    intake.hand_clock.seconds = DUE.timestamp() - 1
    assert hand_over(intake, code).status_code == 409
    intake.hand_clock.seconds = DUE.timestamp()
    assert hand_over(intake, code).status_code == 200
    assert notified(intake, code) == (None, None)


def test_the_former_decree_is_cited_by_its_own_article(intake: IntakeService) -> None:
    intake.hand_clock.seconds = at("2025-06-26 08:00").timestamp()
    old_desk = "000.21.34.H04"
    filed = intake.file(receiving_agency=old_desk)["code"]
    intake.receive_event(
        "dossier.resolved", filed, resolved_at="2025-06-26T08:00:00+07:00", due_at="2025-07-08T17:00:00+07:00"
    )
    answer = intake.post(f"/dossiers/{filed}/return", {"identity": "citizen_card"}, agency=old_desk)
    assert (answer.status_code, answer.json["regulation"], answer.json["article"]) == (409, "nd61-2018", "20")


MESSAGES = ["2025-11-20 08:20", "2025-11-20 08:15", "2025-11-20 09:00"]


@pytest.mark.parametrize("order", list(itertools.permutations(MESSAGES)))
def test_the_earliest_message_counts_in_any_order_of_arrival(
    sqlite_intake: IntakeService, order: tuple[str, ...]
) -> None:
    filed = sqlite_intake.file()["code"]
    for sent_at in order:
        send_message(sqlite_intake, filed, sent_at)
    assert notified(sqlite_intake, filed) == (at("2025-11-20 08:15"), None)


def test_the_message_arrives_before_the_result(intake: IntakeService) -> None:
    filed = intake.file()["code"]
    send_message(intake, filed)
    assert intake.get(f"/dossiers/{filed}").json["state"] == 2
    intake.receive_event("dossier.resolved", filed, due_at=DUE.isoformat())
    assert hand_over(intake, filed).status_code == 200


def test_the_message_arrives_twice_and_after_the_end(intake: IntakeService, code: str) -> None:
    assert hand_over(intake, code, citizen_notified=True).status_code == 200
    sent = event("message.sent", 9, dossier=code, kind="result_ready", sent_at="2025-11-20T08:30:00+07:00")
    assert intake.applier.apply(deliveries(sent, sent)).duplicates == 1
    assert notified(intake, code) == (at("2025-11-20 08:15"), "clerk-7")
    assert intake.get(f"/dossiers/{code}").json["state"] == 10


def test_a_message_of_an_unknown_dossier_waits_for_it(intake: IntakeService) -> None:
    unknown = f"{DESK}-251120-0001"
    assert intake.receive_event("message.sent", unknown, kind="result_ready").queued == 1
    assert intake.receive_event("message.sent", "H12.31.01-251120-0099", kind="received").applied == 1


def test_the_result_is_handed_over_once(intake: IntakeService) -> None:
    code = intake.file()["code"]
    intake.receive_event("dossier.resolved", code)
    answer = intake.post(
        f"/dossiers/{code}/return",
        {"receiver_name": "Lê Văn Tám", "note": "con trai", "citizen_notified": True, "identity": "citizen_card"},
    )
    assert (answer.status_code, answer.json["state"]) == (200, 10)
    (announced,) = intake.emitted("dossier.returned")
    assert announced["data"]["receiving_agency"] == DESK
    assert "Tám" not in str(announced)
    detail = intake.get(f"/dossiers/{code}").json
    assert (detail["receiver_name"], detail["return_note"]) == ("Lê Văn Tám", "con trai")
    again = intake.post(f"/dossiers/{code}/return", {"identity": "citizen_card"})
    assert (again.status_code, again.json["type"], again.json["state"]) == (
        409,
        "urn:motcua:problem:not-returnable",
        10,
    )
    assert len(intake.emitted("dossier.returned")) == 1


def test_no_result_yet(intake: IntakeService) -> None:
    code = intake.file()["code"]
    answer = intake.post(f"/dossiers/{code}/return", {"identity": "citizen_card"})
    assert (answer.status_code, answer.json["state"], answer.json["state_label"]) == (409, 2, "Được tiếp nhận")
    assert "Được tiếp nhận" in answer.json["detail"]


def test_after_a_merger_the_successor_hands_over(intake: IntakeService) -> None:
    intake.hand_clock.seconds = at("2025-06-26 08:00").timestamp()
    code = intake.file(receiving_agency="000.21.34.H04")["code"]
    intake.receive_event("dossier.resolved", code)
    intake.hand_clock.seconds = at("2025-07-03 08:00").timestamp()
    successor = reference().agencies.successor("000.21.34.H04", at("2025-07-03 08:00").date()).code
    listed = intake.get("/dossiers", agency=successor).json["items"]
    assert [item["code"] for item in listed] == [code]
    assert (
        intake.post(
            f"/dossiers/{code}/return", {"citizen_notified": True, "identity": "citizen_card"}, agency=successor
        ).status_code
        == 200
    )
    assert intake.emitted("dossier.returned")[0]["data"]["receiving_agency"] == "000.21.34.H04"

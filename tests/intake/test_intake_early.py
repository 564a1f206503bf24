"""An early result: the citizen is told before it is handed over (NĐ 118/2025, article 22.5)."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.results.domain import EarlyReturnNotAllowed, check_early_return
from shared.regulations import Number, Regulation
from tests.intake.service_fixture import DESK, World, at, reference
from tests.support.events import deliveries, event

RULES = reference().regulations
ND118, ND61 = RULES.get("nd118-2025"), RULES.get("nd61-2018")
SAYS_NO = Number("early_result_notice_first", False, "boolean", "1", "memory")
WITHOUT = [
    Regulation("none", "Không", "None", date(2000, 1, 1), None, {}),
    Regulation("no", "Không", "No", date(2000, 1, 1), None, {SAYS_NO.name: SAYS_NO}),
]
DUE = at("2025-12-02 17:30")


@pytest.mark.parametrize(("regulation", "article"), [(ND118, "22.5"), (ND61, "20")], ids=["nd118_22_5", "nd61_20"])
@pytest.mark.parametrize(
    ("returned", "told", "allowed"),
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
def test_nd118_22_5_the_citizen_is_told_before_an_early_result_is_handed_over(
    regulation: Regulation, article: str, returned: str, told: str | None, allowed: bool
) -> None:
    told_at = at(told) if told else None
    if allowed:
        check_early_return(regulation, DUE, at(returned), told_at)
        return
    with pytest.raises(EarlyReturnNotAllowed) as refused:
        check_early_return(regulation, DUE, at(returned), told_at)
    error = refused.value
    assert (error.code, error.regulation, error.article) == ("early_result_not_notified", regulation.id, article)
    assert error.vi.endswith(f"({regulation.title_vi}, Điều {article}).")
    assert error.en.endswith(f"({regulation.title_en}, article {article}).")


@pytest.mark.parametrize("regulation", WITHOUT, ids=lambda regulation: regulation.id)
def test_a_version_without_the_rule_hands_an_early_result_over_at_once(regulation: Regulation) -> None:
    check_early_return(regulation, DUE, at("2025-11-21 08:00"), None)


MOMENTS = st.datetimes(datetime(2025, 11, 1), datetime(2025, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=DUE.tzinfo)
)


@given(MOMENTS, MOMENTS)
def test_whoever_was_told_is_never_sent_away(returned: datetime, told: datetime) -> None:
    check_early_return(ND118, DUE, max(returned, told), told)


@pytest.fixture
def code(world: World) -> str:
    """A dossier that has its result a fortnight early."""
    made = str(world.file()["code"])
    world.happen("dossier.resolved", made, resolved_at="2025-11-20T08:15:00+07:00", due_at=DUE.isoformat())
    return made


def hand_over(world: World, code: str, key: str | None = None, **body: Any) -> Any:
    return world.post(f"/dossiers/{code}/return", body, key=key)


def tell(world: World, code: str, sent_at: str = "2025-11-20 08:15", **data: Any) -> None:
    told = {"kind": "result_ready", "sent_at": at(sent_at).isoformat(), "message": sent_at} | data
    assert world.happen("message.sent", code, **told).applied == 1


def told_of(world: World, code: str) -> tuple[datetime | None, str | None]:
    (row,) = [row for row in world.rows("dossier") if row["code"] == code]
    return row["result_notified_at"], row["result_notified_by"]


def test_a_result_nobody_was_told_of_is_not_handed_over_early(world: World, code: str) -> None:
    answer = hand_over(world, code)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:rule-broken")
    told = {name: answer.json[name] for name in ("code", "regulation", "article")}
    assert told == {"code": "early_result_not_notified", "regulation": "nd118-2025", "article": "22.5"}
    assert "Điều 22.5" in answer.json["detail"]
    assert "article 22.5" in answer.json["detail_en"]
    assert world.get(f"/dossiers/{code}").json["state"] == 9
    assert world.emitted("dossier.returned") == []


def test_after_the_message_it_is_also_with_the_same_key(world: World, code: str) -> None:
    assert hand_over(world, code, "return-1").status_code == 409
    tell(world, code)
    assert hand_over(world, code, "return-1").status_code == 200
    assert told_of(world, code) == (at("2025-11-20 08:15"), None)
    shown = world.get(f"/dossiers/{code}").json
    assert (shown["result_notified_at"], shown["result_notified_by"]) == ("2025-11-20T08:15:00+07:00", None)


def test_no_other_message_tells_of_the_result(world: World, code: str) -> None:
    for kind in ("received", "obligation", "supplemented", "corrected"):
        tell(world, code, kind=kind)
    assert told_of(world, code) == (None, None)
    assert hand_over(world, code).status_code == 409


def test_the_clerk_has_told_him(world: World, code: str) -> None:
    assert hand_over(world, code, citizen_notified=True).status_code == 200
    assert told_of(world, code) == (at("2025-11-20 08:15"), "clerk-7")
    shown = world.get(f"/dossiers/{code}").json
    assert (shown["result_notified_at"], shown["result_notified_by"]) == ("2025-11-20T08:15:00+07:00", "clerk-7")


def test_who_was_told_by_message_was_not_told_by_the_clerk(world: World, code: str) -> None:
    tell(world, code)
    assert hand_over(world, code, citizen_notified=True).status_code == 200
    assert told_of(world, code) == (at("2025-11-20 08:15"), None)


@pytest.mark.parametrize("told", ["yes please", 7, None])
def test_told_is_yes_or_no(lone_world: World, told: Any) -> None:
    made = lone_world.file()["code"]
    lone_world.happen("dossier.resolved", made, due_at=DUE.isoformat())
    assert hand_over(lone_world, made, citizen_notified=told).status_code == 422


def test_what_the_clerk_says_of_no_result_is_not_kept(world: World) -> None:
    made = world.file()["code"]
    answer = hand_over(world, made, citizen_notified=True)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:not-returnable")
    assert told_of(world, made) == (None, None)


def test_when_it_is_due_nobody_needs_to_be_told(world: World, code: str) -> None:
    world.hand.seconds = DUE.timestamp() - 1
    assert hand_over(world, code).status_code == 409
    world.hand.seconds = DUE.timestamp()
    assert hand_over(world, code).status_code == 200
    assert told_of(world, code) == (None, None)


def test_the_old_decree_is_cited_by_its_own_article(world: World) -> None:
    world.hand.seconds = at("2025-06-26 08:00").timestamp()
    old_desk = "000.21.34.H04"
    made = world.file(receiving_agency=old_desk)["code"]
    world.happen("dossier.resolved", made, resolved_at="2025-06-26T08:00:00+07:00", due_at="2025-07-08T17:00:00+07:00")
    answer = world.post(f"/dossiers/{made}/return", {}, agency=old_desk)
    assert (answer.status_code, answer.json["regulation"], answer.json["article"]) == (409, "nd61-2018", "20")


MESSAGES = ["2025-11-20 08:20", "2025-11-20 08:15", "2025-11-20 09:00"]


@pytest.mark.parametrize("order", list(itertools.permutations(MESSAGES)))
def test_the_first_of_several_messages_counts_in_whatever_order_they_come(
    lone_world: World, order: tuple[str, ...]
) -> None:
    made = lone_world.file()["code"]
    for sent_at in order:
        tell(lone_world, made, sent_at)
    assert told_of(lone_world, made) == (at("2025-11-20 08:15"), None)


def test_the_message_is_heard_of_before_the_result(world: World) -> None:
    made = world.file()["code"]
    tell(world, made)
    assert world.get(f"/dossiers/{made}").json["state"] == 2
    world.happen("dossier.resolved", made, due_at=DUE.isoformat())
    assert hand_over(world, made).status_code == 200


def test_the_message_comes_twice_and_after_the_end(world: World, code: str) -> None:
    assert hand_over(world, code, citizen_notified=True).status_code == 200
    sent = event("message.sent", 9, dossier=code, kind="result_ready", sent_at="2025-11-20T08:30:00+07:00")
    assert world.applier.apply(deliveries(sent, sent)).duplicates == 1
    assert told_of(world, code) == (at("2025-11-20 08:15"), "clerk-7")
    assert world.get(f"/dossiers/{code}").json["state"] == 10


def test_a_message_of_an_unknown_dossier_waits_for_it(world: World) -> None:
    unknown = f"{DESK}-251120-0001"
    assert world.happen("message.sent", unknown, kind="result_ready").held == 1
    assert world.happen("message.sent", "H12.31.01-251120-0099", kind="received").applied == 1

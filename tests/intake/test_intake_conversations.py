"""Citizen, one-stop desk and handling agency ask and answer about a dossier: who may write and read what, what waits, what is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.conversations.domain import (
    CALL_SPAN,
    MAX_TEXT,
    Audience,
    Kind,
    TooManyQuestions,
    Waiting,
    check_agency_may_ask,
    check_citizen_may_ask,
    entry_text,
)
from services.intake.conversations.queries import open_items
from services.intake.conversations.rules import conversation_rules
from services.intake.conversations.store import entries, waiting
from services.intake.filing.domain.applicant import InvalidField
from services.intake.retention.store import claim, erase
from shared.persistence.reading_audit import reading_audit
from tests.intake.desk_clerk import Clerk, Visitor, faulty_fields, holder
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, THURSDAY, IntakeService
from tests.intake.test_intake_submission import submission, submit

OWN, LIST = "/intake/dossier/conversation", "/intake/conversations"
RULES = conversation_rules(THURSDAY.date())


def page_of(code: str) -> str:
    return f"/intake/dossiers/{code}/conversation"


def held(intake: IntakeService) -> dict[str, str]:
    """A receipt of a dossier that the land registry works on."""
    receipt = intake.file()
    intake.receive_event(
        "step.assigned", receipt["code"], agency=REGISTRY, task="t-1", assigned_at="2025-11-20T08:15:00+07:00"
    )
    return receipt


def registry(intake: IntakeService) -> Clerk:
    return Clerk(intake, REGISTRY, "officer", "officer-3")


def key_of(*typed: str) -> str:
    """The key of a form, the same for the same content."""
    return sha256("|".join(typed).encode()).hexdigest()


def ask(visitor: Visitor, text: str) -> Any:
    return visitor.send(OWN, text=text, form_key=key_of(text))


def act(official: Clerk, code: str, action: str, text: str = "", **typed: str) -> Any:
    sent = {"form_key": key_of(code, action, text, *typed.values())} | typed
    return official.send(page_of(code), action=action, text=text, **sent)


def newest(intake: IntakeService) -> dict[str, Any]:
    """The entry that was written last."""
    return max(intake.rows(entries), key=lambda row: str(row["id"]))


def test_a_question_is_answered_and_the_citizen_is_told_without_what_it_says(intake: IntakeService) -> None:
    receipt = held(intake)
    citizen, clerk, code = holder(intake, receipt), Clerk(intake), receipt["code"]
    assert OWN in citizen.get("/intake/dossier").text
    for _ in range(2):
        assert ask(citizen, "Bao giờ có kết quả?\nTôi ở xa.").headers["Location"] == OWN
    assert "Đã gửi câu hỏi" in citizen.get(OWN).text
    (question,) = intake.rows(entries)
    assert (question["kind"], question["author"], question["text"]) == (
        "question",
        "",
        "Bao giờ có kết quả?\nTôi ở xa.",
    )
    listed = clerk.get(LIST).text
    assert code in listed
    assert "Bao giờ" not in listed, "the list quotes nothing"
    assert "Bao giờ có kết quả?" in clerk.get(page_of(code)).text
    for _ in range(2):
        assert act(clerk, code, f"answer-{question['id']}", "Ngày 02/12 ạ.").status_code == 303
    assert code not in clerk.get(LIST).text
    assert "Ngày 02/12 ạ." in citizen.get(OWN).text
    (told,) = intake.emitted("conversation.answered")
    assert told["data"] == {
        "dossier": code,
        "entry": newest(intake)["id"],
        "receiving_agency": DESK,
        "answered_at": told["data"]["answered_at"],
    }
    again = act(clerk, code, f"answer-{question['id']}", "Ngày khác")
    assert (again.status_code, "vừa trả lời" in again.text) == (409, True)
    assert {row["action"] for row in intake.rows(reading_audit)} >= {"conversation", "conversations"}


def test_an_agency_asks_the_desk_and_never_the_citizen(intake: IntakeService) -> None:
    receipt = held(intake)
    citizen, clerk, officer, code = holder(intake, receipt), Clerk(intake), registry(intake), receipt["code"]
    for action in ("message", "call", "answer-x", "pass_on-x"):
        refused = act(officer, code, action, "Bà cho xin thêm giấy", direction="out", happened_at="2025-11-20T08:00")
        assert refused.status_code == 403, action
    assert act(officer, code, "ask", "Thửa đất có đang tranh chấp?").status_code == 303
    question = newest(intake)
    assert intake.emitted("conversation.answered") == [], "nobody writes to the citizen"
    assert "tranh chấp" not in citizen.get(OWN).text
    assert code in clerk.get(LIST).text
    assert code not in officer.get(LIST).text
    assert act(clerk, code, f"pass_on-{question['id']}", "Đất có ai tranh chấp không ạ?").status_code == 303
    assert "ai tranh chấp không" in citizen.get(OWN).text
    assert ask(citizen, "Không có ạ").status_code == 303
    reply = newest(intake)
    assert len(intake.rows(waiting)) == 2, "the agency's question goes on waiting"
    assert act(clerk, code, f"answer-{question['id']}", "Người dân nói không có.").status_code == 303
    assert act(clerk, code, f"close-{reply['id']}").status_code == 303
    assert code not in clerk.get(LIST).text
    assert code in officer.get(LIST).text, "an answer that the agency has not read"
    assert "Người dân nói không có." not in citizen.get(OWN).text
    answer = next(row for row in intake.rows(entries) if row["kind"] == "agency_answer")
    assert act(clerk, code, f"close-{answer['id']}").status_code == 404, "it waits for the agency"
    assert act(officer, code, f"close-{answer['id']}").status_code == 303
    assert intake.rows(waiting) == []
    assert len(intake.emitted("conversation.answered")) == 1, "what was passed on"


def test_calls_are_noted_for_officials_alone(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    receipt = held(intake)
    clerk, code = Clerk(intake), receipt["code"]
    call = {"direction": "in", "happened_at": "2025-11-20T08:10"}
    assert act(clerk, code, "call", "Hỏi về ngày hẹn", **call).status_code == 303
    (kept,) = intake.rows(entries)
    assert (kept["kind"], kept["author"], kept["happened_at"].hour) == ("call_in", "clerk-7", 8)
    assert "Hỏi về ngày hẹn" not in holder(intake, receipt).get(OWN).text
    assert intake.emitted("conversation.answered") == []
    early = (THURSDAY - CALL_SPAN - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    for wrong in ("2025-11-20T09:00", early, "", "hôm qua"):
        refused = act(clerk, code, "call", "x", direction="in", happened_at=wrong)
        assert faulty_fields(refused) == ["call-happened_at"], wrong
    assert faulty_fields(act(clerk, code, "call", "x", direction="", happened_at="2025-11-20T08:10")) == [
        "call-direction"
    ]


def test_a_mistake_is_put_right_by_a_new_entry(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    receipt = held(intake)
    citizen, clerk, code = holder(intake, receipt), Clerk(intake), receipt["code"]
    ask(citizen, "Khi nào?")
    question = newest(intake)
    assert act(clerk, code, f"correct-{question['id']}", "x").status_code == 404, "nobody changes the citizen's words"
    act(clerk, code, f"answer-{question['id']}", "Ngày 12/12")
    answer = newest(intake)
    assert act(registry(intake), code, f"correct-{answer['id']}", "x").status_code == 404, "another agency's entry"
    assert act(clerk, code, f"correct-{answer['id']}", "Ngày 02/12").status_code == 303
    shown = citizen.get(OWN).text
    assert "Ngày 12/12" in shown
    assert "Ngày 02/12" in shown
    assert len(intake.emitted("conversation.answered")) == 2
    act(clerk, code, "call", "Gọi nhầm", direction="out", happened_at="2025-11-20T08:00")
    act(clerk, code, f"correct-{newest(intake)['id']}", "Gọi đúng")
    assert newest(intake)["audience"] == Audience.EXPORT
    assert "Gọi đúng" not in citizen.get(OWN).text
    assert len(intake.emitted("conversation.answered")) == 2, "the citizen is told of nothing that they do not read"


def test_strangers_read_and_write_nothing(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    receipt = held(intake)
    code = receipt["code"]
    ask(holder(intake, receipt), "Riêng tư")
    question = newest(intake)
    stranger = Visitor(intake)
    assert stranger.get(OWN).headers["Location"] == "/intake/"
    assert ask(stranger, "x").headers["Location"] == "/intake/"
    elsewhere = Clerk(intake, OTHER_DESK, "clerk", "clerk-9")
    assert "/access" in elsewhere.get(page_of(code)).headers["Location"], "another desk says why first"
    typed = {"reason": "applicant_asks", "text": "Bà Bưởi hỏi tại quầy", "next": page_of(code)}
    assert elsewhere.send(f"/intake/dossiers/{code}/access", **typed).status_code == 303
    assert "Riêng tư" in elsewhere.get(page_of(code)).text
    for action in (f"answer-{question['id']}", "message", "ask"):
        assert act(elsewhere, code, action, "x").status_code == 403, action
    assert act(elsewhere, code, f"close-{question['id']}").status_code == 404
    assert code not in elsewhere.get(LIST).text
    assert Clerk(intake, "H12.40.01", "officer").get(page_of(code)).status_code == 403
    other = held(intake)
    assert act(Clerk(intake), other["code"], f"answer-{question['id']}", "x").status_code == 404, "of another dossier"
    assert act(Clerk(intake), code, "dance", "x").status_code == 404
    assert len(intake.rows(entries)) == 1


def test_a_flood_of_questions_ends(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    receipt = held(intake)
    citizen, clerk, code = holder(intake, receipt), Clerk(intake), receipt["code"]
    for number in range(RULES.open_questions):
        assert ask(citizen, f"Hỏi {number}").status_code == 303
    refused = ask(citizen, "Hỏi nữa")
    assert (refused.status_code, "Hỏi nữa" in refused.text) == (429, True), "what was typed stays in the form"
    for row in intake.rows(waiting):
        act(clerk, code, f"close-{row['entry']}")
    for number in range(RULES.questions_per_day - RULES.open_questions):
        assert ask(citizen, f"Lại hỏi {number}").status_code == 303
        act(clerk, code, f"close-{newest(intake)['id']}")
    assert "ngày mai" in ask(citizen, "Hỏi quá").text
    intake.advance(timedelta(days=1))
    assert ask(citizen, "Hôm sau").status_code == 303
    officer = registry(intake)
    for number in range(RULES.open_questions_of_agency):
        assert act(officer, code, "ask", f"Hỏi {number}").status_code == 303
    assert act(officer, code, "ask", "Hỏi quá").status_code == 429


def test_an_application_that_is_not_received_has_its_conversation_too(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    filed = submit(intake, submission())
    citizen, clerk, code = holder(intake, filed), Clerk(intake), filed["code"]
    assert OWN in citizen.get("/intake/dossier").text
    assert ask(citizen, "Thiếu gì không?").status_code == 303
    assert act(clerk, code, f"answer-{newest(intake)['id']}", "Không ạ").status_code == 303
    assert "Không ạ" in citizen.get(OWN).text
    assert Clerk(intake, DESK, "officer").get(page_of(code)).status_code == 403


def test_a_conversation_is_erased_with_its_dossier_and_nothing_follows(intake: IntakeService) -> None:
    receipt = held(intake)
    citizen, code = holder(intake, receipt), receipt["code"]
    ask(citizen, "Một câu hỏi")

    def erase_it(work: Any) -> None:
        assert claim(work, code)
        erase(work, code)

    intake.store.run(erase_it)
    assert (intake.rows(entries), intake.rows(waiting)) == ([], [])
    assert ask(citizen, "Câu nữa").status_code == 409
    assert act(Clerk(intake), code, "message", "Câu nữa").status_code == 409
    assert intake.rows(entries) == []


def test_a_replaced_secret_writes_no_more(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    receipt = held(intake)
    citizen = holder(intake, receipt)
    headers = intake.token() | {"Idempotency-Key": "k"}
    changed = {"phone": "0912345699", "reason": "Gõ nhầm"}
    path = f"/intake/api/dossiers/{receipt['code']}/applicant"
    assert intake.client.patch(path, json=changed, headers=headers).status_code == 200
    assert ask(citizen, "x").headers["Location"] == "/intake/"
    assert intake.rows(entries) == []


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "x" * (MAX_TEXT + 1), "a\x00b"])
def test_what_cannot_be_written(text: str) -> None:
    with pytest.raises(InvalidField):
        entry_text(text)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=MAX_TEXT))
def test_a_text_is_kept_or_refused(text: str) -> None:
    try:
        kept = entry_text(text)
    except InvalidField:
        return
    assert kept == kept.strip()
    assert 0 < len(kept) <= MAX_TEXT
    assert entry_text(kept) == kept


@pytest.mark.parametrize(
    ("waits", "today", "per_day"),
    [
        (0, 0, None),
        (RULES.open_questions - 1, 0, None),
        (RULES.open_questions, 0, False),
        (0, RULES.questions_per_day, True),
    ],
)
def test_the_limits_of_the_citizen(waits: int, today: int, per_day: bool | None) -> None:
    if per_day is None:
        check_citizen_may_ask(waits, today, RULES)
        return
    with pytest.raises(TooManyQuestions) as refused:
        check_citizen_may_ask(waits, today, RULES)
    assert refused.value.per_day is per_day


def test_the_limit_of_an_agency() -> None:
    check_agency_may_ask(RULES.open_questions_of_agency - 1, RULES)
    with pytest.raises(TooManyQuestions):
        check_agency_may_ask(RULES.open_questions_of_agency, RULES)


@pytest.mark.parametrize(("hours", "shown"), [(0, (0, 0)), (5, (0, 5)), (24, (1, 0)), (53, (2, 5)), (-1, (0, 0))])
def test_how_long_something_waits(hours: int, shown: tuple[int, int]) -> None:
    one = Waiting("e", "d", Kind.QUESTION, DESK, "", THURSDAY - timedelta(hours=hours))
    (found,) = open_items([one], THURSDAY)
    assert (found.days, found.hours) == shown


def test_every_kind_has_its_labels() -> None:
    assert all(kind.vi and kind.en for kind in Kind)
    assert [kind for kind in Kind if kind.audience is Audience.CITIZEN] == [
        Kind.QUESTION,
        Kind.ANSWER,
        Kind.DESK_MESSAGE,
    ]
    assert re.fullmatch(r"[a-z_]{1,20}", max(Kind, key=len)), "fits its column"

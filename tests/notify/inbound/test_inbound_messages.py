"""An SMS to us is stored once and answered at once, within limits, from what notify knows itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from services.notify.channels.sms_segments import count_segments
from services.notify.delivery.store import deliveries
from services.notify.inbound.commands import answer_new, delete_old, take, taker_of
from services.notify.inbound.rules import inbound_rules
from services.notify.inbound.spool import FOLDER, read_spool
from services.notify.inbound.status import Stage, statuses
from services.notify.inbound.store import inbound, stopped_numbers
from services.notify.templates.template_loader import all_templates
from shared.messaging.event import Event
from shared.runtime.lookup_secret import hash_secret
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

CODE, SECRET, SENDER, OURS = "H12.31.01-251120-0001", "ABCD2345", "+84987654321", "8099"
RULES = inbound_rules(MONDAY.date())
ASKED = f"HS {CODE} {SECRET}"


def known(notify: ServiceUnderTest, *events: Event) -> None:
    """A received dossier of which notify has heard, and what came after."""
    hashed = hash_secret(SECRET, notify.context.settings.hash_key)
    registered = event("applicant.registered", 1, dossier=CODE, lookup_hash=hashed)
    received: dict[str, Any] = {
        "received_at": MONDAY.isoformat(),
        "promised_at": (MONDAY + timedelta(days=3)).isoformat(),
    }
    notify.apply(registered, event("dossier.received", 2, dossier=CODE, **received), *events)


def write(notify: ServiceUnderTest, text: str, sender: str = SENDER, **late: float) -> str:
    """What becomes of an SMS that is sent now: the text of the reply; empty without one."""
    before = {row["id"] for row in replies(notify)}
    sent = notify.context.clock.wall() - timedelta(**late)
    notify.store.run(lambda work: take(work, "smsc", sender, OURS, text, sent))
    answer_new(notify.context)
    notify.hand.pass_(timedelta(seconds=1))
    return "".join(row["text"] for row in replies(notify) if row["id"] not in before)


def replies(notify: ServiceUnderTest) -> list[dict[str, Any]]:
    return [row for row in notify.rows(deliveries) if row["kind"] == "sms_reply"]


def test_a_dossier_is_looked_up_by_code_and_secret(both: ServiceUnderTest) -> None:
    known(both)
    assert "dang giai quyet. Hen tra ket qua" in write(both, f"hồ sơ {CODE.lower()} {SECRET.lower()}")
    (reply,) = replies(both)
    assert (reply["address"], reply["state"], reply["urgent"]) == ("0987654321", "queued", True)
    (kept,) = both.rows(inbound)
    assert (kept["state"], kept["reply"], kept["code"]) == ("answered", "processing", CODE)
    assert SECRET not in kept["text"]
    assert "Khong co ho so" in write(both, f"HS {CODE} ABCD2346")
    assert "Khong co ho so" in write(both, "HS H12.31.01-251120-0002 ABCD2345")


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        (["dossier.resolved"], "resolved"),
        (["dossier.resolved", "dossier.returned"], "returned"),
        (["dossier.returned", "dossier.resolved"], "returned"),
        (["dossier.stopped"], "stopped"),
        (["supplement.requested"], "supplement"),
        (["obligation.requested"], "payment"),
    ],
)
def test_how_a_dossier_stands_in_any_order(notify: ServiceUnderTest, events: list[str], stage: str) -> None:
    later = [event(name, 3 + place, dossier=CODE) for place, name in enumerate(events)]
    known(notify, *later)
    notify.apply(*later)
    (row,) = notify.rows(statuses)
    assert row["stage"] == stage
    assert write(notify, ASKED)


def test_the_same_message_is_answered_once(both: ServiceUnderTest) -> None:
    known(both)
    for _ in range(2):
        both.store.run(lambda work: take(work, "smsc", SENDER, OURS, ASKED, MONDAY))
        answer_new(both.context)
    assert len(replies(both)) == 1


def test_what_comes_over_a_providers_session_is_stored_when_the_call_returns(notify: ServiceUnderTest) -> None:
    known(notify)
    taker_of(notify.context)(SENDER, OURS, ASKED, MONDAY)
    (kept,) = notify.rows(inbound)
    assert (kept["state"], kept["sender"], kept["recipient"]) == ("new", SENDER, OURS)
    answer_new(notify.context)
    assert len(replies(notify)) == 1


def over_session(notify: ServiceUnderTest, text: str, minutes: int = 1) -> None:
    """The network delivers a text some minutes after what it delivered before."""
    notify.hand.pass_(timedelta(minutes=minutes))
    taker_of(notify.context)(SENDER, OURS, text, notify.context.clock.wall())
    answer_new(notify.context)


def test_what_a_network_delivers_again_at_another_moment_is_the_same_message(both: ServiceUnderTest) -> None:
    known(both)
    for _ in range(2):
        over_session(both, ASKED)
    assert len(replies(both)) == 1
    over_session(both, ASKED, minutes=10)
    assert len(replies(both)) == 2, "later somebody asks again"


def test_another_message_in_between_makes_it_a_new_one(notify: ServiceUnderTest) -> None:
    for text in ("TUCHOI", "NHAN", "TUCHOI", "TUCHOI"):
        over_session(notify, text)
    assert len(notify.rows(stopped_numbers)) == 1
    assert len(notify.rows(inbound)) == 3


def test_who_guesses_gets_no_answers_and_who_knows_does(notify: ServiceUnderTest) -> None:
    known(notify)
    wrong = f"HS {CODE} ZZZZ2345"
    assert [bool(write(notify, wrong)) for _ in range(RULES.wrong_tries_of_sender + 1)] == [
        *[True] * RULES.wrong_tries_of_sender,
        False,
    ]
    others = [f"09876543{number}" for number in range(10, 40)]
    assert sum(bool(write(notify, wrong, other)) for other in others) == RULES.wrong_tries - RULES.wrong_tries_of_sender
    assert "dang giai quyet" in write(notify, ASKED), "the right secret is never refused"


def test_a_returned_dossier_is_rated(both: ServiceUnderTest) -> None:
    known(both, event("dossier.returned", 3, dossier=CODE))
    assert "Da ghi nhan danh gia" in write(both, f"Đánh giá {CODE} {SECRET} 2")
    (given,) = both.emitted("rating.submitted_by_sms")
    assert (given.data["dossier"], given.data["score"]) == (CODE, 2)
    assert given.data.keys() == {"dossier", "score", "submitted_at"}
    (kept,) = both.rows(inbound)
    assert kept["text"] == f"rate {CODE} ********", "the score is kept nowhere"
    (reply,) = replies(both)
    assert reply["agency"] == "", "no agency sees in its lists who has rated"


@pytest.mark.parametrize("name", ["dossier.received", "dossier.resolved", "dossier.stopped"])
def test_a_dossier_without_a_returned_result_is_not_rated(notify: ServiceUnderTest, name: str) -> None:
    known(notify, event(name, 2 if name == "dossier.received" else 3, dossier=CODE))
    assert "sau khi ho so" in write(notify, f"DG {CODE} {SECRET} 5")
    assert notify.emitted("rating.submitted_by_sms") == []


def test_a_rating_is_no_way_to_guess_secrets(notify: ServiceUnderTest) -> None:
    known(notify, event("dossier.returned", 3, dossier=CODE))
    answered = [
        bool(write(notify, f"{word} {CODE} ZZZZ2345{score}"))
        for word, score in (("DG", " 5"), ("HS", "")) * RULES.wrong_tries_of_sender
    ]
    assert sum(answered) == RULES.wrong_tries_of_sender, "both are counted together"
    assert notify.emitted("rating.submitted_by_sms") == []


def test_a_sender_has_limits(notify: ServiceUnderTest) -> None:
    known(notify)
    assert sum(bool(write(notify, ASKED)) for _ in range(RULES.per_hour + 3)) == RULES.per_hour
    assert write(notify, ASKED, "0912345670"), "another sender is answered"
    notify.hand.pass_(timedelta(hours=1))
    assert write(notify, ASKED)


def test_what_is_not_understood_gets_help_once_a_day(notify: ServiceUnderTest) -> None:
    assert "soan: HS" in write(notify, "Mai họp nhé")
    assert not write(notify, "Alo")
    assert write(notify, "TG"), "who asks for help gets it"
    notify.hand.pass_(RULES.help_after)
    assert write(notify, "Alo")
    assert [row["text"] for row in notify.rows(inbound)].count("") >= 3, "stray texts are not kept"


@pytest.mark.parametrize("sender", ["8099", "VIETTEL", "+8613812345678", "02923123456", ""])
def test_machines_are_not_answered(notify: ServiceUnderTest, sender: str) -> None:
    known(notify)
    assert not write(notify, ASKED, sender)


def test_a_message_that_comes_too_late_is_not_answered(notify: ServiceUnderTest) -> None:
    known(notify)
    assert not write(notify, ASKED, hours=25)


def test_who_has_stopped_sms_gets_them_no_more_until_they_start(both: ServiceUnderTest) -> None:
    known(both)
    assert "NHAN" in write(both, "Từ chối")
    assert len(both.rows(stopped_numbers)) == 1
    both.apply(event("applicant.registered", 1, dossier="D-2", phone="0987654321"))
    both.apply(event("dossier.received", 2, dossier="D-2"), event("result.code_issued", 3, dossier="D-2"))
    found = {row["kind"]: row for row in both.rows(deliveries) if row["dossier"] == "D-2" and row["channel"] == "sms"}
    assert (found["received"]["state"], found["received"]["reason"]) == ("skipped", "the recipient has stopped SMS")
    assert found["one_time_code"]["state"] == "queued", "asked for at the desk"
    assert write(both, ASKED), "a reply is asked for, too"
    assert "TUCHOI" in write(both, "nhan")
    assert both.rows(stopped_numbers) == []


def test_the_folder_is_read_once_and_bad_files_stay(notify: ServiceUnderTest) -> None:
    known(notify)
    folder = notify.context.settings.data / FOLDER
    assert read_spool(notify.context) == 0
    folder.mkdir(parents=True)
    good = {"sender": SENDER, "recipient": OURS, "text": ASKED, "at": MONDAY.isoformat()}
    bad = ["{", "[]", json.dumps(good | {"at": "2026-01-05T08:00:00"}), json.dumps(good | {"text": 1}), "x" * 30_000]
    for place, content in enumerate([json.dumps(good), *bad]):
        (folder / f"{place}.json").write_text(content)
    read_spool(notify.context)
    answer_new(notify.context)
    assert len(replies(notify)) == 1
    assert sorted(file.name for file in folder.iterdir()) == [f"{place}.bad" for place in range(1, 6)]


def test_old_messages_and_erased_dossiers_are_forgotten(both: ServiceUnderTest) -> None:
    known(both)
    assert write(both, ASKED)
    both.apply(event("dossier.erased", 9, dossier=CODE))
    assert both.rows(statuses) == []
    assert "Khong co ho so" in write(both, ASKED)
    both.hand.pass_(timedelta(days=RULES.kept_days, minutes=1))
    assert delete_old(both.context) == 2
    assert both.rows(inbound) == []
    assert {row["address"] for row in replies(both)} <= {None, ""}


def test_every_stage_has_its_reply_in_one_segment() -> None:
    for language in ("vi", "en"):
        texts = {
            name: one for (_, of), named in all_templates().items() if of == language for name, one in named.items()
        }
        assert all(f"sms_reply.{stage}" in texts for stage in Stage)
    vietnamese = next(named for (channel, of), named in all_templates().items() if (channel, of) == ("sms", "vi"))
    values = {"about": CODE, "due_at": "17:30 02/12/2025", "public_url": "https://motcua.vn"}
    for stage in Stage:
        text = vietnamese[f"sms_reply.{stage}"].text.format_map(values)
        assert count_segments(text).count <= 2, stage

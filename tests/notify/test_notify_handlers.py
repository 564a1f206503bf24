from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.notify.contacts.store import contacts
from services.notify.delivery.store import deliveries
from services.notify.handlers import HANDLERS
from services.notify.inbound.status import statuses
from services.notify.messages.store import messages
from services.notify.migrations import metadata
from services.notify.templates.domain import PLACEHOLDERS
from services.notify.worker import WORKER
from shared.contracts import REGISTRY
from shared.contracts.routing import STOP_CAUSES
from shared.messaging.apply import Applier
from shared.messaging.event import Event
from shared.persistence.migrations import differences
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.events import event
from tests.support.service import ServiceUnderTest, with_unknown_fields, without

REGISTERED = event("applicant.registered", 1)
RECEIVED = event("dossier.received", 2)


def states(notify: ServiceUnderTest) -> list[tuple[str, str]]:
    return [(row["kind"], row["state"]) for row in notify.rows(deliveries)]


def test_handlers_and_subscriptions_agree() -> None:
    assert sorted(HANDLERS) == list(REGISTRY.subscriptions()["notify"])
    assert WORKER.handlers is HANDLERS


def test_migrations_and_tables_agree(both: ServiceUnderTest) -> None:
    with both.store.read() as connection:
        assert differences(connection, metadata) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dossier.filed", "filed"),
        ("application.supplement_requested", "application_supplement"),
        ("dossier.refused", "refused"),
        ("application.closed", "application_closed"),
        ("dossier.sent_back", "sent_back"),
        ("dossier.received", "received"),
        ("obligation.requested", "obligation"),
        ("fee.waiver_decided", "fee_waiver"),
        ("conversation.answered", "answer_waiting"),
        ("supplement.requested", "supplement_requested"),
        ("dossier.extended", "extended"),
        ("dossier.deadline_moved", "deadline_moved"),
        ("dossier.stopped", "stopped"),
        ("dossier.resolved", "result_ready"),
        ("dossier.corrected", "corrected"),
        ("result.code_issued", "one_time_code"),
        ("result.posted", "result_posted"),
        ("result.published", "result_published"),
        ("rating.invited", "rating_invitation"),
    ],
)
def test_an_event_queues_its_message(notify: ServiceUnderTest, name: str, kind: str) -> None:
    notify.apply(REGISTERED, event(name, 2))
    (row,) = notify.rows(deliveries)
    assert (row["kind"], row["state"], row["address"]) == (kind, "queued", "0912345678")
    assert REGISTERED.key in row["text"]


def test_an_apology_goes_out_at_once_and_always_by_letter_too(both: ServiceUnderTest) -> None:
    signed = event("apology.signed", 2)
    both.apply(REGISTERED, signed)
    both.apply(event("apology.signed", 3, id="said-again"))
    by_channel = {row["channel"]: row for row in both.rows(deliveries)}
    assert by_channel.keys() == {"sms", "letter"}
    assert (by_channel["sms"]["state"], by_channel["sms"]["address"]) == ("queued", "0912345678")
    for row in by_channel.values():
        assert row["kind"] == "apology"
        assert signed.data["number"] in row["text"]
        assert "2025" in row["text"]
    assert len(both.rows(messages)) == 1, "one letter is told once"


def test_a_deadline_that_has_moved_to_a_time_that_is_over_is_not_told(notify: ServiceUnderTest) -> None:
    moved = event(
        "dossier.deadline_moved", 2, moved_to="2025-12-05T17:30:00+07:00", moved_at="2025-12-08T08:00:00+07:00"
    )
    notify.apply(REGISTERED, moved)
    assert notify.rows(messages) == []


def test_a_result_that_was_handed_over_at_once_is_not_told(notify: ServiceUnderTest) -> None:
    at = RECEIVED.data["received_at"]
    notify.apply(
        REGISTERED, event("dossier.received", 2, finished_at=at), event("dossier.resolved", 3, handed_over=True)
    )
    assert notify.rows(messages) == []


def test_a_repeated_event_queues_one_message(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, RECEIVED, RECEIVED)
    assert both.apply(RECEIVED).duplicates == 1
    assert states(both) == [("received", "queued")]


def test_repeated_events_about_one_obligation_queue_one_message(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("obligation.requested", 1), event("obligation.requested", 2))
    assert states(both) == [("obligation", "queued")]
    both.apply(event("obligation.requested", 3, obligation="another"))
    assert len(states(both)) == 2


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("withdrawn", "theo yeu cau rut ho so"),
        ("no_supplement", "vi khong duoc bo sung trong thoi han"),
        ("stopped", "nhan thong bao neu ro ly do"),
    ],
)
def test_the_text_of_a_stop_depends_on_its_cause(notify: ServiceUnderTest, cause: str, words: str) -> None:
    notify.apply(REGISTERED, event("dossier.stopped", 1, cause=cause))
    (row,) = notify.rows(deliveries)
    assert (row["kind"], words in row["text"]) == ("stopped", True)


def test_every_cause_of_a_stop_has_a_text() -> None:
    assert {f"stopped.{cause}" for cause in STOP_CAUSES} == {
        kind for kind in PLACEHOLDERS if kind.startswith("stopped")
    }


def test_a_new_promised_time_is_sent_after_a_supplement_and_after_no_other_wait(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("dossier.resumed", 1, supplemented=False))
    assert states(both) == []
    both.apply(event("dossier.resumed", 2, supplemented=True))
    assert states(both) == [("supplemented", "queued")]
    (row,) = both.rows(deliveries)
    assert "17:30 04/12/2025" in row["text"]


@pytest.mark.parametrize(
    ("name", "kind", "identity"),
    [("supplement.requested", "supplement_requested", "task"), ("dossier.corrected", "corrected", "correction")],
)
def test_repeated_events_about_one_cause_queue_one_message(
    both: ServiceUnderTest, name: str, kind: str, identity: str
) -> None:
    both.apply(REGISTERED, event(name, 1), event(name, 2))
    assert states(both) == [(kind, "queued")]
    other: dict[str, Any] = {identity: "another"}
    both.apply(event(name, 3, **other))
    assert len(states(both)) == 2


@pytest.mark.parametrize(
    "name",
    [
        "supplement.requested",
        "dossier.resumed",
        "dossier.extended",
        "dossier.stopped",
        "dossier.corrected",
    ],
)
def test_events_may_be_repeated_or_early_or_without_a_phone_number(both: ServiceUnderTest, name: str) -> None:
    data: dict[str, Any] = {"supplemented": True} if name == "dossier.resumed" else {}
    early = event(name, 1, **data)
    assert both.apply(early).queued == 1
    both.apply(event("applicant.registered", 1, phone="", email="", address=""))
    both.applier.retry_due()
    assert [state for _, state in states(both)] == ["skipped"]
    assert both.apply(early).duplicates == 1
    assert both.apply(with_unknown_fields(event(name, 2, dossier="D-2", **data))).queued == 1
    assert len(both.emitted("message.skipped")) == 1


def test_a_supplement_without_end_has_a_text_without_date(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("supplement.requested", 1, until=None))
    (row,) = both.rows(deliveries)
    assert (row["kind"], row["state"]) == ("supplement_requested", "queued")
    assert " den " not in row["text"]
    assert "None" not in row["text"]
    assert "nop tai Bo phan Mot cua hoac tai " in row["text"]


def test_the_citizen_is_sent_to_the_desk_not_to_the_agency(notify: ServiceUnderTest) -> None:
    """NĐ 118/2025, article 5.1e."""
    notify.apply(REGISTERED, event("supplement.requested", 1))
    (row,) = notify.rows(deliveries)
    assert "Bo phan Mot cua" in row["text"]
    assert "Hop dong chuyen nhuong co chung thuc" in row["text"]
    assert "23:59 08/12/2025" in row["text"]
    assert "H57.30.01" not in row["text"]


def test_an_event_before_the_contact_waits_for_it(both: ServiceUnderTest) -> None:
    assert both.apply(event("dossier.resolved", 1)).queued == 1
    assert both.retry_rows() == [("waiting", "not_yet")]
    both.apply(REGISTERED)
    both.applier.retry_due()
    assert both.retry_rows() == []
    assert states(both) == [("result_ready", "queued")]


@pytest.mark.parametrize("other", [{"phone": "0987654321"}, {"name": "Trần Văn Cam"}, {"email": "cam@example.vn"}])
def test_another_applicant_of_a_known_dossier_is_parked_and_the_sender_told(
    both: ServiceUnderTest, other: dict[str, Any]
) -> None:
    """Intake was restored and gave the code again: what is meant for one citizen must not go to another."""
    both.apply(REGISTERED, RECEIVED)
    stranger = replace(REGISTERED, id="after the restore", data=REGISTERED.data | other)
    theirs = event("dossier.received", 2, id="after the restore too")
    outcome = both.apply(stranger, theirs)
    assert (outcome.parked, outcome.queued, outcome.applied) == (1, 1, 0)
    assert both.retry_rows() == [("parked", "conflict"), ("waiting", "blocked")]
    assert [row["phone"] for row in both.rows(contacts)] == [REGISTERED.data["phone"]]
    assert [row["address"] for row in both.rows(deliveries)] == [REGISTERED.data["phone"]]
    (told,) = both.emitted("store.conflicted")
    assert (told.data["service"], told.data["record"], told.data["epoch"]) == ("intake", REGISTERED.key, 0)
    assert told.data["found_by"] == "notify"


def test_the_same_applicant_again_changes_nothing(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, RECEIVED)
    assert both.apply(event("applicant.registered", 3, id="again")).applied == 1
    assert [row["phone"] for row in both.rows(contacts)] == [REGISTERED.data["phone"]]
    assert both.emitted("store.conflicted") == []


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("", "no phone number"), ("02438251234", "not a mobile number"), ("khong co", "not a phone number")],
)
def test_without_a_mobile_number_the_message_is_skipped_with_the_reason(
    notify: ServiceUnderTest, phone: str, reason: str
) -> None:
    notify.apply(
        event("applicant.registered", 1, phone=phone, email="", address=""), RECEIVED, event("rating.invited", 1)
    )
    for row in notify.rows(deliveries):
        assert (row["state"], row["address"], row["secret_parts"], row["reason"]) == ("skipped", None, None, reason)
        assert row["finished_at"] == notify.store.clock.now()
    assert [entry.data["reason"] for entry in notify.emitted("message.skipped")] == [reason, reason]
    assert {entry.data["kind"] for entry in notify.emitted()} == {"received", "rating_invitation"}


def test_a_skipped_message_is_announced_once(both: ServiceUnderTest) -> None:
    both.apply(
        event("applicant.registered", 1, phone="", email="", address=""),
        event("obligation.requested", 1),
        event("obligation.requested", 2),
    )
    assert len(both.emitted("message.skipped")) == 1


def test_the_one_time_token_is_not_in_the_shown_text(notify: ServiceUnderTest) -> None:
    notify.apply(REGISTERED, event("rating.invited", 1, token="0123456789abcdefghjk"))
    (row,) = notify.rows(deliveries)
    assert "0123456789abcdefghjk" not in row["text"]
    assert "0123456789abcdefghjk" in row["secret_parts"]


def test_unknown_fields_of_events_are_ignored(notify: ServiceUnderTest) -> None:
    notify.apply(with_unknown_fields(REGISTERED), with_unknown_fields(RECEIVED))
    assert states(notify) == [("received", "queued")]


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_an_invalid_event_is_parked_and_the_others_are_applied(notify: ServiceUnderTest, name: str) -> None:
    poisoned = replace(event(name, 1), id="poisoned", key="D-2")
    outcome = notify.apply(b"{", without(poisoned, REGISTRY.by_name[name].key), REGISTERED, RECEIVED)
    assert outcome.parked == 2
    assert states(notify) == [("received", "queued")]


def test_a_failing_handler_parks_its_event_and_blocks_only_its_dossier(notify: ServiceUnderTest) -> None:
    def broken(_: Event, work: UnitOfWork) -> None:
        work.emit("message.skipped", {})

    notify.applier = Applier(notify.store, HANDLERS | {"obligation.requested": broken})
    others = (event("applicant.registered", 1, dossier="D-2"), event("dossier.received", 2, dossier="D-2"))
    notify.apply(REGISTERED, event("obligation.requested", 1), RECEIVED, *others)
    assert [(row["dossier"], row["kind"]) for row in notify.rows(messages)] == [("D-2", "received")]
    assert notify.retry_rows() == [("parked", "permanent"), ("waiting", "blocked")]
    assert notify.emitted() == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("obligation.requested", {"amount": 1}),
        ("obligation.requested", {"name": "Khác"}),
        ("obligation.requested", {"kind": "fine"}),
        ("obligation.requested", {"agency": "H57.30.01"}),
        ("obligation.requested", {"requested_at": "2025-11-26T09:00:00+07:00"}),
        ("supplement.requested", {"papers": ["Khác"]}),
        ("supplement.requested", {"reason": "Khác"}),
        ("supplement.requested", {"until": None}),
        ("supplement.requested", {"requested_at": "2025-11-22T09:00:00+07:00"}),
        ("dossier.corrected", {"found_at": "2025-12-06T09:00:00+07:00"}),
    ],
)
def test_other_contents_of_what_the_citizen_was_told_are_parked(
    both: ServiceUnderTest, name: str, other: dict[str, Any]
) -> None:
    both.apply(REGISTERED, event(name, 1))
    before = both.rows(messages), both.rows(deliveries)
    assert both.apply(event(name, 2)).applied == 1, "the same, sent again under another id"
    contradicting = event(name, 3)
    assert both.apply(replace(contradicting, data=contradicting.data | other)).parked == 1
    assert (both.rows(messages), both.rows(deliveries)) == before
    assert both.retry_rows() == [("parked", "conflict")]


def test_a_correction_that_is_made_again_after_a_restore_is_no_contradiction(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("dossier.corrected", 1))
    again = event("dossier.corrected", 2, corrected_at="2025-12-09T10:00:00+07:00", due_at="2025-12-11T17:30:00+07:00")
    assert both.apply(again).applied == 1
    assert states(both) == [("corrected", "queued")]


@pytest.mark.parametrize("at_once", [True, False])
def test_an_invitation_makes_an_earlier_one_void(both: ServiceUnderTest, at_once: bool) -> None:
    first, second = event("rating.invited", 2), event("rating.invited", 3, token="0123456789abcdefghjk")
    both.apply(REGISTERED)
    for batch in [(first, second)] if at_once else [(first,), (second,)]:
        assert both.apply(*batch).applied == len(batch)
    states = {row["cause"][-1]: row["state"] for row in both.rows(messages)}
    assert states == {"2": "skipped", "3": "queued"}


@pytest.mark.parametrize("agency", [7, "H57\0", ["H57.10.01"]])
def test_a_malformed_agency_harms_no_other_event_of_its_batch(both: ServiceUnderTest, agency: object) -> None:
    malformed = event("dossier.received", 1, dossier="D-2", receiving_agency=agency)
    outcome = both.apply(REGISTERED, malformed, RECEIVED)
    assert (outcome.applied, outcome.queued + outcome.parked) == (2, 1)
    assert states(both) == [("received", "queued")]


def test_an_erased_dossier_leaves_no_name_number_or_text_and_sends_nothing_more(both: ServiceUnderTest) -> None:
    erased = event("dossier.erased", 3)
    both.apply(REGISTERED, RECEIVED, erased)
    (contact,), (message,), (delivery,) = both.rows(contacts), both.rows(messages), both.rows(deliveries)
    assert {contact[name] for name in ("name", "phone", "email", "address", "chat_user")} == {""}
    assert both.rows(statuses) == []
    assert (message["variables"], message["state"]) == (None, "skipped")
    erased_columns = ("address", "text", "parts", "secret_parts", "state")
    assert [delivery[name] for name in erased_columns] == [None, "", None, None, "skipped"]
    assert both.apply(replace(erased, id="again", sequence=4)).applied == 1, "as after a restored backup"

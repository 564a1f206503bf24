from __future__ import annotations

import pytest

from services.notify.handlers import HANDLERS
from services.notify.store import contacts, messages, metadata
from services.notify.worker import WORK
from shared.bus.apply import Applier
from shared.bus.event import Event
from shared.contracts import REGISTRY
from shared.migrations import differences
from shared.store import UnitOfWork
from tests.support.events import event
from tests.support.service import ServiceUnderTest, with_unknown_fields, without

REGISTERED = event("applicant.registered", 1)
RECEIVED = event("dossier.received", 2)


def states(notify: ServiceUnderTest) -> list[tuple[str, str]]:
    return [(row["kind"], row["state"]) for row in notify.rows(messages)]


def test_handlers_are_the_subscriptions() -> None:
    assert sorted(HANDLERS) == list(REGISTRY.subscriptions()["notify"])
    assert WORK.handlers is HANDLERS


def test_migrations_and_tables_agree(both: ServiceUnderTest) -> None:
    with both.store.read() as connection:
        assert differences(connection, metadata) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dossier.received", "received"),
        ("obligation.requested", "obligation"),
        ("dossier.resolved", "result_ready"),
        ("rating.invited", "rating_invitation"),
    ],
)
def test_what_happens_is_told(notify: ServiceUnderTest, name: str, kind: str) -> None:
    notify.apply(REGISTERED, event(name, 2))
    (row,) = notify.rows(messages)
    assert (row["kind"], row["state"], row["phone"]) == (kind, "queued", "0912345678")
    assert REGISTERED.key in row["text"]


def test_an_event_that_comes_twice_is_told_once(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, RECEIVED, RECEIVED)
    assert both.apply(RECEIVED).duplicates == 1
    assert states(both) == [("received", "queued")]


def test_an_obligation_is_told_once_however_often_it_is_said(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("obligation.requested", 1), event("obligation.requested", 2))
    assert states(both) == [("obligation", "queued")]
    both.apply(event("obligation.requested", 3, obligation="another"))
    assert len(states(both)) == 2


def test_what_comes_before_the_contact_waits_for_it(both: ServiceUnderTest) -> None:
    assert both.apply(event("dossier.resolved", 1)).held == 1
    assert both.held() == [("waiting", "wait")]
    both.apply(REGISTERED)
    both.applier.retry_due()
    assert both.held() == []
    assert states(both) == [("result_ready", "queued")]


def test_a_later_registration_replaces_the_contact(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("applicant.registered", 2, phone="0987654321"), RECEIVED)
    assert [row["phone"] for row in both.rows(contacts)] == ["0987654321"]
    assert [row["phone"] for row in both.rows(messages)] == ["0987654321"]


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("", "no phone number"), ("02438251234", "not a mobile number"), ("khong co", "not a phone number")],
)
def test_without_a_mobile_number_the_message_is_skipped_and_says_why(
    notify: ServiceUnderTest, phone: str, reason: str
) -> None:
    notify.apply(event("applicant.registered", 1, phone=phone), RECEIVED, event("rating.invited", 1))
    for row in notify.rows(messages):
        assert (row["state"], row["phone"], row["body"], row["reason"]) == ("skipped", None, None, reason)
        assert row["finished_at"] == notify.store.clock.now()
    assert [entry.data["reason"] for entry in notify.emitted("message.skipped")] == [reason, reason]
    assert {entry.data["kind"] for entry in notify.emitted()} == {"received", "rating_invitation"}


def test_a_skipped_message_is_announced_once(both: ServiceUnderTest) -> None:
    both.apply(
        event("applicant.registered", 1, phone=""), event("obligation.requested", 1), event("obligation.requested", 2)
    )
    assert len(both.emitted("message.skipped")) == 1


def test_the_one_time_token_is_kept_out_of_what_is_shown(notify: ServiceUnderTest) -> None:
    notify.apply(REGISTERED, event("rating.invited", 1, token="0123456789abcdefghjk"))
    (row,) = notify.rows(messages)
    assert "0123456789abcdefghjk" not in row["text"]
    assert "0123456789abcdefghjk" in row["body"]


def test_events_of_a_newer_sender_are_understood(notify: ServiceUnderTest) -> None:
    notify.apply(with_unknown_fields(REGISTERED), with_unknown_fields(RECEIVED))
    assert states(notify) == [("received", "queued")]


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_what_breaks_its_contract_is_parked_and_the_rest_goes_on(notify: ServiceUnderTest, name: str) -> None:
    poisoned = event(name, 1, dossier="D-2")
    outcome = notify.apply(b"{", without(poisoned, "dossier"), REGISTERED, RECEIVED)
    assert outcome.parked == 2
    assert states(notify) == [("received", "queued")]


def test_a_bug_in_a_handler_parks_its_event_the_dossier_waits_and_others_go_on(notify: ServiceUnderTest) -> None:
    def broken(_: Event, work: UnitOfWork) -> None:
        work.emit("message.skipped", {})

    notify.applier = Applier(notify.store, HANDLERS | {"obligation.requested": broken})
    others = (event("applicant.registered", 1, dossier="D-2"), event("dossier.received", 2, dossier="D-2"))
    notify.apply(REGISTERED, event("obligation.requested", 1), RECEIVED, *others)
    assert [(row["dossier"], row["kind"]) for row in notify.rows(messages)] == [("D-2", "received")]
    assert notify.held() == [("parked", "permanent"), ("waiting", "behind")]
    assert notify.emitted() == []

"""Invitations to surveys: with the link, after STOP not by SMS, and one for each person."""

from __future__ import annotations

from datetime import timedelta

from services.notify.delivery.store import deliveries
from services.notify.inbound.stopped import hash_number
from services.notify.inbound.store import stopped_numbers
from services.notify.messages.store import messages
from services.notify.surveys.store import recipients
from shared.messaging.event import Event
from tests.support.events import event
from tests.support.service import ServiceUnderTest

PHONE, OTHER = "0912345678", "0987654321"
SURVEY = "2a6c1f7e-54d0-4c1b-8f0a-90b1d7c3e512"


def registered(dossier: str, phone: str = PHONE, email: str = "") -> Event:
    return event("applicant.registered", 1, dossier=dossier, phone=phone, email=email, address="")


def invited(notify: ServiceUnderTest, number: int, dossier: str, survey: str = SURVEY, reminder: bool = False) -> Event:
    until = (notify.store.clock.now() + timedelta(days=20)).isoformat()
    token = f"{number:020d}"
    return event(
        "survey.invited", number, dossier=dossier, survey=survey, token=token, expires_at=until, reminder=reminder
    )


def sent(notify: ServiceUnderTest) -> list[tuple[str, str]]:
    return sorted((row["dossier"], row["template"]) for row in notify.rows(messages) if row["state"] == "queued")


def test_one_invitation_for_each_person(both: ServiceUnderTest) -> None:
    both.apply(registered("D-1"), registered("D-2", "+84 912 345 678"), registered("D-3", OTHER))
    both.apply(*(invited(both, number, f"D-{number}") for number in (1, 2, 3)))
    assert sent(both) == [("D-1", "survey_invitation"), ("D-3", "survey_invitation")]
    (skipped,) = both.emitted("message.skipped")
    assert (skipped.data["dossier"], skipped.data["reason"]) == (
        "D-2",
        "the person was invited for another dossier",
    )
    both.apply(invited(both, 4, "D-2", survey="another survey"))
    assert ("D-2", "survey_invitation") in sent(both)
    assert PHONE not in str(both.rows(recipients))


def test_a_person_without_a_number_is_known_by_the_address(notify: ServiceUnderTest) -> None:
    notify.apply(registered("D-1", "", "La.Bun@example.com"), registered("D-2", "", "la.bun@example.com"))
    notify.apply(registered("D-3", "", ""), registered("D-4", "", ""))
    notify.apply(*(invited(notify, number, f"D-{number}") for number in (1, 2, 3, 4)))
    assert sent(notify) == [("D-1", "survey_invitation")]
    reasons = [entry.data["reason"] for entry in notify.emitted("message.skipped")]
    assert reasons.count("the person was invited for another dossier") == 1
    assert len(reasons) == 3, "who can be reached by nothing is skipped, not taken for somebody else"


def test_the_reminder_says_so_and_voids_what_was_not_sent(notify: ServiceUnderTest) -> None:
    notify.apply(registered("D-1"), invited(notify, 1, "D-1"))
    notify.apply(invited(notify, 2, "D-1", reminder=True))
    assert sent(notify) == [("D-1", "survey_invitation.reminder")]
    assert [entry.data["reason"] for entry in notify.emitted("message.skipped")] == ["another invitation follows"]


def test_an_invitation_that_comes_before_the_contact_waits(notify: ServiceUnderTest) -> None:
    notify.apply(invited(notify, 1, "D-1"))
    assert notify.retry_rows() == [("waiting", "not_yet")]
    assert notify.rows(recipients) == []


def test_who_has_stopped_sms_gets_none(notify: ServiceUnderTest) -> None:
    number = hash_number(notify.context.settings.hash_key, PHONE)
    row = {"number_hash": number, "since": notify.store.clock.now()}
    notify.store.run(lambda work: work.connection.execute(stopped_numbers.insert(), row))
    notify.apply(registered("D-1"), invited(notify, 1, "D-1"))
    assert {(row["channel"], row["state"]) for row in notify.rows(deliveries)} == {("sms", "skipped")}


def test_what_is_known_of_a_person_goes_with_the_survey_and_with_the_dossier(notify: ServiceUnderTest) -> None:
    notify.apply(registered("D-1"), registered("D-2", OTHER), invited(notify, 1, "D-1"), invited(notify, 2, "D-2"))
    notify.apply(event("dossier.erased", 1, dossier="D-1"))
    assert [row["dossier"] for row in notify.rows(recipients)] == ["D-2"]
    notify.hand.pass_(timedelta(days=21))
    notify.apply(registered("D-3", "0911111111"), invited(notify, 3, "D-3", survey="the next survey"))
    assert [row["survey"] for row in notify.rows(recipients)] == ["the next survey"]

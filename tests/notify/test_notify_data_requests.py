"""Notify says what it keeps about the applicant of a dossier, to intake alone."""

from __future__ import annotations

import orjson
from sqlalchemy import select

from shared.messaging.tables import outbox
from shared.persistence.reading_audit import INSERT
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

REGISTERED = event("applicant.registered", 1)
CODE = REGISTERED.key
REQUESTED = event("personal_data.requested", 4, dossier=CODE)


def test_contact_messages_and_readings_are_provided_sealed(both: ServiceUnderTest) -> None:
    both.apply(REGISTERED, event("dossier.received", 2, dossier=CODE))
    both.apply(event("applicant.corrected", 3, dossier=CODE, phone="0912345679"))
    reading = {"at": MONDAY, "subject": "clerk-1", "roles": "clerk", "agency": "H57.10.01", "action": "messages"}
    both.store.run(lambda work: work.execute(INSERT, reading | {"record": CODE}))
    both.apply(REQUESTED, REQUESTED)
    assert both.apply(REQUESTED).duplicates == 1
    (answer,) = both.emitted("personal_data.messages_provided")
    data = answer.data
    assert (answer.key, data["request"]) == (CODE, REQUESTED.data["request"])
    assert (data["contact"]["name"], data["contact"]["phone"]) == (REGISTERED.data["name"], "0912345679")
    assert sorted((one["kind"], one["state"], one["phone"]) for one in data["messages"]) == [
        ("received", "queued", "0912345679"),
        ("received", "skipped", "09xx xxx 678"),
    ], "an earlier number may be a stranger's"
    assert CODE in data["messages"][0]["text"]
    assert data["readings"] == [{"at": MONDAY.isoformat(), "agency": "H57.10.01", "action": "messages"}]
    with both.store.read() as connection:
        bodies = " ".join(orjson.loads(orjson.dumps(connection.execute(select(outbox.c.body)).scalars().all())))
    assert "0912345679" not in bodies
    assert REGISTERED.data["name"] not in bodies


def test_a_request_waits_for_the_contact_and_says_nothing_of_what_is_erased(both: ServiceUnderTest) -> None:
    assert both.apply(event("personal_data.requested", 1, dossier=CODE)).applied == 0
    assert both.emitted("personal_data.messages_provided") == []
    both.apply(event("applicant.registered", 2), event("dossier.erased", 3, dossier=CODE))
    both.apply(event("personal_data.requested", 4, id="later", dossier=CODE))
    contacts = [one.data["contact"] for one in both.emitted("personal_data.messages_provided")]
    assert all((one["name"], one["phone"]) == ("", "") for one in contacts)

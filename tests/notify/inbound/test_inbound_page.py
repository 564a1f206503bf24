"""Staff see what citizens have asked by SMS about their own dossiers, and nothing of who has rated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from services.notify.app import create_app
from services.notify.inbound.commands import answer_new, take
from services.notify.inbound.labels import IGNORED_LABELS, PURPOSE_LABELS, reply_label
from services.notify.inbound.queries import PAGE_SIZE
from services.notify.inbound.rules import Purpose
from services.notify.inbound.status import Stage
from shared.persistence.reading_audit import reading_audit
from shared.runtime.lookup_secret import hash_secret
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK, OTHER = "H57.10.01", "H12.31.01"
CODE, SECRET, PAGE = "H57.10.01-251120-0001", "ABCD2345", "/notify/inbound"


@pytest.fixture
def client(notify: ServiceUnderTest) -> FlaskClient:
    """Notify with a dossier that was returned."""
    hashed = hash_secret(SECRET, notify.context.settings.hash_key)
    notify.apply(
        event("applicant.registered", 1, dossier=CODE, lookup_hash=hashed),
        event("dossier.received", 2, dossier=CODE, receiving_agency=DESK),
        event("dossier.returned", 3, dossier=CODE, receiving_agency=DESK),
    )
    return notify.client(create_app)


def write(notify: ServiceUnderTest, text: str, number: int = 0) -> None:
    now = notify.context.clock.wall()
    notify.store.run(lambda work: take(work, "smsc", f"+849876543{number:02d}", "8099", text, now))
    answer_new(notify.context)
    notify.hand.pass_(timedelta(seconds=1))


def seen(notify: ServiceUnderTest, client: FlaskClient, agency: str = DESK, place: str = PAGE) -> str:
    return client.get(place, headers=notify.headers("clerk", agency)).text


def test_own_dossiers_with_masked_numbers_audited(notify: ServiceUnderTest, client: FlaskClient) -> None:
    write(notify, f"HS {CODE} {SECRET}")
    write(notify, f"HS {CODE} ZZZZ2345")
    page = seen(notify, client)
    assert "09xx xxx 300" in page
    assert "Đã trả kết quả" in page
    assert "Sai mã" in page
    assert SECRET not in page
    assert "87654300" not in page
    assert [(row["action"], row["record"]) for row in notify.rows(reading_audit)] == [("inbound-messages", DESK)]


def test_nobody_elses(notify: ServiceUnderTest, client: FlaskClient) -> None:
    write(notify, f"HS {CODE} {SECRET}")
    write(notify, "HS H57.10.01-251120-0009 ABCD2345")
    assert CODE not in seen(notify, client, OTHER)
    assert "251120-0009" not in seen(notify, client), "a dossier that nobody knows belongs to no agency"
    for role, agency in (("officer", DESK), ("clerk", "")):
        assert client.get(PAGE, headers=notify.headers(role, agency)).status_code == 403


def test_who_rates_is_not_seen(notify: ServiceUnderTest, client: FlaskClient) -> None:
    write(notify, f"DG {CODE} {SECRET} 1")
    write(notify, f"DG {CODE} ZZZZ2345 1")
    assert len(notify.emitted("rating.submitted_by_sms")) == 1
    assert CODE not in seen(notify, client)


def test_the_list_goes_on_on_the_next_page(notify: ServiceUnderTest, client: FlaskClient) -> None:
    for number in range(PAGE_SIZE + 1):
        write(notify, f"HS {CODE} {SECRET}", number)
    first = seen(notify, client)
    assert "xxx 300" not in first
    following = first.partition(f'href="{PAGE}?after=')[2].partition('"')[0]
    assert "xxx 300" in seen(notify, client, place=f"{PAGE}?after={following}")
    assert "xxx 350" in seen(notify, client, place=f"{PAGE}?after=nonsense")


def test_every_purpose_and_answer_has_a_name() -> None:
    assert PURPOSE_LABELS.keys() == set(Purpose)
    answers = [*Stage, *IGNORED_LABELS, "rating_passed_on", "rating_not_open", "wrong", "stop", "start", "help"]
    assert all(all(reply_label(one)) for one in answers)

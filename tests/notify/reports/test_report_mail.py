"""E-mails about published reports: to whom they go, once for each version, what they say, and how a recipient ends them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.notify.app import create_app
from services.notify.contacts.store import contacts
from services.notify.delivery.store import deliveries
from services.notify.messages.store import messages
from services.notify.reports import store
from services.notify.reports.commands import RecipientError, UnknownRecipient, add_recipient, remove_recipient
from tests.support.events import event
from tests.support.service import ServiceUnderTest

AGENCY, OTHER = "H12.20", "H12.31.01"
MAIL = "van-phong@example.vn"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


def add(notify: ServiceUnderTest, email: str = MAIL, agency: str = AGENCY, language: str = "vi") -> str:
    return notify.store.run(lambda work: add_recipient(work, agency, email, language, "operator-1"))


def token(notify: ServiceUnderTest, id_: str) -> str:
    with notify.store.read() as connection:
        found = store.find(connection, id_)
    assert found is not None
    return store.token_of(found)


def mails(notify: ServiceUnderTest) -> list[dict[str, Any]]:
    return [row for row in notify.rows(deliveries) if row["kind"] == "report_published"]


def test_each_recipient_gets_one_email_for_each_version(both: ServiceUnderTest) -> None:
    vietnamese, english = add(both), add(both, "office@example.org", language="en")
    add(both, "other@example.org", OTHER)
    first = event("report.published", 1)
    both.apply(first, first)
    both.apply(event("report.published", 2, id="sent again after a restore"))
    found = {row["dossier"]: row for row in mails(both)}
    assert len(mails(both)) == 2
    assert set(found) == {vietnamese, english}
    assert {row["channel"] for row in found.values()} == {"email"}
    assert {row["state"] for row in found.values()} == {"queued"}
    text = found[vietnamese]["text"]
    assert "báo cáo tháng 10 năm 2026, số 05/BC-H12.20" in text
    assert "Tiếp nhận: 1.204" in text
    assert "/stats/published-reports/0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b77" in text
    assert "month 10 of 2026" in found[english]["text"]
    assert "Received: 1,204" in found[english]["text"]
    assert token(both, vietnamese) not in text, "the link that ends the e-mails is a secret"
    assert token(both, vietnamese) in str(found[vietnamese]["secret_parts"])
    both.apply(
        event("report.published", 1, report="another", replaces="0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b77", number="06/BC")
    )
    assert len(mails(both)) == 4
    assert sum("báo cáo đính chính" in row["text"] for row in mails(both)) == 1


def test_another_report_of_the_same_id_is_a_contradiction(both: ServiceUnderTest) -> None:
    add(both)
    both.apply(event("report.published", 1))
    both.apply(event("report.published", 2, id="another", number="99/BC-H12.20"))
    assert both.retry_rows()
    assert len(mails(both)) == 1


def test_an_address_is_entered_once_and_faults_are_named(both: ServiceUnderTest) -> None:
    assert add(both) == add(both, f" {MAIL.upper()} ")
    assert add(both, agency=OTHER) != add(both)
    for wrong in ({"email": "nobody"}, {"email": ""}, {"agency": "H99"}, {"language": "fr"}):
        with pytest.raises(RecipientError) as raised:
            add(both, **{"email": MAIL, **wrong})
        assert raised.value.field in wrong


def test_who_is_removed_gets_nothing_more_and_the_address_is_erased(both: ServiceUnderTest) -> None:
    id_ = add(both)
    both.apply(event("report.published", 1))
    both.store.run(lambda work: remove_recipient(work, id_))
    (row,) = mails(both)
    assert (row["state"], row["address"], row["text"]) == ("skipped", None, "")
    assert [row["email"] for row in both.rows(contacts)] == [""]
    assert [row["variables"] for row in both.rows(messages)] == [None]
    both.apply(event("report.published", 1, report="another"))
    assert len(mails(both)) == 1
    with pytest.raises(UnknownRecipient):
        both.store.run(lambda work: remove_recipient(work, id_))
    assert add(both) != id_, "the same address may be entered again"


def test_a_recipient_stops_the_emails_by_the_link(notify: ServiceUnderTest) -> None:
    id_, client = add(notify), notify.client(create_app)
    own = token(notify, id_)
    for wrong in ("x", f"{id_}.", f"{id_}.{own[:-1]}", f"{own}x", ".", "%00", own.partition(".")[2]):
        assert client.get(f"/notify/report-mail/{wrong}", headers=OWN).status_code == 404, wrong
        assert client.post(f"/notify/report-mail/{wrong}", headers=OWN).status_code == 404, wrong
    place = f"/notify/report-mail/{own}"
    asked = client.get(place, headers=OWN)
    assert (asked.status_code, MAIL in asked.text) == (200, False)
    with notify.store.read() as connection:
        assert len(store.listed(connection, None, 10)) == 1, "opening the link changes nothing"
    for _ in range(2):
        done = client.post(place, headers=OWN)
        assert (done.status_code, "Đã ngừng gửi" in done.text) == (200, True)
    with notify.store.read() as connection:
        assert store.listed(connection, None, 10) == []


def page(notify: ServiceUnderTest, client: FlaskClient, role: str, agency: str) -> tuple[int, str]:
    headers = OWN | (notify.headers(role, agency, role) if role else {})
    answer = client.get("/notify/report-recipients", headers=headers)
    return answer.status_code, answer.text


def test_leaders_keep_the_recipients_of_their_agencies_and_operators_all(notify: ServiceUnderTest) -> None:
    centre, desk, client = add(notify), add(notify, "desk@example.org", OTHER), notify.client(create_app)
    for role, agency, seen in (
        ("operator", "", {centre, desk}),
        ("leader", "H12", {centre, desk}),
        ("leader", AGENCY, {centre}),
        ("leader", OTHER, {desk}),
    ):
        status, text = page(notify, client, role, agency)
        assert (status, {one for one in (centre, desk) if one in text}) == (200, seen), (role, agency)
        assert MAIL not in text, "addresses are masked"
    for role, agency, wanted in (("", "", 303), ("clerk", AGENCY, 403), ("officer", AGENCY, 403), ("citizen", "", 403)):
        assert page(notify, client, role, agency)[0] == wanted
    leader = OWN | notify.headers("leader", OTHER, "leader")
    removal = f"/notify/report-recipients/{centre}/remove"
    assert client.get(removal, headers=leader).status_code == 403
    assert client.post(removal, headers=leader).status_code == 403
    key = re.search(r'name="form_key" value="([^"]+)"', page(notify, client, "leader", OTHER)[1])
    assert key
    typed = {"agency": AGENCY, "email": "new@example.org", "language": "vi", "form_key": key[1]}
    assert client.post("/notify/report-recipients", data=typed, headers=leader).status_code == 403
    wrong = client.post("/notify/report-recipients", data=typed | {"agency": OTHER, "email": "x"}, headers=leader)
    assert (wrong.status_code, "không hợp lệ" in wrong.text) == (422, True)
    for _ in range(2):
        sent = client.post("/notify/report-recipients", data=typed | {"agency": OTHER}, headers=leader)
        assert sent.status_code == 303
    own = f"/notify/report-recipients/{desk}/remove"
    assert client.get(own, headers=leader).status_code == 200
    for _ in range(2):
        assert client.post(own, headers=leader).status_code == 303
    with notify.store.read() as connection:
        assert {one.email for one in store.listed(connection, None, 10)} == {MAIL, "new@example.org"}
    for method in (client.get, client.post):
        assert method("/notify/report-recipients/none/remove", headers=leader).status_code == 404

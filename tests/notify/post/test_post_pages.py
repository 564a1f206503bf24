"""The pages of letters, batches and parcels: only own agencies, audited, sent twice, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.notify.app import create_app
from services.notify.post.batches import store as batches
from services.notify.post.letters import store as letters
from services.notify.post.parcels import store as parcels
from shared.persistence.reading_audit import reading_audit
from tests.notify.post.letters_fixture import DESK, outgoing, send
from tests.support.events import event
from tests.support.pdf import text_of
from tests.support.post import post_something
from tests.support.service import ServiceUnderTest

DOSSIER = f"{DESK}-251120-0001"
OTHER = "H12.20"
KEY = re.compile(r'name="form_key" value="([^"]+)"')


class Desk:
    """A member of staff with a browser."""

    def __init__(self, service: ServiceUnderTest, role: str = "clerk", agency: str = DESK) -> None:
        self.service = service
        self.client: FlaskClient = service.client(create_app)
        self.headers = service.headers(role, agency) | {"Accept": "text/html"}

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/notify/post{path}", headers=self.headers)

    def post(self, path: str, **typed: Any) -> TestResponse:
        return self.client.post(f"/notify/post{path}", data={"form_key": "k", **typed}, headers=self.headers)


def registered(service: ServiceUnderTest) -> None:
    """The contact and a message of the dossier, by which its agency is known."""
    service.apply(
        event("applicant.registered", dossier=DOSSIER),
        event("dossier.received", 2, dossier=DOSSIER, receiving_agency=DESK),
    )


def test_from_the_queue_to_the_post(both: ServiceUnderTest) -> None:
    send(both, outgoing("a"), outgoing("b"))
    desk = Desk(both)
    page = desk.get("/letters").text
    assert "2 thư chờ in" in page
    assert f"01/TB-{DESK}" in page
    closed, again = (desk.post("/letters", agency=DESK, form_key="close-1") for _ in range(2))
    assert closed.status_code == again.status_code == 303
    assert closed.location == again.location
    assert len(both.rows(batches.batches)) == 1
    nothing = desk.post("/letters", agency=DESK, form_key="close-2")
    assert nothing.status_code == 409
    assert "Không có thư nào chờ in" in nothing.text
    path = closed.location.removeprefix("/notify/post")
    assert "Chờ in" in desk.get(path).text
    file = desk.get(f"{path}/letters.pdf")
    assert file.headers["Cache-Control"] == "no-store"
    assert "Bản in lại" not in text_of(file.data)
    early = desk.post(path, action="posted", form_key="early")
    assert early.status_code == 409
    assert "Hãy in thư trước" in early.text
    for action in ("printed", "posted"):
        for _ in range(2):
            assert desk.post(path, action=action, form_key=action).status_code == 303
    assert "Bản in lại" in text_of(desk.get(f"{path}/letters.pdf").data)
    assert desk.get(f"{path}/manifest.csv").data.startswith(b"\xef\xbb\xbfSTT")
    assert "Nguyễn Thị Bưởi" in text_of(desk.get(f"{path}/manifest.pdf").data)
    assert desk.post(path, action="returned-a", reason="chuyển nhà", form_key="back").status_code == 303
    assert [row["state"] for row in both.rows(letters.letters)] == ["returned", "posted"]
    assert "chuyển nhà" in desk.get(path).text
    assert desk.post(path, action="nonsense", form_key="x").status_code == 422
    read = {row["action"] for row in both.rows(reading_audit)}
    assert read == {"letters", "letter-batch", "letter-batch-copy", "letter-manifest"}


@pytest.mark.parametrize(
    ("role", "agency", "status"), [("clerk", OTHER, 403), ("leader", DESK, 200), ("leader", "H12.20.01", 403)]
)
def test_others_do_not_see_a_batch_or_parcel(notify: ServiceUnderTest, role: str, agency: str, status: int) -> None:
    made = post_something(notify.context, DESK, DOSSIER)
    desk = Desk(notify, role, agency)
    for path in (f"/batches/{made['batch']}", f"/parcels/{made['parcel']}"):
        assert desk.get(path).status_code == status
        assert desk.post(path, action="posted", form_key="x").status_code in (403, 404)
    for file in ("letters.pdf", "manifest.csv", "manifest.pdf"):
        assert desk.get(f"/batches/{made['batch']}/{file}").status_code == status
    assert desk.get(f"/parcels/{made['parcel']}/label.pdf").status_code == status
    for path in ("/letters", "/parcels"):
        assert ("Nguyễn Thị Bưởi" in desk.get(path).text or DOSSIER in desk.get(path).text) == (status == 200)


def test_a_clerk_closes_no_batch_of_another_agency(notify: ServiceUnderTest) -> None:
    send(notify, outgoing("a", agency=OTHER))
    assert Desk(notify).post("/letters", agency=OTHER).status_code == 403
    assert Desk(notify, "clerk", "").post("/letters", agency="").status_code == 403
    assert notify.rows(batches.batches) == []


def test_a_parcel_is_registered_by_form(both: ServiceUnderTest) -> None:
    registered(both)
    desk = Desk(both)
    typed = {"dossier": DOSSIER, "contents": "result", "grams": "120", "address": "Ấp 3\nxã Phước Long\nCà Mau"}
    made, again = (desk.post("/parcels", **typed, form_key="parcel-1") for _ in range(2))
    assert made.status_code == again.status_code == 303
    assert made.location == again.location
    (row,) = both.rows(parcels.parcels)
    assert (row["state"], row["address"], row["grams"]) == ("requested", "Ấp 3\nxã Phước Long\nCà Mau", 120)
    page = desk.get(made.location.removeprefix("/notify/post")).text
    assert "Đang đăng ký với bưu điện" in page
    assert "xã Phước Long" in page
    path = f"/parcels/{row['id']}"
    assert desk.get(f"{path}/label.pdf").status_code == 404
    assert desk.post(path, action="handled", form_key="h").status_code == 409
    assert desk.post(path, action="cancel", form_key="c").status_code == 303
    assert both.rows(parcels.parcels)[0]["state"] == "cancelling"
    assert desk.get(f"/parcels?dossier={DOSSIER}").text.count("Đang hủy") == 1


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"dossier": "H12.31.01-251120-9999"}, "dossier"),
        ({"dossier": ""}, "dossier"),
        ({"contents": "bomb"}, "contents"),
        ({"grams": "0"}, "grams"),
        ({"grams": "²"}, "grams"),
        ({"grams": "9" * 30}, "grams"),
        ({"address": "xã Phước Long"}, "address"),
        ({"address": "x" * 2000}, "address"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    notify: ServiceUnderTest, different: dict[str, str], field: str
) -> None:
    registered(notify)
    typed = {"dossier": DOSSIER, "contents": "result", "grams": "120", "address": "Ấp 3, xã Phước Long, Cà Mau"}
    answer = Desk(notify).post("/parcels", **(typed | different))
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert notify.rows(parcels.parcels) == []


def test_a_loss_is_a_worry_until_it_is_settled(notify: ServiceUnderTest) -> None:
    post_something(notify.context, DESK, DOSSIER)
    desk = Desk(notify)
    assert "Cần xử lý" in desk.get("/parcels").text
    lost = next(row["id"] for row in notify.rows(parcels.parcels) if row["state"] == "lost")
    assert "Bị thất lạc" in desk.get(f"/parcels/{lost}").text
    for _ in range(2):
        assert desk.post(f"/parcels/{lost}", action="handled", form_key="h").status_code == 303
    assert "Cần xử lý" not in desk.get("/parcels").text


def test_every_form_of_the_pages_has_a_key(notify: ServiceUnderTest) -> None:
    made = post_something(notify.context, DESK, DOSSIER)
    desk = Desk(notify)
    for path in ("/letters", "/parcels", f"/batches/{made['batch']}"):
        page = desk.get(path).text
        assert (
            len(KEY.findall(page)) == len(re.findall('<form method="post"', page)) - 1
        )  # without the one that signs out

"""Paper forms: each is entered once, is marked, and is never about the clerk who enters it."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.officials.domain import RECEPTION, Part
from services.rating.officials.store import add_dossier_official
from services.rating.papers.store import papers
from services.rating.ratings.store import rating_corrections, rating_officials, ratings
from shared.runtime.clock import VIETNAM
from tests.rating.support import DESK, invite, register
from tests.support.service import ServiceUnderTest

ENTER, ENTERED = "/rating/papers", "/rating/papers/entered"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}
MONDAY = "2025-11-03"


class Desk:
    """A clerk and a leader at a desk, with forms as browsers send them."""

    def __init__(self, service: ServiceUnderTest) -> None:
        self.service = service
        self.app = service.app(create_app)
        self.sent = 0

    def browser(self, role: str = "clerk", subject: str = "clerk-1", agency: str = DESK) -> FlaskClient:
        client = self.app.test_client()
        session = self.service.headers(role, agency, subject)["Authorization"].removeprefix("Bearer ")
        client.set_cookie("motcua_session", session)
        return client

    def enter(self, subject: str = "clerk-1", agency: str = DESK, **typed: str) -> Any:
        self.sent += 1
        sent = {"number": "AX-001", "day": MONDAY, "score": "4", "form_key": f"paper-{self.sent}", **typed}
        return self.browser(subject=subject, agency=agency).post(ENTER, data=sent, headers=OWN)

    def correct(self, subject: str = "leader-1", agency: str = DESK, **typed: str) -> Any:
        self.sent += 1
        sent = {"number": "AX-001", "reason": "Nhập nhầm ô", "form_key": f"correct-{self.sent}", **typed}
        return self.browser("leader", subject, agency).post(ENTERED, data=sent, headers=OWN)


@pytest.fixture
def desk(rating: ServiceUnderTest) -> Desk:
    return Desk(rating)


def test_a_paper_about_a_visit_is_kept_and_marked(both: ServiceUnderTest) -> None:
    register(both, "official-2")
    typed = {"counter": "3", "official": "official-2", "criteria.attitude": "5", "courtesy.thanks": "yes"}
    answer = Desk(both).enter(number=" ax 001 ", comment="Chờ hơi lâu.", **typed)
    assert answer.status_code == 303
    (row,) = both.rows(ratings)
    assert (row["kind"], row["channel"], row["agency"], row["dossier"]) == ("visit", "paper", DESK, None)
    assert (row["counter"], row["entered_by"], row["score"]) == (3, "clerk-1", 4)
    assert (row["criteria"], row["courtesy"], row["comment"]) == ({"attitude": 5}, {"thanks": True}, "Chờ hơi lâu.")
    assert row["given_at"].astimezone(VIETNAM) == datetime(2025, 11, 3, 8, tzinfo=VIETNAM), "never later than now"
    assert [one["official"] for one in both.rows(rating_officials)] == ["official-2"]
    (paper,) = both.rows(papers)
    assert (paper["number"], paper["day"], paper["entered_by"]) == ("AX001", date(2025, 11, 3), "clerk-1")
    (given,) = both.emitted("rating.given")
    assert (given.data["channel"], given.data["kind"], given.data["dossier"]) == ("paper", "visit", None)
    assert "clerk-1" not in given.to_json().decode()


def test_a_paper_of_an_earlier_day_counts_for_that_day(rating: ServiceUnderTest, desk: Desk) -> None:
    assert desk.enter(day="2025-10-31").status_code == 303
    (row,) = rating.rows(ratings)
    assert row["given_at"].astimezone(VIETNAM) == datetime(2025, 10, 31, 12, tzinfo=VIETNAM)


def test_a_number_is_entered_once(rating: ServiceUnderTest, desk: Desk) -> None:
    assert desk.enter().status_code == 303
    for again in ({}, {"number": "ax-001"}, {"score": "1"}, {"day": "2025-10-30"}):
        answer = desk.enter("clerk-2", **again)
        assert answer.status_code == 409
        assert "Phiếu số này đã được nhập" in answer.text
        assert 'id="f-number-error"' in answer.text
    assert [row["score"] for row in rating.rows(ratings)] == [4]


def test_the_same_form_sent_twice_is_entered_once_and_answered_alike(rating: ServiceUnderTest, desk: Desk) -> None:
    for _ in range(2):
        assert desk.enter(form_key="pressed-twice").status_code == 303
    assert len(rating.rows(ratings)) == 1


def test_of_two_clerks_who_enter_one_paper_at_once_one_succeeds(both: ServiceUnderTest) -> None:
    here, start = Desk(both), threading.Barrier(2)
    answers: list[int] = []

    def enter(clerk: str) -> None:
        sent = {"number": "AX-001", "day": MONDAY, "score": "4", "form_key": clerk}
        browser = here.browser(subject=clerk)
        start.wait()
        answers.append(browser.post(ENTER, data=sent, headers=OWN).status_code)

    threads = [threading.Thread(target=enter, args=(clerk,)) for clerk in ("clerk-1", "clerk-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    assert len(both.rows(ratings)) == len(both.rows(papers)) == len(both.emitted("rating.given")) == 1


def test_a_paper_about_a_dossier_uses_its_invitation_up(both: ServiceUnderTest) -> None:
    token, here = invite(both), Desk(both)
    assert here.enter(dossier=" d-1 ", counter="3").status_code == 303
    (row,) = both.rows(ratings)
    assert (row["kind"], row["dossier"], row["procedure"], row["counter"]) == ("dossier", "D-1", "1.013831", None)
    assert both.client(create_app).post("/rating/api/ratings", json={"token": token, "score": 1}).status_code == 409
    again = here.enter(number="AX-002", dossier="D-1")
    assert (again.status_code, "đã được đánh giá" in again.text) == (409, True)
    assert len(both.rows(papers)) == 1, "what was refused leaves no paper"


def test_a_dossier_that_was_rated_by_its_code_is_not_rated_on_paper(rating: ServiceUnderTest, desk: Desk) -> None:
    token = invite(rating)
    rating.client(create_app).post("/rating/api/ratings", json={"token": token, "score": 5})
    assert desk.enter(dossier="D-1").status_code == 409
    assert [row["score"] for row in rating.rows(ratings)] == [5]


@pytest.mark.parametrize("dossier", ["D-2", "KHÔNG-CÓ"])
def test_a_dossier_of_another_desk_or_none_is_refused(rating: ServiceUnderTest, desk: Desk, dossier: str) -> None:
    invite(rating, "D-2", receiving_agency="H12.31.01")
    answer = desk.enter(dossier=dossier)
    assert (answer.status_code, 'id="f-dossier-error"' in answer.text) == (404, True)
    assert rating.rows(ratings) == []


def test_only_the_date_on_the_paper_says_whether_it_is_too_late(rating: ServiceUnderTest, desk: Desk) -> None:
    invite(rating, "D-1")
    invite(rating, "D-2")
    rating.hand.pass_(timedelta(days=40))
    late = desk.enter(dossier="D-1", day="2025-12-04")
    assert (late.status_code, "hết thời hạn" in late.text) == (410, True)
    assert desk.enter(dossier="D-2", day="2025-12-02").status_code == 303


@pytest.mark.parametrize("field", ["official", "dossier"])
def test_no_clerk_enters_a_paper_about_themselves(rating: ServiceUnderTest, desk: Desk, field: str) -> None:
    register(rating, "clerk-1", "clerk-2")
    invite(rating)
    part = Part("clerk-1", RECEPTION)
    rating.store.run(lambda work: add_dossier_official(work, "D-1", part, DESK, work.now))
    about = {"official": "clerk-1", "dossier": "D-1"}[field]
    refused = desk.enter(**{field: about})
    assert (refused.status_code, "về công việc của chính ông/bà" in refused.text) == (403, True)
    assert rating.rows(ratings) == []
    assert desk.enter("clerk-2", **{field: about}).status_code == 303
    assert 'value="clerk-2"' in desk.browser().get(ENTER).text, "colleagues are offered"
    assert 'value="clerk-1"' not in desk.browser().get(ENTER).text, "oneself is not"


def test_an_official_of_another_desk_is_refused(rating: ServiceUnderTest, desk: Desk) -> None:
    register(rating, "official-9", agency="H12.31.01")
    answer = desk.enter(official="official-9")
    assert (answer.status_code, 'id="f-official-error"' in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "a" * 31}, "number"),
        ({"number": "<b>"}, "number"),
        ({"day": ""}, "day"),
        ({"day": "2025-11-04"}, "day"),
        ({"day": "2024-11-01"}, "day"),
        ({"day": "hôm qua"}, "day"),
        ({"score": ""}, "score"),
        ({"score": "6"}, "score"),
        ({"counter": "0"}, "counter"),
        ({"counter": "x"}, "counter"),
        ({"comment": "a" * 1001}, "comment"),
        ({"criteria.time": "0"}, "criteria-time"),
        ({"courtesy.thanks": "x"}, "courtesy-thanks"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    rating: ServiceUnderTest, desk: Desk, typed: dict[str, str], field: str
) -> None:
    answer = desk.enter(**{"comment": "Giữ lại nhé", **typed})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    if "comment" not in typed:
        assert "Giữ lại nhé" in answer.text
    assert rating.rows(ratings) == rating.rows(papers) == []


def test_an_older_form_is_entered_with_its_own_contents(rating: ServiceUnderTest, desk: Desk) -> None:
    page = desk.browser().get(f"{ENTER}?form=nd61-2018").text
    assert 'name="criteria.one_stop"' in page
    assert desk.enter(form="nd61-2018", **{"criteria.one_stop": "0"}).status_code == 303
    (row,) = rating.rows(ratings)
    assert (row["form"], row["criteria"]) == ("nd61-2018", {"one_stop": 0})


def test_a_leader_corrects_a_paper_and_what_was_entered_is_kept(both: ServiceUnderTest) -> None:
    here = Desk(both)
    here.enter()
    assert here.correct(score="2").status_code == 303
    assert here.correct(score="").status_code == 303
    assert [row["score"] for row in both.rows(ratings)] == [4]
    assert sorted(str(row["score"]) for row in both.rows(rating_corrections)) == ["2", "None"]
    assert [one.data["score"] for one in both.emitted("rating.corrected")] == [2, None]
    page = here.browser("leader", "leader-1").get(ENTERED).text
    assert "AX-001" in page
    assert "không tính" in page


def test_a_leader_of_another_agency_finds_no_paper(rating: ServiceUnderTest, desk: Desk) -> None:
    desk.enter()
    assert desk.correct(agency="H12.31.01").status_code == 404
    assert "AX-001" not in desk.browser("leader", "leader-2", "H12.31.01").get(ENTERED).text
    assert rating.rows(rating_corrections) == []


def test_nobody_corrects_a_paper_about_themselves(rating: ServiceUnderTest, desk: Desk) -> None:
    register(rating, "leader-1")
    desk.enter(official="leader-1")
    assert desk.correct().status_code == 403
    assert rating.rows(rating_corrections) == []


@pytest.mark.parametrize(
    ("typed", "field"), [({"reason": "ok"}, "reason"), ({"number": "AX-9"}, "number"), ({"score": "9"}, "score")]
)
def test_a_wrong_correction_is_told(rating: ServiceUnderTest, desk: Desk, typed: dict[str, str], field: str) -> None:
    desk.enter()
    answer = desk.correct(**typed)
    assert answer.status_code in (404, 422)
    assert f'id="f-{field}-error"' in answer.text
    assert rating.rows(rating_corrections) == []

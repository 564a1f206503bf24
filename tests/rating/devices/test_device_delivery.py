"""Devices over HTTP: each rating counts once, whatever is lost, repeated or wrong on its way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from services.rating.app import create_app
from services.rating.devices.rules import device_rules
from services.rating.devices.session import COOKIE
from services.rating.devices.store import deliveries, devices
from services.rating.officials.store import visits
from services.rating.ratings.store import rating_officials, ratings
from tests.rating.devices.device_fixture import DESK, OTHER_DESK, OWN, Tablet, pairing_code, served, visit_id
from tests.support.service import ServiceUnderTest

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def app(both: ServiceUnderTest) -> Flask:
    return both.app(create_app)


@pytest.fixture
def tablet(app: Flask, both: ServiceUnderTest) -> Tablet:
    return Tablet(app, both)


def far_apart(tablet: Tablet, service: ServiceUnderTest, count: int) -> list[dict[str, Any]]:
    """Ratings without a number, each some minutes after the one before."""
    found = []
    for number in range(count):
        service.hand.pass_(2 * MINUTE)
        found.append(tablet.tap(number % 5 + 1))
    return found


def test_each_rating_counts_once_however_often_it_is_delivered(both: ServiceUnderTest, tablet: Tablet) -> None:
    taken = far_apart(tablet, both, 7)
    assert set(tablet.delivered(taken[:4]).values()) == {"kept"}
    for batch in (taken, taken[::-1], taken[2:3] * 3):
        assert tablet.delivered(batch) == {one["id"]: "kept" for one in batch}
    assert sorted(row["id"] for row in both.rows(ratings)) == sorted(one["id"] for one in taken)
    emitted = both.emitted("rating.given")
    assert sorted(one.data["rating"] for one in emitted) == sorted(one["id"] for one in taken)
    assert {(one.data["kind"], one.data["channel"], one.data["dossier"]) for one in emitted} == {
        ("visit", "device", None)
    }
    assert [row["courtesy"] for row in both.rows(ratings)] == [{"greeting": True}] * 7


def test_another_content_under_a_known_id_lies_aside(both: ServiceUnderTest, app: Flask, tablet: Tablet) -> None:
    (one,) = far_apart(tablet, both, 1)
    assert tablet.delivered([one]) == {one["id"]: "kept"}
    forged = one | {"score": 5}
    for _ in range(2):
        assert tablet.delivered([forged]) == {one["id"]: "conflict"}
    other = Tablet(app, both, number=2, counter=4)
    both.hand.pass_(MINUTE)
    stolen = other.tap(3) | {"id": one["id"]}
    assert other.delivered([stolen]) == {one["id"]: "conflict"}
    assert tablet.delivered([one]) == {one["id"]: "kept"}
    assert [row["score"] for row in both.rows(ratings)] == [one["score"]]


def test_a_visit_is_rated_once_and_names_its_official_but_never_the_visitor(
    both: ServiceUnderTest, tablet: Tablet
) -> None:
    now = both.store.clock.now()
    assert tablet.state()["tickets"] is False
    both.apply(served("called", "t-1", now))
    named = visit_id(both, "t-1")
    assert tablet.state()["turn"] == {"visit": named, "number": "A012", "asks": False}
    both.hand.pass_(5 * MINUTE)
    both.apply(
        served("served", "t-1", both.store.clock.now(), place=2),
        served("called", "t-2", both.store.clock.now(), "A013", place=3),
    )
    assert tablet.state()["turn"] == {"visit": named, "number": "A012", "asks": True}
    first, second = tablet.tap(5, named), tablet.tap(1, named)
    assert tablet.delivered([first]) == {first["id"]: "kept"}
    assert tablet.delivered([second, first]) == {second["id"]: "rated_before", first["id"]: "kept"}
    assert tablet.state()["turn"]["number"] == "A013"
    [kept] = both.rows(ratings)
    assert (kept["counter"], kept["agency"], kept["score"]) == (3, DESK, 5)
    assert [row["official"] for row in both.rows(rating_officials)] == ["clerk-ax"]
    elsewhere = tablet.tap(1, visit_id(both, "t-9"))
    assert tablet.delivered([elsewhere]) == {elsewhere["id"]: "unknown_visit"}
    written = (
        repr(both.rows(deliveries))
        + repr(both.rows(ratings))
        + repr([one.data for one in both.emitted("rating.given")])
    )
    assert not [word for word in (named, "t-1", "A012") if word in written]
    [rated] = [row["rated_at"] for row in both.rows(visits) if row["rated_at"]]
    assert (rated.hour, rated.minute) == (0, 0)


def test_who_presses_many_times_counts_once(both: ServiceUnderTest, tablet: Tablet) -> None:
    presses = []
    for _ in range(6):
        both.hand.pass_(timedelta(seconds=5))
        presses.append(tablet.tap(1))
    outcomes = tablet.delivered(presses)
    gap = device_rules().gap.total_seconds()
    assert [outcomes[one["id"]] for one in presses] == [
        "kept",
        *(["too_soon"] * int(gap / 5 - 1)),
        "kept",
        "too_soon",
        "too_soon",
    ]
    assert len(both.rows(ratings)) == 2
    assert {row["outcome"]: row["content"] for row in both.rows(deliveries)}["too_soon"] == {
        "score": 1,
        "courtesy": {"greeting": True},
    }


def test_a_wrong_clock_is_mended_and_an_impossible_time_lies_aside(app: Flask, both: ServiceUnderTest) -> None:
    tablet = Tablet(app, both, ahead=-timedelta(days=400))
    real = both.store.clock.now()
    one = tablet.tap(4)  # offline before its first contact
    both.hand.pass_(HOUR)
    lost = tablet.tap(4) | {"tapped_at": "1970-01-01T00:00:07+00:00", "offset_ms": 0}
    noted = tablet.tap(4, offset=timedelta(days=400))
    assert tablet.delivered([one, lost, noted]) == {one["id"]: "kept", noted["id"]: "kept", lost["id"]: "time_unknown"}
    found = {row["id"]: row["given_at"] for row in both.rows(ratings)}
    assert abs(found[one["id"]] - real) < timedelta(seconds=2)
    assert abs(found[noted["id"]] - real - HOUR) < timedelta(seconds=2)
    [row] = both.rows(devices)
    assert abs(row["clock_offset"] - 400 * 86_400) < 2


def test_what_comes_more_than_a_day_late_is_marked(both: ServiceUnderTest, tablet: Tablet) -> None:
    early = tablet.tap(2)
    both.hand.pass_(25 * HOUR)
    late = tablet.tap(3)
    tablet.delivered([early, late])
    assert {row["id"]: row["late"] for row in both.rows(deliveries)} == {early["id"]: True, late["id"]: False}


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": 6},
        {"score": None},
        {"score": "5"},
        {"courtesy": {"charm": True}},
        {"courtesy": {"greeting": "yes"}},
        {"courtesy": []},
        {"tapped_at": "yesterday"},
        {"tapped_at": "2025-11-03T08:00:00"},
        {"offset_ms": 10**15},
        {"pairing": None},
        {"visit": "A012"},
    ],
)
def test_a_rating_that_is_not_what_the_form_asks_holds_up_no_other(
    rating: ServiceUnderTest, wrong: dict[str, Any]
) -> None:
    tablet = Tablet(rating.app(create_app), rating)
    bad, good = tablet.tap() | wrong, tablet.tap()
    assert tablet.delivered([bad, good]) == {bad["id"]: "invalid", good["id"]: "kept"}
    assert tablet.delivered([bad]) == {bad["id"]: "invalid"}


def test_what_is_no_delivery_is_refused_naming_the_field(rating: ServiceUnderTest) -> None:
    tablet = Tablet(rating.app(create_app), rating)
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"id": "1"}, "id"),
        ({"sequence": -1}, "sequence"),
        ({"sequence": "x"}, "sequence"),
    )
    for wrong, field in cases:
        answer = tablet.deliver(tablet.tap() | wrong)
        assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, [f"ratings.0.{field}"])
    assert tablet.deliver(battery=101).status_code == 422
    assert tablet.deliver(*[tablet.tap() for _ in range(201)]).status_code == 422
    huge = tablet.client.post("/rating/device/contact", json={"version": "x" * 200_000}, headers=OWN)
    assert huge.status_code == 413
    foreign = {"Origin": "https://evil.vn"}
    assert tablet.client.post("/rating/device/contact", json={}, headers=foreign).status_code == 400
    assert rating.rows(deliveries) == []


def test_ratings_of_the_place_before_keep_their_place(both: ServiceUnderTest, tablet: Tablet) -> None:
    here = tablet.tap(5)
    both.hand.pass_(HOUR)
    tablet.pair(number=2, counter=7)
    there, nowhere = tablet.tap(4), tablet.tap(4) | {"pairing": "0" * 32}
    assert tablet.delivered([here, there, nowhere]) == {
        here["id"]: "kept",
        there["id"]: "kept",
        nowhere["id"]: "unknown_place",
    }
    assert {row["score"]: row["counter"] for row in both.rows(ratings)} == {5: 3, 4: 7}


def test_a_lost_answer_locks_no_tablet_out_and_an_old_token_ends(both: ServiceUnderTest, tablet: Tablet) -> None:
    first, rules = tablet.token, device_rules()
    assert tablet.deliver().status_code == 200
    assert tablet.token == first
    both.hand.pass_(rules.rotate_after)
    tablet.deliver()
    second = tablet.token
    assert second != first
    for _ in range(2):  # the answer was lost: the tablet knows the first token alone
        tablet.show(first)
        both.hand.pass_(9 * DAY)
        tablet.deliver()
        assert tablet.token == second
    tablet.deliver()  # shows the second, which ends the first after a while
    tablet.show(first)
    assert tablet.deliver().status_code == 200
    assert tablet.token == second
    both.hand.pass_(rules.old_token_for)
    tablet.show(first)
    assert tablet.deliver().status_code == 401
    tablet.show(second)
    assert tablet.deliver().status_code == 200
    assert not [token for token in (first, second) if token in repr(both.rows(devices))]


def test_an_unpaired_tablet_keeps_what_it_has_until_it_is_paired_again(both: ServiceUnderTest, app: Flask) -> None:
    tablet = Tablet(app, both)
    kept = tablet.tap()
    clerk = both.headers("clerk", DESK) | OWN
    for desk, status in ((OTHER_DESK, 200), (DESK, 401)):
        headers = both.headers("leader", desk) | OWN
        gone = {"number": "1", "action": "unpair"}
        assert app.test_client().post("/rating/devices", data=gone, headers=headers).status_code == 303
        assert tablet.deliver().status_code == status
    assert (
        tablet.client.get("/rating/device/", headers={"Accept": "text/html"})
        .headers["Location"]
        .startswith("/rating/device-pairing")
    )
    made = app.test_client().post(
        "/rating/devices", data={"number": "1", "counter": "3"}, headers=clerk, follow_redirects=True
    )
    assert "Mã ghép nối của máy 1" in made.text
    tablet.pair()
    assert tablet.delivered([kept]) == {kept["id"]: "kept"}


def test_a_code_pairs_one_tablet_and_guessing_ends(rating: ServiceUnderTest) -> None:
    app = rating.app(create_app)
    code = pairing_code(rating.store)
    stranger = app.test_client()

    def pair(typed: str) -> int:
        return int(stranger.post("/rating/device-pairing", data={"code": typed}, headers=OWN).status_code)

    rating.hand.pass_(16 * MINUTE)
    assert pair(code) == 404
    code = pairing_code(rating.store)
    assert (pair(f"{code[:4]} {code[4:]}"), pair(code)) == (303, 404)
    assert [pair("00000000") for _ in range(30)][-1] == 429
    assert code not in repr(rating.rows(devices))
    assert COOKIE in repr(stranger.get_cookie(COOKIE, path="/rating/device"))


def test_other_machines_and_people_are_no_devices(rating: ServiceUnderTest) -> None:
    client: Any = rating.app(create_app).test_client()
    for path in ("/rating/device/", "/rating/device/state.json"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=rating.headers("device", DESK)).status_code == 403
        assert client.get(path, headers=rating.headers("clerk", DESK)).status_code == 403
    machine = rating.headers("device", DESK)
    assert client.post("/rating/device/contact", json={}, headers=machine).status_code == 403
    assert (
        client.post("/rating/devices", data={"number": "1"}, headers=rating.headers("clerk", "H57.30.01")).status_code
        == 422
    )

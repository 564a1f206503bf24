"""Unusual ratings: found by the sweep, decided by people, never deleted."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.ratings.corrections import correct_rating
from services.rating.ratings.domain import OwnWork
from services.rating.ratings.store import rating_corrections, ratings
from services.rating.scores import queries
from services.rating.scores.flags.commands import decide, find_flags
from services.rating.scores.flags.domain import DecidedMeanwhile, Kind, Outcome
from services.rating.scores.flags.store import flag_decisions, flag_ratings, flags
from services.rating.scores.periods import parse_period
from services.rating.scores.queries import About
from services.rating.scores.rules import score_rules
from tests.rating.support import DESK, keep
from tests.support.service import ServiceUnderTest

FAST = timedelta(seconds=40)
PERIOD = parse_period("2025")
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


def streak(service: ServiceUnderTest, number: int = 6, **about: Any) -> list[str]:
    given = {"counter": 1, "official": "official-2", "apart": FAST, **about}
    return keep(service, *[5] * number, **given)


def found_flag(service: ServiceUnderTest) -> str:
    assert find_flags(service.context) == 1
    return str(service.rows(flags)[-1]["id"])


def say(service: ServiceUnderTest, flag: str, outcome: Outcome, seen: int, actor: str = "leader-1") -> None:
    service.store.run(lambda work: decide(work, flag, outcome, "Đã xem lại", actor, seen))
    service.hand.pass_(1)


def counted(service: ServiceUnderTest) -> tuple[int, int]:
    with service.store.read() as connection:
        tally = queries.total(connection, About(), PERIOD, score_rules(PERIOD.last))
    return tally.ratings, tally.points


def test_a_streak_is_found_once_and_grows_until_it_is_decided(both: ServiceUnderTest) -> None:
    now = both.store.clock.now()
    ids = streak(both, at=now - timedelta(hours=2))
    flag = found_flag(both)
    assert find_flags(both.context) == 0
    more = streak(both, 3, at=now - timedelta(hours=2) + 6 * FAST)
    assert find_flags(both.context) == 0
    (row,) = both.rows(flags)
    assert (row["id"], row["kind"], row["agency"], row["counter"]) == (flag, Kind.STREAK, DESK, 1)
    assert row["numbers"] == {"ratings": 9, "score": 5, "seconds": 8 * 40}
    assert {one["rating"] for one in both.rows(flag_ratings)} == {*ids, *more}
    say(both, flag, Outcome.DISMISSED, 0)
    streak(both, 2, at=now - timedelta(hours=2) + 9 * FAST)
    assert find_flags(both.context) == 0
    assert len(both.rows(flag_ratings)) == 9
    streak(both, 4, at=now - timedelta(hours=2) + 11 * FAST)
    assert find_flags(both.context) == 1, "it went on: what came after the decision is found anew"
    assert find_flags(both.context) == 0
    assert sorted(str(row["flag"]) == flag for row in both.rows(flag_ratings)) == [False] * 6 + [True] * 9


def test_one_that_was_delivered_late_belongs_to_the_same_flag(both: ServiceUnderTest) -> None:
    now = both.store.clock.now()
    streak(both, at=now - timedelta(hours=1))
    flag = found_flag(both)
    streak(both, 1, at=now - timedelta(hours=1) - FAST)
    assert find_flags(both.context) == 0
    (row,) = both.rows(flags)
    assert (row["id"], row["numbers"]["ratings"]) == (flag, 7)


@pytest.mark.parametrize(
    "about", [{"channel": "paper"}, {"channel": "web", "counter": None}, {"apart": timedelta(minutes=5)}]
)
def test_papers_web_ratings_and_slow_ones_are_no_streak(rating: ServiceUnderTest, about: dict[str, Any]) -> None:
    streak(rating, 10, at=rating.store.clock.now() - timedelta(hours=3), **about)
    assert find_flags(rating.context) == 0


def test_excluding_takes_ratings_out_and_dismissing_puts_them_back(both: ServiceUnderTest) -> None:
    ids = streak(both)
    keep(both, 1)
    flag = found_flag(both)
    assert counted(both) == (7, 31)
    say(both, flag, Outcome.EXCLUDED, 0)
    assert counted(both) == (1, 1)
    assert {one.data["rating"] for one in both.emitted("rating.corrected")} == set(ids)
    say(both, flag, Outcome.EXCLUDED, 1)
    assert len(both.emitted("rating.corrected")) == 6, "nothing more to take out"
    say(both, flag, Outcome.KEPT, 2)
    assert counted(both) == (7, 31)
    assert [one.data["score"] for one in both.emitted("rating.corrected")] == [None] * 6 + [5] * 6
    assert len(both.rows(ratings)) == 7, "nothing is deleted"
    assert [row["outcome"] for row in both.rows(flag_decisions)] == ["excluded", "excluded", "kept"]


def test_what_was_corrected_before_comes_back_as_it_was(both: ServiceUnderTest) -> None:
    first, second, *_ = streak(both)
    for id_, score in ((first, 2), (second, None)):
        both.store.run(partial(correct_rating, rating=id_, score=score, reason="Sửa", by="x"))
        both.hand.pass_(1)
    flag = found_flag(both)
    say(both, flag, Outcome.EXCLUDED, 0)
    assert counted(both) == (0, 0)
    say(both, flag, Outcome.DISMISSED, 1)
    assert counted(both) == (5, 22)


def test_a_rating_that_two_flags_exclude_comes_back_with_the_last(both: ServiceUnderTest) -> None:
    """The last week's streak is part of a sudden change of the same official."""
    now = both.store.clock.now()
    keep(both, *[1] * 30, official="official-2", counter=1, at=now - timedelta(days=20), apart=timedelta(minutes=20))
    keep(both, *[5] * 24, official="official-2", counter=1, at=now - timedelta(days=3), apart=timedelta(seconds=30))
    assert find_flags(both.context) == 2
    by_kind = {row["kind"]: str(row["id"]) for row in both.rows(flags)}
    assert set(by_kind) == {Kind.STREAK, Kind.JUMP}
    for flag in by_kind.values():
        say(both, flag, Outcome.EXCLUDED, 0)
    assert counted(both) == (30, 30)
    say(both, by_kind[Kind.STREAK], Outcome.DISMISSED, 1)
    assert counted(both) == (30, 30), "the other flag still excludes them"
    say(both, by_kind[Kind.JUMP], Outcome.DISMISSED, 1)
    assert counted(both) == (54, 150)


def test_an_official_far_from_the_others_is_found_for_the_last_month(both: ServiceUnderTest) -> None:
    october = parse_period("2025-10").begins + timedelta(days=4, hours=9)
    keep(both, *[1] * 40, official="low", at=october, apart=timedelta(minutes=30))
    keep(both, *[5] * 60, official="others", at=october, apart=timedelta(minutes=30))
    assert find_flags(both.context) == 2  # each is far from the other
    row = next(row for row in both.rows(flags) if row["official"] == "low")
    assert (row["kind"], row["numbers"]) == (
        Kind.OUTLIER,
        {"satisfied": 0, "ratings": 40, "other_satisfied": 60, "other_ratings": 60},
    )
    say(both, str(row["id"]), Outcome.EXCLUDED, 0)
    assert counted(both) == (60, 300)


def test_nobody_decides_about_ratings_of_themselves(both: ServiceUnderTest) -> None:
    streak(both)
    flag = found_flag(both)
    with pytest.raises(OwnWork):
        say(both, flag, Outcome.DISMISSED, 0, actor="official-2")
    assert both.rows(flag_decisions) == []


def test_who_decides_has_seen_all_decisions(both: ServiceUnderTest) -> None:
    streak(both)
    flag = found_flag(both)
    say(both, flag, Outcome.EXCLUDED, 0)
    with pytest.raises(DecidedMeanwhile):
        say(both, flag, Outcome.DISMISSED, 0, actor="auditor-1")
    assert counted(both) == (0, 0)


class Reviewer:
    """Somebody who looks at flags with a browser."""

    def __init__(self, service: ServiceUnderTest, role: str, agency: str, subject: str = "leader-1") -> None:
        self.client: FlaskClient = service.client(create_app)
        session = service.headers(role, agency, subject)["Authorization"].removeprefix("Bearer ")
        self.client.set_cookie("motcua_session", session)

    def get(self, flag: str = "") -> Any:
        return self.client.get(f"/rating/flags/{flag}" if flag else "/rating/flags")

    def decide(self, flag: str, **typed: str) -> Any:
        sent = {"outcome": "excluded", "reason": "Thiết bị bị bấm liên tục", "seen": "0", "form_key": "k", **typed}
        return self.client.post(f"/rating/flags/{flag}", data=sent, headers=OWN)


def test_a_leader_decides_on_the_page_once(rating: ServiceUnderTest) -> None:
    streak(rating)
    flag, leader = found_flag(rating), Reviewer(rating, "leader", DESK)
    assert "Nhiều đánh giá giống nhau" in leader.get().text
    assert "6 đánh giá, đều ở mức 5" in leader.get(flag).text
    for _ in range(2):
        assert leader.decide(flag).status_code == 303
    assert len(rating.rows(rating_corrections)) == 6
    shown = leader.get(flag).text
    assert "Thiết bị bị bấm liên tục" in shown
    assert "Kết luận lại" in shown
    late = leader.decide(flag, form_key="another", outcome="dismissed")
    assert (late.status_code, "vừa kết luận" in late.text) == (409, True)


@pytest.mark.parametrize(
    ("typed", "field"), [({"outcome": ""}, "outcome"), ({"outcome": "x"}, "outcome"), ({"reason": "ừ"}, "reason")]
)
def test_a_decision_needs_an_outcome_and_a_reason(rating: ServiceUnderTest, typed: dict[str, str], field: str) -> None:
    streak(rating)
    flag = found_flag(rating)
    answer = Reviewer(rating, "auditor", "").decide(flag, **typed)
    assert (answer.status_code, f'id="f-{field}-error"' in answer.text) == (422, True)
    assert rating.rows(flag_decisions) == []


def test_a_leader_of_another_agency_sees_no_flag_and_an_auditor_all(rating: ServiceUnderTest) -> None:
    streak(rating)
    flag = found_flag(rating)
    stranger, auditor = Reviewer(rating, "leader", "H12.31.01"), Reviewer(rating, "auditor", "")
    assert stranger.get(flag).status_code == stranger.decide(flag).status_code == 403
    assert flag not in stranger.get().text
    assert flag in auditor.get().text
    assert auditor.decide(flag).status_code == 303


def test_whom_a_flag_is_about_gets_no_form(rating: ServiceUnderTest) -> None:
    streak(rating)
    flag, own = found_flag(rating), Reviewer(rating, "leader", DESK, "official-2")
    assert "người khác kết luận" in own.get(flag).text
    assert own.decide(flag).status_code == 403
    assert rating.rows(flag_decisions) == []

"""Papers of rankings: drawn up by themselves, issued with gapless numbers, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.rating.access import WrongAgency
from services.rating.rankings import store
from services.rating.rankings.commands import issue
from services.rating.rankings.domain import AlreadyIssued, BrokenPaper, ChangedSinceRead, SubjectKind, UnknownPaper
from services.rating.rankings.store import Paper, PaperState
from services.rating.rankings.sweeps import count_rankings
from services.rating.ratings.store import rating_officials
from shared.auth import Principal
from shared.runtime.clock import VIETNAM
from tests.rating.rankings.seed import ABOVE, CENTRE, OTHER_DESK, correct, rate, rate_often, register
from tests.support.service import ServiceUnderTest

LEADER = Principal("leader-1", frozenset({"leader"}), CENTRE)
ELSEWHERE = Principal("leader-2", frozenset({"leader"}), OTHER_DESK)
CLERK = Principal("clerk-1", frozenset({"clerk"}), CENTRE)
QUARTER = "2025-Q3"


def of_quarter(
    service: ServiceUnderTest, kind: SubjectKind = SubjectKind.OFFICIAL, agency: str = CENTRE
) -> Paper | None:
    with service.store.read() as connection:
        return store.latest(connection, agency, kind, QUARTER)


def drawn_up(service: ServiceUnderTest) -> Paper:
    """The draft for the quarter of two officials."""
    for subject in ("an", "binh"):
        register(service, subject)
    rate_often(service, {5: 12}, "an", 1)
    rate_often(service, {5: 8, 1: 4}, "binh", 2)
    count_rankings(service.context)
    found = of_quarter(service)
    assert found is not None
    return found


def issued(service: ServiceUnderTest, draft: Paper, actor: Principal = LEADER) -> Paper:
    return service.store.run(lambda work: issue(work, actor, draft.id, draft.digest))


def test_a_settled_period_is_drawn_up_once_and_only_where_somebody_was_rated(both: ServiceUnderTest) -> None:
    draft = drawn_up(both)
    assert [row["subject"] for row in draft.read()["rows"]] == ["an", "binh"]
    assert draft.read()["rows"][0]["name"] == "Nguyễn Thị an"
    both.hand.pass_(timedelta(days=1))
    assert count_rankings(both.context) == 0
    found = both.rows(store.papers)
    # August lies before the quarter's end by more than the watched days
    assert {(row["kind"], row["period"]) for row in found} == {("official", QUARTER), ("counter", QUARTER)}
    assert all(row["state"] == "draft" and row["number"] is None for row in found)


def test_the_newest_week_month_and_quarter_are_drawn_up_before_the_year(both: ServiceUnderTest) -> None:
    register(both, "an")
    both.hand.seconds = datetime(2026, 1, 6, 8, tzinfo=VIETNAM).timestamp()
    rate_often(both, {5: 10}, "an", at=datetime(2025, 12, 30, 9, tzinfo=VIETNAM))
    count_rankings(both.context)
    found = sorted(row["period"] for row in both.rows(store.papers))
    assert found == ["2025", "2025-12", "2025-Q4"]  # the week is not over for two days
    both.hand.pass_(timedelta(days=1))
    count_rankings(both.context)
    assert "2026-W01" in {row["period"] for row in both.rows(store.papers)}


def test_numbers_have_no_gaps_and_the_digest_is_that_of_the_content(both: ServiceUnderTest) -> None:
    drawn_up(both)
    for subject in ("chi", "dung"):
        register(both, subject, agency=OTHER_DESK)
        rate_often(both, {4: 11}, subject, 1, OTHER_DESK)
    both.hand.pass_(timedelta(days=1))
    count_rankings(both.context)
    with both.store.read() as connection:
        drafts = store.list_papers(connection, [CENTRE], PaperState.DRAFT, 10)
        others = store.list_papers(connection, [OTHER_DESK], PaperState.DRAFT, 10)
    with pytest.raises(ChangedSinceRead):  # one that fails takes no number
        both.store.run(lambda work: issue(work, LEADER, drafts[0].id, "0" * 64))
    numbers = [issued(both, one).written_number for one in drafts]
    assert numbers == [f"{place:02d}/BXH-{CENTRE}" for place in range(1, len(drafts) + 1)]
    assert issued(both, others[0], ELSEWHERE).written_number == f"01/BXH-{OTHER_DESK}"
    kept = of_quarter(both)
    assert kept is not None
    with pytest.raises(BrokenPaper):
        replace(kept, content=kept.content.replace("12", "13")).read()


@pytest.mark.parametrize(
    ("actor", "error"),
    [(CLERK, WrongAgency), (ELSEWHERE, WrongAgency), (Principal("x", frozenset({"leader"})), WrongAgency)],
)
def test_only_a_leader_of_the_agency_or_above_issues(
    rating: ServiceUnderTest, actor: Principal, error: type[Exception]
) -> None:
    draft = drawn_up(rating)
    with pytest.raises(error):
        issued(rating, draft, actor)
    with pytest.raises(UnknownPaper):
        issued(rating, replace(draft, id="none"))
    assert issued(rating, draft, Principal("leader-9", frozenset({"leader"}), ABOVE)).issued_by == "leader-9"
    with pytest.raises(AlreadyIssued):
        issued(rating, draft)


def test_a_rating_that_came_since_the_leader_read_stops_the_issue(both: ServiceUnderTest) -> None:
    draft = drawn_up(both)
    rate_often(both, {1: 1}, "an", 1)
    with pytest.raises(ChangedSinceRead):
        issued(both, draft)
    both.hand.pass_(timedelta(days=1))
    count_rankings(both.context)
    again = of_quarter(both)
    assert again is not None
    assert (again.id, again.version) == (draft.id, 1)
    assert issued(both, again).read()["rows"][0]["ratings"] == 13


def test_a_correction_makes_a_new_version_that_names_the_old_one(both: ServiceUnderTest) -> None:
    draft = drawn_up(both)
    first = issued(both, draft)
    before = _row(both, first.id)
    late = both.store.run(lambda work: rate(work, 5, datetime(2025, 9, 30, 23, 59, tzinfo=VIETNAM), "binh", 2))
    both.hand.pass_(timedelta(days=200))  # long after the watched days: a correction counts all the same
    correct(both, late, 1)
    count_rankings(both.context)
    second = of_quarter(both)
    assert second is not None
    assert (second.version, second.replaces, second.state) == (2, first.id, "draft")
    assert second.read()["rows"][1]["ratings"] == 13
    assert issued(both, second).written_number == f"01/BXH-{CENTRE}"  # of the next year
    after = _row(both, first.id)
    assert {name: after[name] for name in after if name != "checked_at"} == {
        name: before[name] for name in before if name != "checked_at"
    }
    assert count_rankings(both.context) == 0
    with both.store.read() as connection:
        assert store.successor(connection, first.id) == of_quarter(both)
        (own,) = store.papers_of_official(connection, "binh", 10)
    assert own.version == 2


def test_a_correction_that_is_taken_back_leaves_nothing_to_issue(both: ServiceUnderTest) -> None:
    first = issued(both, drawn_up(both))
    (rating, *_) = rate_often(both, {5: 1}, "an", 1, at=datetime(2025, 10, 2, tzinfo=VIETNAM))
    correct(both, rating, 3)
    assert _after_a_moment(both) == 0  # not of the quarter
    with both.store.read() as connection:
        found = store.list_papers(connection, [CENTRE], PaperState.DRAFT, 50, kind=SubjectKind.OFFICIAL)
    assert all(one.period != QUARTER for one in found)
    mine = _one_rating_of(both, "an")
    correct(both, mine, None)
    assert _after_a_moment(both) > 0
    second = of_quarter(both)
    assert second is not None
    assert second.version == 2
    correct(both, mine, 5)
    _after_a_moment(both)
    now = of_quarter(both)
    assert now is not None
    assert replace(now, checked_at=first.checked_at) == first


def test_a_sweep_that_dies_between_two_rankings_does_the_rest_when_it_runs_again(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    made: list[int] = []
    add: Callable[..., bool] = store.add

    def add_some(*given: object) -> bool:
        if len(made) == 1:
            raise Killed
        made.append(1)
        return add(*given)

    monkeypatch.setattr(store, "add", add_some)
    with pytest.raises(Killed):
        drawn_up(both)
    assert len(both.rows(store.papers)) == 1
    monkeypatch.setattr(store, "add", add)
    count_rankings(both.context)
    kinds = [(row["kind"], row["version"]) for row in both.rows(store.papers) if row["period"] == QUARTER]
    assert sorted(kinds) == [("counter", 1), ("official", 1)]


def _after_a_moment(service: ServiceUnderTest) -> int:
    service.hand.pass_(1)
    return count_rankings(service.context)


def _one_rating_of(service: ServiceUnderTest, official: str) -> str:
    return next(str(row["rating"]) for row in service.rows(rating_officials) if row["official"] == official)


def _row(service: ServiceUnderTest, id_: str) -> dict[str, object]:
    return next(row for row in service.rows(store.papers) if row["id"] == id_)

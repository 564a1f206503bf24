"""The numbers of issued papers against a count by hand: plain loops over the raw rows, which share no code with the ranking."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from itertools import product
from math import floor, sqrt
from typing import Any

from services.rating.officials.store import officials
from services.rating.rankings import store
from services.rating.rankings.commands import draw_up, issue
from services.rating.rankings.domain import SubjectKind
from services.rating.rankings.store import PaperState
from services.rating.rankings.sweeps import count_rankings
from services.rating.ratings.store import rating_corrections, rating_officials, ratings
from services.rating.scores.periods import parse_period
from shared.auth import Principal
from shared.runtime.clock import VIETNAM
from tests.rating.rankings.seed import CENTRE, OTHER_DESK, PROVINCE, rate_often, seed_quarter
from tests.support.service import ServiceUnderTest

LEADER = Principal("leader-1", frozenset({"leader"}), PROVINCE)
Rows = list[dict[str, Any]]


def by_hand(both: ServiceUnderTest, kind: str, agency: str, first: date, last: date) -> tuple[Rows, int, int]:
    """Ranks by loops over all rows of the tables; returns the lines, and how many subjects and ratings are not ranked."""
    corrected: dict[str, tuple[Any, Any]] = {}
    for row in both.rows(rating_corrections):
        if row["rating"] not in corrected or (row["corrected_at"], row["id"]) > corrected[row["rating"]][0]:
            corrected[row["rating"]] = (row["corrected_at"], row["id"]), row["score"]
    involved: dict[str, set[str]] = {}
    for row in both.rows(rating_officials):
        involved.setdefault(row["rating"], set()).add(row["official"])
    register = sorted(both.rows(officials), key=lambda row: (row["valid_from"], row["recorded_at"]))
    scores: dict[str, list[int]] = {}
    for row in both.rows(ratings):
        day = row["given_at"].astimezone(VIETNAM).date()
        score = corrected[row["id"]][1] if row["id"] in corrected else row["score"]
        if score is None or day < first or day > last:
            continue
        if kind == "agency":
            subjects = [row["agency"]]
        elif kind == "counter":
            subjects = [str(row["counter"])] if row["agency"] == agency and row["counter"] is not None else []
        else:
            subjects = []
            for official in involved.get(row["id"], ()):
                on_register = False
                for entry in register:
                    if entry["subject"] == official and entry["agency"] == agency and entry["valid_from"] <= day:
                        on_register = entry["active"]
                if on_register:
                    subjects.append(official)
        for subject in subjects:
            scores.setdefault(subject, []).append(score)
    least = 30 if kind == "agency" else 10
    lines = []
    for subject, given in scores.items():
        if len(given) >= least:
            lines.append(_line(subject, given))
    lines.sort(key=lambda line: (-line["low"], -line["mean"]))
    for line in lines:
        line["rank"] = 1 + sum((other["low"], other["mean"]) > (line["low"], line["mean"]) for other in lines)
    few = [given for given in scores.values() if len(given) < least]
    return lines, len(few), sum(map(len, few))


def _line(subject: str, given: list[int]) -> dict[str, Any]:
    n, k, z = len(given), sum(score >= 4 for score in given), 1.96
    # the ends of Wilson's interval are the roots of (n + z²)p² - (2k + z²)p + k²/n
    a, b, c = n + z * z, -(2 * k + z * z), k * k / n
    root = sqrt(b * b - 4 * a * c)
    return {
        "subject": subject,
        "ratings": n,
        "satisfied": k,
        "neutral": given.count(3),
        "dissatisfied": given.count(1) + given.count(2),
        "share": _rounded(Fraction(100 * k, n), 10),
        "low": _rounded(Fraction(100 * (-b - root) / (2 * a)), 10) if k else 0.0,
        "high": _rounded(Fraction(100 * (-b + root) / (2 * a)), 10) if k < n else 100.0,
        "mean": _rounded(Fraction(sum(given), n), 100),
    }


def _rounded(value: Fraction, parts: int) -> float:
    return floor(value * parts + Fraction(1, 2)) / parts


PERIODS = {
    "2025-Q3": (date(2025, 7, 1), date(2025, 9, 30)),
    "2025-09": (date(2025, 9, 1), date(2025, 9, 30)),
    "2025-W40": (date(2025, 9, 29), date(2025, 10, 5)),
}


def test_issued_papers_say_what_a_count_by_hand_says(both: ServiceUnderTest) -> None:
    seed_quarter(both)
    rate_often(both, {5: 25, 4: 3, 3: 1, 2: 1, 1: 2}, agency="H12.33.01")
    ranked = {
        ("official", CENTRE),
        ("official", OTHER_DESK),
        ("counter", CENTRE),
        ("counter", OTHER_DESK),
        ("agency", PROVINCE),
    }
    for key, (kind, agency) in product(PERIODS, sorted(ranked)):
        draw = partial(draw_up, kind=SubjectKind(kind), agency=agency, period=parse_period(key))
        assert both.store.run(draw)
    with both.store.read() as connection:
        drafts = store.list_papers(connection, None, PaperState.DRAFT, 200)
    found = {(one.period, one.kind, one.agency): one for one in drafts}
    assert len(found) == len(PERIODS) * len(ranked)
    places = dict.fromkeys(PERIODS, 0)
    for (period, kind, agency), draft in found.items():
        paper = both.store.run(partial(issue, actor=LEADER, id_=draft.id, digest=draft.digest))
        content = paper.read()
        lines, few, few_ratings = by_hand(both, kind, agency, *PERIODS[period])
        printed = [{name: row[name] for name in row if name not in ("name", "position")} for row in content["rows"]]
        assert sorted(printed, key=lambda row: row["subject"]) == sorted(lines, key=lambda row: row["subject"])
        assert [row["rank"] for row in printed] == sorted(row["rank"] for row in lines)
        assert (content["unranked"], content["unranked_ratings"]) == (few, few_ratings)
        places[period] += len(printed)
    assert places["2025-Q3"] > 10, "the seeded quarter ranks too few to prove anything"


def test_a_year_is_the_sum_of_its_days(both: ServiceUnderTest) -> None:
    seed_quarter(both, 60)
    both.hand.pass_(timedelta(days=70))  # into January
    count_rankings(both.context)
    with both.store.read() as connection:
        paper = store.latest(connection, PROVINCE, SubjectKind.AGENCY, "2025")
    assert paper is not None
    lines, few, few_ratings = by_hand(both, "agency", PROVINCE, date(2025, 1, 1), date(2025, 12, 31))
    content = paper.read()
    assert [row["ratings"] for row in content["rows"]] == [line["ratings"] for line in lines]
    assert (
        sum(row["ratings"] for row in content["rows"]) + content["unranked_ratings"]
        == sum(line["ratings"] for line in lines) + few_ratings
    )
    assert content["unranked"] == few

"""The parts of the indices, counted once more by plain loops over the rows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.stats.facts.dossier_clock import OPEN_END
from services.stats.facts.store import complaint_events, dossiers, payments, ratings, steps
from services.stats.index.counting import count, list_cases, window_of
from services.stats.index.domain import Count, Index, Part
from services.stats.index.formulas import ALL, MET, SIDES, UNMET, listed_sides
from services.stats.index.periods import IndexPeriod, parse_period
from services.stats.index.rules import index_of
from shared.runtime.clock import VIETNAM
from tests.support.service import ServiceUnderTest

Row = dict[str, Any]
NOVEMBER = parse_period("2025-11")
START, END = NOVEMBER.days.start, NOVEMBER.days.end
ENDS = ("resolved_at", "returned_at", "stopped_at")
AGENCIES = ("H12.31", "H12.32", "H12.14.02", "H12.20")
MOMENTS = (None, -40, -20, -3, 0, 1, 5, 12, 20, 29, 30, 31, 45)
"""Days since the first of November, of which many lie just inside and outside the month."""
INDICES = (index_of("qd766-2022"), index_of("nd61-2018"))


def at(draw: random.Random, *, known: bool = False) -> datetime | None:
    day = draw.choice(MOMENTS[1:] if known else MOMENTS)
    return None if day is None else START + timedelta(days=day, hours=draw.choice((0, 0, 9)))


def ended(row: Row) -> datetime:
    """As the writers of facts keep it."""
    return min((row[name] for name in ENDS if row.get(name) is not None), default=OPEN_END)


def maybe(draw: random.Random) -> bool | None:
    return draw.choice((True, True, False, None))


def rows(seed: int) -> dict[str, list[Row]]:
    """Facts of all kinds, each as it may be, and many that contradict each other."""
    draw = random.Random(seed)
    found: dict[str, list[Row]] = {name: [] for name in ("dossiers", "payments", "ratings", "complaints", "steps")}
    for number in range(250):
        code = f"D-{number:03}"
        asked = at(draw)
        found["dossiers"].append(
            {
                "code": code,
                "agency": draw.choice(AGENCIES),
                "handling_agency": draw.choice((None, *AGENCIES)),
                "channel": draw.choice(("counter", "online", "post")),
                "fee": draw.choice((0, 5000)),
                "received_at": at(draw),
                "resolved_at": at(draw),
                "returned_at": draw.choice((None, None, at(draw))),
                "stopped_at": draw.choice((None, None, at(draw))),
                "on_time": maybe(draw),
                "index_on_time": maybe(draw),
                "stopped_on_time": maybe(draw),
                "late_at": draw.choice((None, at(draw))),
                "supplement_requested_at": asked,
                "supplement_last_requested_at": draw.choice((asked, asked and asked + timedelta(days=9))),
                "supplemented_at": asked and draw.choice((None, asked + timedelta(days=4))),
                "extended_at": draw.choice((None, None, at(draw))),
                "due_before_extension": at(draw),
                "published_at": at(draw),
                "digitised": maybe(draw),
            }
        )
        found["dossiers"][-1] |= {"ended_at": ended(found["dossiers"][-1])}
        if number % 3 == 0:
            row = {"payment": f"P-{number}", "dossier": code, "amount": 5000, "online": maybe(draw), "obligation": None}
            found["payments"].append(row | {"paid_at": at(draw, known=True)})
        if number % 2 == 0:
            corrected = draw.random() < 0.2
            found["ratings"].append(
                {
                    "rating": f"R-{number}",
                    "dossier": draw.choice((None, code)),
                    "agency": draw.choice(AGENCIES),
                    "score": draw.randint(1, 5),
                    "given_at": at(draw, known=True),
                    "corrected_at": at(draw, known=True) if corrected else None,
                    "corrected_score": draw.choice((None, 1, 5)) if corrected else None,
                }
            )
        for happened in draw.sample(("lodged", "answered", "rejected", "reopened", "overdue"), draw.randint(0, 4)):
            found["complaints"].append(
                {
                    "complaint": f"C-{number % 90:02}",
                    "happened": happened,
                    "at": at(draw, known=True) + timedelta(seconds=number),  # type: ignore[operator]
                    "deadline": draw.choice(("resolve", "publish")) if happened == "overdue" else "",
                    "escalation": 0,
                    "agency": draw.choice(AGENCIES[:2]),
                    "kind": "feedback",
                    "repeated": False,
                    "channel": "web",
                    "dossier": draw.choice((None, code)),
                    "on_time": draw.choice((True, False)) if happened in ("answered", "rejected") else None,
                }
            )
        for step in range(draw.randint(0, 2)):
            found["steps"].append(
                {
                    "task": f"T-{number}-{step}",
                    "dossier": code,
                    "step": "sign",
                    "agency": draw.choice(AGENCIES),
                    "outcome": "completed",
                    "counted": draw.choice((True, True, False)),
                    "assigned_at": START,
                    "completed_at": at(draw, known=True),
                    "on_time": draw.choice((True, True, False)),
                }
            )
    return found


@pytest.fixture
def known(both: ServiceUnderTest) -> tuple[ServiceUnderTest, dict[str, list[Row]]]:
    found = rows(7)
    tables = zip((dossiers, payments, ratings, complaint_events, steps), found.values(), strict=True)
    with both.store.uow() as work:
        for table, given in tables:
            work.connection.execute(table.insert(), given)
    return both, found


class Loops:
    """What the law counts, by plain loops.

    Args:
        found: the rows of each table.
        until: the end of what is counted.
    """

    def __init__(self, found: dict[str, list[Row]], until: datetime) -> None:
        self.found = found
        self.until = until

    def during(self, moment: datetime | None) -> bool:
        return moment is not None and START <= moment < self.until

    def before(self, moment: datetime | None) -> bool:
        return moment is not None and moment < self.until

    def in_hand(self) -> Iterator[Row]:
        for row in self.found["dossiers"]:
            ends = [row[name] for name in ("resolved_at", "returned_at", "stopped_at") if row[name] is not None]
            if self.before(row["received_at"]) and all(end >= START for end in ends):
                yield row

    def on_time(self, row: Row) -> bool:
        """QĐ 766, 2.1."""
        late, asked = row["late_at"], row["supplement_requested_at"]
        again = (
            asked and row["supplement_last_requested_at"] > asked and self.before(row["supplement_last_requested_at"])
        )
        if self.before(row["resolved_at"]):
            return bool(row["on_time"] if row["index_on_time"] is None else row["index_on_time"])
        if self.before(row["returned_at"]):
            return late is None or late > row["returned_at"]
        if self.before(row["stopped_at"]):
            return bool(row["stopped_on_time"] if row["index_on_time"] is None else row["index_on_time"])
        if self.before(asked) and not self.before(row["supplemented_at"]):
            return (late is None or late > asked) and not again
        extended_late = self.before(row["extended_at"]) and self.before(row["due_before_extension"])
        return not self.before(late) and not extended_late and not again

    def content(self, row: Row) -> bool:
        complained = any(
            one["happened"] == "lodged" and one["dossier"] == row["code"] and self.during(one["at"])
            for one in self.found["complaints"]
        )
        disliked = any(
            one["dossier"] == row["code"] and self.during(one["given_at"]) and (score := score_of(one)) and score <= 2
            for one in self.found["ratings"]
        )
        return self.on_time(row) and not complained and not disliked

    def paid_online(self, row: Row) -> bool:
        return any(
            one["dossier"] == row["code"] and one["online"] and self.during(one["paid_at"])
            for one in self.found["payments"]
        )

    def dossiers(self, part: Part) -> Iterator[tuple[str, str, bool]]:
        rules: dict[str, tuple[Callable[[Row], bool], Callable[[Row], bool]]] = {
            "index_on_time": (lambda _: True, self.on_time),
            "on_time": (self.resolved, lambda row: bool(row["on_time"])),
            "online_on_time": (
                lambda row: self.resolved(row) and row["channel"] == "online",
                lambda row: bool(row["on_time"]),
            ),
            "online_with_result": (
                lambda row: self.during(row["received_at"]),
                lambda row: (
                    row["channel"] == "online"
                    and (not self.before(row["resolved_at"]) or self.before(row["published_at"]))
                ),
            ),
            "paid_online": (lambda row: self.during(row["received_at"]) and row["fee"] > 0, self.paid_online),
            "result_file": (self.resolved, lambda row: self.before(row["published_at"])),
            "digitised": (self.resolved, lambda row: bool(row["digitised"]) and self.before(row["published_at"])),
            "no_supplement": (self.resolved, lambda row: row["supplement_requested_at"] is None),
            "content": (lambda _: True, self.content),
        }
        among, good = rules[part.formula]
        for row in self.in_hand():
            if among(row):
                handled = row["handling_agency"] or row["agency"]
                yield row["code"], handled if part.view == "handling" else row["agency"], good(row)

    def resolved(self, row: Row) -> bool:
        return self.during(row["resolved_at"])

    def steps(self) -> Iterator[tuple[str, str, bool]]:
        done = [one for one in self.found["steps"] if one["counted"] and self.during(one["completed_at"])]
        for agency, code in {(one["agency"], one["dossier"]) for one in done}:
            yield code, agency, all(one["on_time"] for one in done if (one["agency"], one["dossier"]) == (agency, code))

    def complaints(self, *spoiling: str) -> Iterator[tuple[str, str, bool]]:
        events = [one for one in self.found["complaints"] if self.during(one["at"])]
        for agency, code in {(one["agency"], one["complaint"]) for one in events}:
            own = [one for one in events if (one["agency"], one["complaint"]) == (agency, code)]
            missed = [one for one in own if one["happened"] == "overdue" and one["deadline"] == "resolve"]
            ended = [one for one in own if one["happened"] in ("answered", "rejected")]
            if ended or missed:
                late = missed or [one for one in ended if not one["on_time"]]
                yield code, agency, not late and not any(one["happened"] in spoiling for one in own)

    def ratings(self) -> Iterator[tuple[str, str, bool]]:
        for one in self.found["ratings"]:
            if self.during(one["given_at"]) and (score := score_of(one)) is not None:
                yield one["rating"], one["agency"], score >= 4

    def cases(self, part: Part) -> list[tuple[str, str, bool]]:
        others: dict[str, Callable[[], Iterator[tuple[str, str, bool]]]] = {
            "steps_on_time": self.steps,
            "complaints_on_time": self.complaints,
            "complaints_content": lambda: self.complaints("reopened"),
            "satisfied": self.ratings,
        }
        return sorted(others[part.formula]() if part.formula in others else self.dossiers(part))


def score_of(rating: Row) -> int | None:
    found: int | None = rating["score"] if rating["corrected_at"] is None else rating["corrected_score"]
    return found


@pytest.mark.parametrize("index", INDICES, ids=lambda one: one.id)
@pytest.mark.parametrize("as_of", [END + timedelta(days=3), START + timedelta(days=12, hours=3)])
def test_every_number_and_every_list_is_that_of_plain_loops(
    known: tuple[ServiceUnderTest, dict[str, list[Row]]], index: Index, as_of: datetime
) -> None:
    stats, found = known
    loops, window = Loops(found, min(END, as_of)), window_of(NOVEMBER, index, as_of)
    with stats.store.read() as connection:
        counts = count(connection, index, window)
        for part in index.parts:
            if part.is_outside:
                assert not any(part.id in one for one in counts.values())
                continue
            cases = loops.cases(part)
            of, good = Counter(agency for _, agency, _ in cases), Counter(agency for _, agency, met in cases if met)
            assert sum(of.values()) > len(good) > 0, part.id
            wanted = {agency: Count(good[agency], of[agency]) for agency in of}
            assert {agency: one[part.id] for agency, one in counts.items() if part.id in one} == wanted, part.id
            for side in listed_sides(part.formula):
                listed = list_cases(connection, part, side, window, None, ("", ""), 10_000)
                taken = {MET: (True,), UNMET: (False,), ALL: (True, False)}[side]
                expected = [(code, agency) for code, agency, met in cases if met in taken]
                assert [(one.code, one.agency) for one in listed] == expected, (part.id, side)


def test_lists_go_on_where_the_page_before_ended(known: tuple[ServiceUnderTest, dict[str, list[Row]]]) -> None:
    stats, _ = known
    for index, id_ in ((INDICES[0], "2.1"), (INDICES[0], "5.2"), (INDICES[1], "2")):
        part, window = index.part(id_), window_of(NOVEMBER, index, END)
        with stats.store.read() as connection:
            for side in SIDES:
                among = {"H12.31", "H12.32"}
                whole = list_cases(connection, part, side, window, among, ("", ""), 10_000)
                assert {one.agency for one in whole} <= among
                paged, after = [], ("", "")
                while page := list_cases(connection, part, side, window, among, after, 7):
                    paged += page
                    after = page[-1].code, page[-1].agency
                assert paged == whole


@pytest.mark.parametrize("key", ["2025-11", "2025-Q4", "2025"])
def test_a_dossier_counts_once_in_a_period_of_any_length(both: ServiceUnderTest, key: str) -> None:
    moment = datetime(2025, 11, 3, 9, tzinfo=VIETNAM)
    row: Row = {"code": "D-1", "agency": "H12.31", "received_at": moment, "resolved_at": moment + timedelta(days=2)}
    with both.store.uow() as work:
        work.connection.execute(dossiers.insert(), [row | {"index_on_time": True, "ended_at": ended(row)}])
    with both.store.read() as connection:
        period: IndexPeriod = parse_period(key)
        counts = count(connection, INDICES[0], window_of(period, INDICES[0], END + timedelta(days=60)))
    assert counts["H12.31"]["2.1"] == Count(1, 1)

"""What ratings add up to, on SQLite and PostgreSQL, compared with counting them one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from services.rating.officials.domain import HANDLING, RECEPTION, Part
from services.rating.officials.store import add_dossier_official
from services.rating.ratings.corrections import correct_rating
from services.rating.scores import queries
from services.rating.scores.periods import parse_period
from services.rating.scores.procedures import procedure_names
from services.rating.scores.queries import About
from services.rating.scores.register import names_of, registered_at
from services.rating.scores.rules import score_rules
from shared.runtime.clock import VIETNAM
from tests.rating.support import DESK, keep, register
from tests.support.events import event
from tests.support.service import ServiceUnderTest

NOVEMBER = parse_period("2025-11")
RULES = score_rules(NOVEMBER.last)
ALL = About()


def had_part(both: ServiceUnderTest, one: Part) -> None:
    both.store.run(lambda work: add_dossier_official(work, "D-1", one, DESK, work.now))


def test_a_total_counts_each_answer_and_nothing_that_was_not_answered(both: ServiceUnderTest) -> None:
    keep(both, 5, 4, courtesy={"greeting": True, "apology": False}, criteria={"time": 5})
    keep(both, 3, courtesy={"greeting": False}, criteria={"time": 2, "attitude": 4})
    keep(both, 1)
    keep(both, 2, form="nd61-2018", criteria={"time": 0, "one_stop": 1})
    with both.store.read() as connection:
        found = queries.total(connection, ALL, NOVEMBER, RULES)
    assert (found.ratings, found.satisfied, found.points) == (5, 2, 15)
    assert found.courtesy == {"greeting": (2, 3), "apology": (0, 2)}
    assert found.criteria == {
        ("nd118-2025", "time"): (12, 3),
        ("nd118-2025", "attitude"): (4, 1),
        ("nd61-2018", "time"): (0, 1),
        ("nd61-2018", "one_stop"): (1, 1),
    }


def test_nothing_adds_up_to_nothing(both: ServiceUnderTest) -> None:
    with both.store.read() as connection:
        assert queries.total(connection, ALL, NOVEMBER, RULES).ratings == 0
        assert queries.by_agency(connection, ALL, NOVEMBER, RULES) == {}
        assert queries.of_official(connection, "x", NOVEMBER, RULES).ratings == 0


def test_only_the_period_counts_to_the_minute(both: ServiceUnderTest) -> None:
    begins = datetime(2025, 11, 1, tzinfo=VIETNAM)
    keep(both, 5, at=begins - timedelta(seconds=1))
    keep(both, 4, at=begins)
    keep(both, 3, at=NOVEMBER.ends - timedelta(seconds=1))
    keep(both, 2, at=NOVEMBER.ends)
    with both.store.read() as connection:
        assert queries.total(connection, ALL, NOVEMBER, RULES).points == 7


def test_agencies_channels_and_procedures_are_apart(both: ServiceUnderTest) -> None:
    keep(both, 5, 1)
    keep(both, 4, agency="H12.31.01", channel="paper")
    keep(both, 3, kind="dossier", dossier="D-1", procedure="1.013831", field="land", channel="web")
    with both.store.read() as connection:
        agencies = queries.by_agency(connection, ALL, NOVEMBER, RULES)
        procedures = queries.by_procedure(connection, ALL, NOVEMBER, RULES)
        channels = queries.by_channel(connection, ALL, NOVEMBER, RULES)
        one = queries.total(connection, About(["H12.31.01"]), NOVEMBER, RULES)
        of_procedure = queries.total(connection, About(procedure="1.013831"), NOVEMBER, RULES)
    assert {key: tally.points for key, tally in agencies.items()} == {DESK: 9, "H12.31.01": 4}
    assert {key: tally.points for key, tally in procedures.items()} == {"1.013831": 3}
    assert {key: tally.ratings for key, tally in channels.items()} == {"device": 2, "paper": 1, "web": 1}
    assert (one.points, of_procedure.points) == (4, 3)


def test_a_correction_counts_and_the_last_one_wins(both: ServiceUnderTest) -> None:
    first, second, third = keep(both, 5, 5, 1)
    for rating, score in ((first, 2), (second, None), (third, None), (third, 4)):
        both.store.run(partial(correct_rating, rating=rating, score=score, reason="Nhập sai", by="x"))
        both.hand.pass_(1)
    with both.store.read() as connection:
        found = queries.total(connection, ALL, NOVEMBER, RULES)
    assert (found.ratings, found.satisfied, found.points) == (2, 1, 6)


def test_a_rating_counts_once_for_each_official_who_had_a_part(both: ServiceUnderTest) -> None:
    for official, part in (("a", RECEPTION), ("a", HANDLING), ("b", HANDLING)):
        had_part(both, Part(official, part))
    keep(both, 2, kind="dossier", dossier="D-1", procedure="1.013831", field="land", channel="web")
    keep(both, 5, official="a", counter=1)
    keep(both, 4, official="c", counter=2, agency="H12.31.01")
    with both.store.read() as connection:
        every = queries.by_official(connection, None, (), NOVEMBER, RULES)
        here = queries.by_official(connection, [DESK], (), NOVEMBER, RULES)
        with_b = queries.by_official(connection, [DESK], ["b"], NOVEMBER, RULES)
        own = queries.of_official(connection, "a", NOVEMBER, RULES)
    assert {key: (tally.ratings, tally.points) for key, tally in every.items()} == {
        "a": (2, 7),
        "b": (1, 2),
        "c": (1, 4),
    }
    assert set(here) == {"a"}, "who only handled it belongs to another agency"
    assert set(with_b) == {"a", "b"}
    assert (own.ratings, own.points) == (2, 7)


def test_comments_come_without_order_and_without_empty_ones(both: ServiceUnderTest) -> None:
    keep(both, 5, official="a", comment="Nhanh")
    keep(both, 1, official="a", comment="Chậm")
    keep(both, 3, official="a")
    keep(both, 3, official="b", comment="Người khác")
    (out,) = keep(both, 1, official="a", comment="Không tính")
    both.store.run(lambda work: correct_rating(work, out, None, "Sai", "x"))
    with both.store.read() as connection:
        assert sorted(queries.comments_about(connection, "a", NOVEMBER)) == ["Chậm", "Nhanh"]


def test_the_register_tells_names_and_who_works_where(both: ServiceUnderTest) -> None:
    register(both, "a", "b")
    register(both, "c", agency="H12.31.01")
    with both.store.read() as connection:
        assert registered_at(connection, [DESK], NOVEMBER.last) == {"a", "b"}
        assert registered_at(connection, [DESK], datetime(2019, 1, 1).date()) == frozenset()
        assert names_of(connection, ["a", "c", "nobody"]) == {"a": "Cán bộ a", "c": "Cán bộ c"}


def test_the_newest_name_of_a_procedure_is_kept(both: ServiceUnderTest) -> None:
    for version, name in ((2, "Tên mới"), (1, "Tên cũ"), (2, "Tên mới")):
        told = event("procedure.published", version, version=version, definition={"code": "2.000815", "name": name})
        both.apply(told)
    both.apply(event("procedure.published", 9, procedure="9.1", definition={"code": "9.1"}))
    with both.store.read() as connection:
        assert procedure_names(connection, ["2.000815", "9.1", "8.8"]) == {"2.000815": "Tên mới"}

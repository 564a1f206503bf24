"""All ratings come in by one way: each once, under its own id, about the right officials; corrections append."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from services.rating.ratings.commands import keep_rating, submit_rating
from services.rating.ratings.corrections import UnknownRating, correct_rating
from services.rating.ratings.domain import (
    BY_DEVICE,
    OF_DOSSIER,
    OF_VISIT,
    ON_PAPER,
    DossierRated,
    NewRating,
    OtherRating,
    Rating,
)
from services.rating.ratings.store import erase_comment, rating_corrections, rating_officials, ratings
from tests.rating.support import counted_ratings, invite
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

DESK = "H57.10.01"
SAID = Rating(4, {"attitude": 5}, "Tận tình", {"greeting": True, "thanks": False})


def visit(**changes: Any) -> NewRating:
    made = NewRating(str(uuid4()), OF_VISIT, DESK, SAID, BY_DEVICE, MONDAY, counter=3, official="clerk-7")
    return replace(made, **changes)


def of_dossier(**changes: Any) -> NewRating:
    made = NewRating(str(uuid4()), OF_DOSSIER, DESK, Rating(5), ON_PAPER, MONDAY, dossier="D-1", procedure="1.1")
    return replace(made, field="land", entered_by="clerk-9", **changes)


def keep(rating: ServiceUnderTest, new: NewRating) -> bool:
    return rating.store.run(partial(keep_rating, new=new))


def test_a_visit_is_rated_without_anything_of_the_visitor(both: ServiceUnderTest) -> None:
    new = visit()
    assert keep(both, new)
    (row,) = both.rows(ratings)
    assert (row["id"], row["kind"], row["dossier"], row["counter"]) == (new.id, "visit", None, 3)
    assert (row["score"], row["criteria"], row["courtesy"]) == (4, {"attitude": 5}, {"greeting": True, "thanks": False})
    assert row["comment"] == "Tận tình"
    assert [(one["official"], one["part"]) for one in both.rows(rating_officials)] == [("clerk-7", "counter")]
    (given,) = both.emitted("rating.given")
    assert given.data == {
        "rating": new.id,
        "kind": "visit",
        "dossier": None,
        "agency": DESK,
        "procedure": None,
        "field": None,
        "score": 4,
        "channel": "device",
        "given_at": MONDAY.isoformat(),
    }


def test_the_same_rating_again_changes_nothing_and_is_counted_once(both: ServiceUnderTest) -> None:
    new, before = visit(), counted_ratings(4)
    later = MONDAY.replace(hour=20)
    assert [keep(both, new), keep(both, new), keep(both, replace(new, given_at=later))] == [True, False, False]
    assert len(both.rows(ratings)) == len(both.emitted("rating.given")) == 1
    assert counted_ratings(4) == before + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"rating": replace(SAID, score=5)},
        {"rating": replace(SAID, comment="khác")},
        {"rating": replace(SAID, courtesy={})},
        {"counter": 4},
        {"agency": "H12.31.01"},
        {"channel": ON_PAPER},
        {"kind": OF_DOSSIER, "dossier": "D-1"},
    ],
)
def test_another_rating_under_a_known_id_is_refused(rating: ServiceUnderTest, changes: dict[str, Any]) -> None:
    new = visit()
    keep(rating, new)
    with pytest.raises(OtherRating):
        keep(rating, replace(new, **changes))
    assert [row["score"] for row in rating.rows(ratings)] == [4]
    assert len(rating.emitted("rating.given")) == 1


def test_a_dossier_is_rated_once_by_whichever_channel(both: ServiceUnderTest) -> None:
    token = invite(both)
    both.store.run(lambda work: submit_rating(work, token, Rating(2)))
    with pytest.raises(DossierRated):
        keep(both, of_dossier())
    assert [row["score"] for row in both.rows(ratings)] == [2]


def test_a_rating_whose_comment_was_erased_is_still_the_same(both: ServiceUnderTest) -> None:
    new = of_dossier(rating=Rating(3, comment="Chờ lâu"))
    keep(both, new)
    both.store.run(lambda work: erase_comment(work.connection, "D-1"))
    assert not keep(both, new)
    assert [row["comment"] for row in both.rows(ratings)] == [""]


def test_of_the_same_rating_sent_at_once_one_is_kept(both: ServiceUnderTest) -> None:
    new, start, kept = visit(), threading.Barrier(4), []

    def send() -> None:
        start.wait()
        kept.append(both.store.run(partial(keep_rating, new=new), 50))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(kept) == [False, False, False, True]
    assert len(both.rows(ratings)) == len(both.emitted("rating.given")) == 1


def test_what_becomes_known_while_somebody_rates_is_not_lost(both: ServiceUnderTest) -> None:
    """A step is told at the moment at which its dossier is rated: whichever comes first, the official stands beside the rating."""
    tokens = {f"D-{number}": invite(both, f"D-{number}") for number in range(6)}

    def told(dossier: str) -> None:
        both.apply(event("official.completed_step", dossier=dossier, task=f"t-{dossier}", official="officer-9"))

    def rate(token: str) -> None:
        both.store.run(lambda work: submit_rating(work, token, Rating(5)), 50)

    threads = [threading.Thread(target=told, args=(dossier,)) for dossier in tokens]
    threads += [threading.Thread(target=rate, args=(token,)) for token in tokens.values()]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    both.applier.retry_due()
    assert len(both.rows(ratings)) == len(both.rows(rating_officials)) == len(tokens)


def test_corrections_append_and_what_was_given_stays(both: ServiceUnderTest) -> None:
    new = visit()
    keep(both, new)
    both.store.run(lambda work: correct_rating(work, new.id, 5, "Nhập nhầm", "leader-1"))
    both.store.run(lambda work: correct_rating(work, new.id, None, "Không phải khách", "leader-1"))
    assert [row["score"] for row in both.rows(ratings)] == [4]
    assert sorted(str(row["score"]) for row in both.rows(rating_corrections)) == ["5", "None"]
    assert [one.data["score"] for one in both.emitted("rating.corrected")] == [5, None]
    with pytest.raises(UnknownRating):
        both.store.run(lambda work: correct_rating(work, "none", 5, "", "leader-1"))

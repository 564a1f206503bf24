"""A rating by SMS counts once, in time, whatever the order in which things arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.rating.invitations.domain import AlreadyUsed
from services.rating.invitations.store import invitations
from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import Rating
from services.rating.ratings.store import ratings
from shared.messaging.event import Event
from tests.rating.support import invite
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY


def by_sms(sequence: int = 1, **data: Any) -> Event:
    return event("rating.submitted_by_sms", sequence, **{"dossier": "D-1", "submitted_at": MONDAY.isoformat(), **data})


def test_it_uses_up_the_invitation(both: ServiceUnderTest) -> None:
    token = invite(both)
    both.apply(by_sms(score=2))
    (kept,) = both.rows(ratings)
    assert (kept["dossier"], kept["score"], kept["channel"], kept["criteria"]) == ("D-1", 2, "sms", {})
    (given,) = both.emitted("rating.given")
    assert (given.data["score"], given.data["channel"]) == (2, "sms")
    with pytest.raises(AlreadyUsed):
        both.store.run(lambda work: submit_rating(work, token, Rating(5)))


def test_only_the_first_counts(both: ServiceUnderTest) -> None:
    invite(both)
    both.apply(by_sms(1, score=2), by_sms(1, score=2), by_sms(2, score=5))
    both.apply(by_sms(1, score=2))
    assert [row["score"] for row in both.rows(ratings)] == [2]
    assert len(both.emitted("rating.given")) == 1
    assert both.retry_rows() == []


def test_who_has_rated_on_the_web_does_not_rate_again(both: ServiceUnderTest) -> None:
    token = invite(both)
    both.store.run(lambda work: submit_rating(work, token, Rating(5)))
    assert both.apply(by_sms(score=1)).applied == 1
    (kept,) = both.rows(ratings)
    assert (kept["score"], kept["channel"]) == (5, "web")


def test_the_time_at_which_it_was_sent_decides(rating: ServiceUnderTest) -> None:
    invite(rating)
    invite(rating, "D-2")
    (row, _) = rating.rows(invitations)
    last = row["expires_at"] - timedelta(seconds=1)
    rating.hand.pass_(timedelta(days=31))
    rating.apply(by_sms(score=4, submitted_at=last.isoformat()))
    rating.apply(by_sms(dossier="D-2", submitted_at=row["expires_at"].isoformat()))
    assert [(row["dossier"], row["given_at"]) for row in rating.rows(ratings)] == [("D-1", last)]
    assert rating.retry_rows() == []


def test_it_waits_for_the_return_of_the_dossier(both: ServiceUnderTest) -> None:
    both.apply(by_sms(score=3))
    assert both.retry_rows() == [("waiting", "not_yet")]
    invite(both)
    both.applier.retry_due()
    assert [row["score"] for row in both.rows(ratings)] == [3]
    assert both.retry_rows() == []

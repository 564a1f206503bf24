from __future__ import annotations

from datetime import timedelta

import pytest

from services.rating.access import require_token_holder
from services.rating.invitations.domain import AlreadyUsed, Expired, UnknownToken
from services.rating.problems import PROBLEMS, domain_errors_as_problems
from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import Rating
from shared.web.problem import Problem
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY


def check(rating: ServiceUnderTest, token: str) -> str:
    with rating.store.read() as connection:
        return require_token_holder(
            connection, token, rating.context.settings.hash_key, rating.store.clock.now()
        ).dossier


def test_the_holder_of_an_open_token_may_rate(rating: ServiceUnderTest, token: str) -> None:
    assert check(rating, token) == "D-1"
    assert check(rating, token) == "D-1"  # checking does not use up the token


def test_an_unknown_used_or_expired_token_gives_no_right(rating: ServiceUnderTest, token: str) -> None:
    with pytest.raises(UnknownToken):
        check(rating, "x" * 20)
    rating.hand.pass_(timedelta(days=30))
    with pytest.raises(Expired):
        check(rating, token)
    rating.hand.pass_(timedelta(days=-1))
    rating.store.run(lambda work: submit_rating(work, token, Rating(5)))
    with pytest.raises(AlreadyUsed):
        check(rating, token)


@pytest.mark.parametrize(("error", "status"), [(UnknownToken, 404), (AlreadyUsed, 409), (Expired(MONDAY), 410)])
def test_every_error_has_its_problem(error: Exception | type[Exception], status: int) -> None:
    with pytest.raises(Problem) as problem, domain_errors_as_problems():
        raise error
    assert problem.value.status == status
    assert set(PROBLEMS) >= {UnknownToken, AlreadyUsed, Expired}

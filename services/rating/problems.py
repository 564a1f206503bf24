"""Domain error → problem details: the one table of rating."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from services.rating.invitations.domain import AlreadyUsed, Expired, UnknownToken
from shared.web.problem import Problem

PROBLEMS: Mapping[type[Exception], Callable[[], Problem]] = {
    UnknownToken: lambda: Problem(404, "unknown-token", "Mã đánh giá không đúng", "This rating code is not known"),
    AlreadyUsed: lambda: Problem(
        409, "already-rated", "Mã này đã được dùng để đánh giá", "This rating code was used before"
    ),
    Expired: lambda: Problem(410, "invitation-expired", "Đã hết thời hạn đánh giá", "The time for this rating is over"),
}


@contextmanager
def domain_errors_as_problems() -> Iterator[None]:
    """Raises the problem that stands for a domain error.

    Raises:
        Problem: the block raised an error of :data:`PROBLEMS`.
    """
    try:
        yield
    except tuple(PROBLEMS) as error:
        raise PROBLEMS[type(error)]() from error

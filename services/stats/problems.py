"""Domain error → problem details: the one table of stats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from services.stats.access import STATISTICS_READERS, NotStatisticsReader
from services.stats.measures.domain import BadPeriod
from shared.web.problem import Problem

PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    NotStatisticsReader: lambda _: Problem(403, "forbidden", roles=sorted(STATISTICS_READERS)),
    BadPeriod: lambda error: Problem(422, "invalid", errors=[{"field": error.field, "message": str(error)}]),
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
        raise PROBLEMS[type(error)](error) from error

"""Domain error → problem details: the one table of notify."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from services.notify.access import MESSAGE_READERS, NotMessageReader
from shared.web.problem import Problem

PROBLEMS: Mapping[type[Exception], Callable[[], Problem]] = {
    NotMessageReader: lambda: Problem(403, "forbidden", roles=sorted(MESSAGE_READERS)),
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

"""Turns a service's domain errors into problem details, by the service's one table (``services/<name>/problems.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import _GeneratorContextManager, contextmanager
from typing import Any

from shared.web.problem import Problem

ProblemTable = Mapping[type[Exception], Callable[[Any], Problem]]
"""Class of a domain error → what makes the problem from the error. A class also stands for its subclasses."""


def problem_for(table: ProblemTable, error: Exception) -> Problem:
    """The problem of a domain error: that of its own class, else of the nearest base class in the table.

    Raises:
        LookupError: neither its class nor a base class of it is in the table.
    """
    for class_ in type(error).__mro__:
        if class_ in table:
            return table[class_](error)
    raise LookupError(f"no problem for {type(error).__name__}")


def translation(table: ProblemTable) -> Callable[[], _GeneratorContextManager[None]]:
    """What services call ``domain_errors_as_problems``: usable as ``with f():`` and as ``@f()``.

    Args:
        table: the service's; read when an error occurs.
    """

    @contextmanager
    def domain_errors_as_problems() -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not any(class_ in table for class_ in type(error).__mro__):
                raise
            raise problem_for(table, error) from error

    return domain_errors_as_problems

"""A number that the database gives while it writes: 1, 2, 3 … without gaps, whoever else draws at the same time.

Whoever raises a counter keeps all others waiting until his commit. So the number is drawn with the very statement that writes what
it is for, and until then a mark stands in its place.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import Executable

from shared.persistence.sql import execute_compiled


class DeferredNumber:
    """One number on its way.

    Args:
        statement: raises a counter and returns it, in one row and one column; a constant of its module.
        parameters: its values.
        digits: how many it is written with at least, zeros in front.

    Attributes:
        mark: stands where the number will be; nobody can guess it and put it into a text of his own.
        number: the number as it is written; empty before it is drawn.
    """

    def __init__(self, statement: Executable, parameters: Mapping[str, Any], digits: int) -> None:
        self.statement = statement
        self.parameters = parameters
        self.digits = digits
        self.placeholder = secrets.token_hex(16)
        self.number = ""

    def now(self, connection: Connection) -> None:
        """Draws the number by a statement of its own, unless it is drawn already."""
        if not self.number:
            [(number,)] = execute_compiled(connection, self.statement, self.parameters)
            self.number = f"{number:0{self.digits}d}"

    def substitute(self, text: str) -> str:
        """A text with the number where its mark was.

        Raises:
            RuntimeError: the text has the mark, and the number is not drawn yet.
        """
        if not self.number and self.placeholder in text:
            raise RuntimeError("the number is not drawn before the transaction ends")
        return text.replace(self.placeholder, self.number)

    def substitute_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row's values with the number in those texts that have its mark."""
        return {name: self.substitute(value) if isinstance(value, str) else value for name, value in row.items()}

    def columns_with_placeholder(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of the values that have the mark."""
        return tuple(name for name, value in row.items() if isinstance(value, str) and self.placeholder in value)

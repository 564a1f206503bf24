"""Errors of commands that the person at the terminal can correct: one line each instead of a traceback."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import IO, Any

import click

from shared.data_files import DataError
from shared.runtime.data_keys import WrongDataKeys
from shared.runtime.settings import SettingsError


class CommandError(click.ClickException):
    """An error with a one-line message; exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the line."""
        click.echo(f"motcua: {self.format_message()}", file=file, err=file is None)


class OneLineErrors:
    """Prints faults of settings, data files, connections and databases as one line each and exits with status 2."""

    def __enter__(self) -> OneLineErrors:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, SettingsError | DataError):
            for fault in error.faults:
                click.echo(f"motcua: {fault}", err=True)
            sys.exit(2)
        if isinstance(error, ConnectionError | WrongDataKeys):
            click.echo(f"motcua: {error}", err=True)
            sys.exit(2)
        if error is not None and (fault := _database_fault(error)):
            click.echo(f"motcua: the database cannot be used: {fault}", err=True)
            sys.exit(2)


def _database_fault(error: BaseException) -> str:
    """The first line of a database driver's message; empty for other errors."""
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import OperationalError

    if not isinstance(error, OperationalError):
        return ""
    return (str(error.orig).splitlines() or [type(error.orig).__name__])[0]

"""Commands that are imported when they are called, so that each process loads no more than it needs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import click

from shared.runtime.settings import SettingsError


class LazyGroup(click.Group):
    """A group of commands named by their import paths.

    Args:
        name: the group's name.
        commands: command name → ``module:attribute``.
    """

    def __init__(self, name: str, commands: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.paths = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of their table."""
        return list(self.paths)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command."""
        path = self.paths.get(cmd_name)
        if path is None:
            return None
        module, _, attribute = path.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


class CommandError(click.ClickException):
    """Something that a person can put right, said in one line."""

    def show(self, file: Any = None) -> None:
        """Prints the line."""
        click.echo(f"motcua: {self.format_message()}", err=True)


class OneLineErrors:
    """Turns faults of the environment into one line for each and exit status 2."""

    def __enter__(self) -> OneLineErrors:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, SettingsError):
            for fault in error.faults:
                click.echo(f"motcua: {fault}", err=True)
            sys.exit(2)
        if isinstance(error, ConnectionError):
            click.echo(f"motcua: {error}", err=True)
            sys.exit(2)

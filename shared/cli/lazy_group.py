"""A group of commands whose modules are imported only when a command is used, so that each process loads only what it needs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group of commands given by import paths.

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

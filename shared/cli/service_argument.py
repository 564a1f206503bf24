"""The SERVICE argument of commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from services.registry import SERVICE_NAMES, SERVICES, Service, find_service

Command = TypeVar("Command", bound=Callable[..., Any])

ALL = "all"


def one_service(command: Command) -> Command:
    """Adds the argument SERVICE: the name of one service."""
    return _argument(command, SERVICE_NAMES)


def one_service_or_all(command: Command) -> Command:
    """Adds the argument SERVICE: the name of one service, or ``all``."""
    return _argument(command, (*SERVICE_NAMES, ALL))


def all_services_by_default(command: Command) -> Command:
    """Adds the optional argument SERVICE: the name of one service, or ``all``, which is the default."""
    return _argument(command, (*SERVICE_NAMES, ALL), default=ALL)


def _argument(command: Command, names: Sequence[str], **attributes: Any) -> Command:
    """Adds the argument, and its values to the help text, which click takes from the docstring."""
    command.__doc__ = f"{command.__doc__}\n\n    SERVICE is one of: {', '.join(names)}.\n"
    metavar = "[SERVICE]" if attributes else "SERVICE"
    return click.argument("service", type=click.Choice(names), metavar=metavar, **attributes)(command)


def selected(name: str) -> tuple[Service, ...]:
    """The services that an argument selects.

    Args:
        name: a service's name or ``all``.
    """
    return SERVICES if name == ALL else (find_service(name),)

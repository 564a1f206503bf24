"""The SERVICE argument of commands."""

from __future__ import annotations

import click

from services.registry import SERVICE_NAMES, SERVICES, Service, find_service

SERVICE = click.Choice(SERVICE_NAMES)
SERVICE_OR_ALL = click.Choice([*SERVICE_NAMES, "all"])


def selected(name: str) -> tuple[Service, ...]:
    """The services that an argument selects.

    Args:
        name: a service's name or ``all``.
    """
    return SERVICES if name == "all" else (find_service(name),)

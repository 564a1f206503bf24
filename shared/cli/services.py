"""Finds the services by name. They are imported here and nowhere else in `shared`: by name, at run time, when a command needs them."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

import click

from shared.observability.logs import configure_logging
from shared.runtime.settings import SERVICES

if TYPE_CHECKING:
    from shared.runtime.workers.worker_spec import WorkerSpec

SERVICE_OR_ALL = click.Choice([*SERVICES, "all"])


def chosen(name: str) -> tuple[str, ...]:
    """The services that an argument names."""
    return SERVICES if name == "all" else (name,)


def app_factory(service: str) -> Any:
    """``create_app(context)`` of a service."""
    return importlib.import_module(f"services.{service}.app").create_app


def worker_spec(service: str) -> WorkerSpec:
    """The handlers and sweeps of a service."""
    work: WorkerSpec = importlib.import_module(f"services.{service}.worker").WORKER
    return work


def metadata_of(service: str) -> Any:
    """The tables of a service."""
    return importlib.import_module(f"services.{service}.migrations").metadata


def start_logging(level: str) -> None:
    """Sends this process's log to standard error; libraries that talk much are kept to their warnings.

    Args:
        level: the least level that is shown.
    """
    configure_logging(level)
    for name in ("pika", "alembic", "psycopg"):
        logging.getLogger(name).setLevel(logging.ERROR if name == "psycopg" else logging.WARNING)

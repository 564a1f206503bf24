"""``motcua web``, ``worker`` and ``relay``: the processes that a platform is made of."""

from __future__ import annotations

import gc
import logging
import os
import sys
from typing import TYPE_CHECKING

import click

from shared.cli.service_argument import SERVICE_OR_ALL, selected
from shared.observability.logs import configure_logging
from shared.runtime.settings import Settings, read_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

COLLECT = (10_000, 20, 20)
"""How many new objects the collector lets pass before it looks: a request makes hundreds and leaves no cycle."""
ALL_PARTS = frozenset({"relay", "consume", "sweep"})


@click.command(short_help="Serve the web of one service, or of all on one port.")
@click.argument("service", type=SERVICE_OR_ALL)
def web(service: str) -> None:
    """Serves the web of SERVICE (or ``all``) on MOTCUA_HOST:MOTCUA_PORT.

    Example: MOTCUA_PORT=8001 motcua web intake
    """
    from shared.web.server import serve

    settings = read_settings()
    _start_logging(os.environ.get("MOTCUA_LOG", "WARNING"))
    serve(lambda: build_wsgi(service, settings), settings)


def build_wsgi(service: str, settings: Settings) -> WSGIApplication:
    """The WSGI application of one service, or all of them behind one gateway.

    Args:
        service: a service's name or ``all``.
        settings: what the environment said.
    """
    # here, not above: gunicorn's parent process, which serves nothing, shall not carry all this
    from shared.runtime.context import open_context
    from shared.runtime.reference_data import load_reference
    from shared.web.gateway import create_gateway, create_home

    reference = load_reference(settings.agencies_dir)
    services = selected(service)
    contexts = {found.name: open_context(found.name, settings, reference) for found in services}
    apps = {found.name: found.create_app(contexts[found.name]) for found in services}
    titles = {found.name: (found.title_vi, found.title_en) for found in services}
    gateway = create_gateway(apps, create_home(settings, contexts, titles))
    # what is there now stays for ever: the collector need not look at it again with every few requests
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    return gateway


@click.command(short_help="Relay, consume, retry and sweep for one service, or for all.")
@click.argument("service", type=SERVICE_OR_ALL)
@click.option("--no-relay", is_flag=True, help="Leave the outbox to a relay process of its own.")
def worker(service: str, no_relay: bool) -> None:
    """Runs the worker of SERVICE (or ``all``): moves its outbox to the bus, applies its events, retries, sweeps.

    Health and metrics are served on MOTCUA_WORKER_PORT when it is set.

    Example: MOTCUA_WORKER_PORT=9001 motcua worker routing
    """
    _run(service, ALL_PARTS - {"relay"} if no_relay else ALL_PARTS)


@click.command(short_help="Only move a service's outbox to the bus.")
@click.argument("service", type=SERVICE_OR_ALL)
def relay(service: str) -> None:
    """Moves the outbox of SERVICE (or ``all``) to the bus; goes with ``motcua worker --no-relay``.

    Example: motcua relay intake
    """
    _run(service, frozenset({"relay"}))


def _run(service: str, parts: frozenset[str]) -> None:
    from shared.runtime.context import open_context
    from shared.runtime.reference_data import load_reference
    from shared.runtime.workers.process import run
    from shared.runtime.workers.service import ServiceLoops

    settings = read_settings()
    _start_logging(os.environ.get("MOTCUA_LOG", "INFO"))
    reference = load_reference(settings.agencies_dir)
    loops = [
        ServiceLoops(open_context(found.name, settings, reference), found.worker_spec(), parts)
        for found in selected(service)
    ]
    sys.exit(run(loops, settings.worker_port, settings.host))


def _start_logging(level: str) -> None:
    """Logs to standard error. Libraries that log much are limited to warnings, psycopg to errors."""
    configure_logging(level)
    for name in ("pika", "alembic", "psycopg"):
        logging.getLogger(name).setLevel(logging.ERROR if name == "psycopg" else logging.WARNING)

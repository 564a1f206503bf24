"""``motcua web``, ``worker`` and ``relay``: the processes of a platform."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING

import click

from services.registry import SERVICE_TITLES
from shared.cli.data_key_use import check_data_keys
from shared.cli.service_argument import one_service_or_all, selected
from shared.observability.logs import configure_logging
from shared.runtime.settings import Settings, read_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
ALL_ROLES = frozenset({"relay", "consume", "sweep"})


@click.command(short_help="Serve the API and the pages of one service, or of all on one port.")
@one_service_or_all
def web(service: str) -> None:
    """Serves the API and the pages of SERVICE on MOTCUA_HOST:MOTCUA_PORT.

    Example: MOTCUA_PORT=8001 motcua web intake
    """
    settings = read_settings()
    _share_metrics(settings.web_workers)
    from shared.web.server import serve

    _start_logging(os.environ.get("MOTCUA_LOG", "WARNING"))
    _check_agencies(settings)
    _check_keys(service, settings)
    serve(lambda: build_wsgi(service, settings), settings)


def _check_keys(service: str, settings: Settings) -> None:
    """Refuses to start a service that hashes secrets of citizens or keeps personal data without the keys of these.

    A database that cannot be reached now is compared with the keys when it can be.
    """
    services = selected(service)
    if any(found.hashes_secrets for found in services):
        settings.require_hash_key()
    for found in services:
        if found.keeps_personal_data:
            settings.require_data_keys()
            check_data_keys(found, settings)


def _check_agencies(settings: Settings) -> None:
    """Refuses faulty files of the operator with one line each, before the server's processes would fail with a traceback."""
    if settings.agencies_dir:
        from shared.agencies import Agencies

        Agencies.load(settings.agencies_dir)


def _share_metrics(workers: int) -> None:
    """Gives several web workers a private folder in which they add up their metrics, unless the operator has named one.

    Must run before the metrics are imported. Without it each scrape would show the counts of another worker.
    """
    if workers == 1 or os.environ.get(METRICS_FOLDER):
        return
    folder, owner = tempfile.mkdtemp(prefix="motcua-metrics-"), os.getpid()
    os.environ[METRICS_FOLDER] = folder

    def remove() -> None:
        if os.getpid() == owner:  # not in a forked worker
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


def build_wsgi(service: str, settings: Settings) -> WSGIApplication:
    """The WSGI application of one service, or all of them behind one gateway.

    Args:
        service: a service's name or ``all``.
        settings: the settings of this process.
    """
    # Imported here, so that gunicorn's parent process, which serves nothing, does not load it.
    from shared.identity_provider.app import create_provider
    from shared.messaging.hint_transports import open_hints
    from shared.openid.settings import BUILT_IN, read_openid_settings
    from shared.payment_gateway.trial_app import create_trial_gateway
    from shared.runtime.context import open_context
    from shared.runtime.reference_data import load_reference
    from shared.runtime.settings import TRIAL_GATEWAY
    from shared.web.admission.disk_space import DiskSpace
    from shared.web.gateway import Gateway, create_home

    reference = load_reference(settings.agencies_dir)
    services = selected(service)
    contexts = {found.name: open_context(found.name, settings, reference, SERVICE_TITLES) for found in services}
    for context in contexts.values():
        context.store.hints = open_hints(context.store.engine)
    apps = {found.name: found.create_app(contexts[found.name]) for found in services}
    openid = read_openid_settings(settings)
    if openid.built_in and "intake" in apps:
        apps[BUILT_IN] = create_provider(settings, openid)
    if settings.payments.trial and "intake" in apps:
        apps[TRIAL_GATEWAY] = create_trial_gateway(settings)
    home = create_home(settings, contexts, SERVICE_TITLES)
    disk = DiskSpace(settings.data, settings.min_free_bytes)
    gateway = Gateway(apps, home, lambda: settings.clock.now().date(), disk)
    # The objects made so far live as long as the process, so the collector need not scan them again.
    gc.collect()
    gc.freeze()
    return gateway


@click.command(short_help="Run the worker of one service, or of all.")
@one_service_or_all
@click.option("--no-relay", is_flag=True, help="Do not relay the outbox; a separate `motcua relay` does it.")
def worker(service: str, no_relay: bool) -> None:
    """Runs the worker of SERVICE: it relays the outbox to the bus, applies events, retries failed ones and does what is due.

    When MOTCUA_WORKER_PORT is set, health and metrics are served there.

    Example: MOTCUA_WORKER_PORT=9001 motcua worker routing
    """
    _run(service, ALL_ROLES - {"relay"} if no_relay else ALL_ROLES)


@click.command(short_help="Only relay the outbox of one service, or of all, to the bus.")
@one_service_or_all
def relay(service: str) -> None:
    """Relays the outbox of SERVICE to the bus, in a process apart from `motcua worker --no-relay`.

    Example: motcua relay intake
    """
    _run(service, frozenset({"relay"}))


def _run(service: str, roles: frozenset[str]) -> None:
    from shared.runtime.context import open_context
    from shared.runtime.reference_data import load_reference
    from shared.runtime.workers.process import run
    from shared.runtime.workers.service import ServiceLoops

    settings = read_settings()
    _start_logging(os.environ.get("MOTCUA_LOG", "INFO"))
    if "consume" in roles:
        _check_keys(service, settings)
    reference = load_reference(settings.agencies_dir)
    loops = [
        ServiceLoops(open_context(found.name, settings, reference), found.worker_spec(), roles)
        for found in selected(service)
    ]
    sys.exit(run(loops, settings.worker_port, settings.host))


def _start_logging(level: str) -> None:
    """Logs to standard error. Libraries that log much are limited to warnings, psycopg to errors."""
    configure_logging(level)
    for name in ("pika", "alembic", "psycopg"):
        logging.getLogger(name).setLevel(logging.ERROR if name == "psycopg" else logging.WARNING)

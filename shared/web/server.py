"""The HTTP server: gunicorn, started from code so that all its settings are in one place. Its worker is in `buffered_worker.py`."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from shared.observability.metrics import mark_process_dead
from shared.runtime.settings import Settings
from shared.web.buffered_worker import BufferedThreadWorker
from shared.web.listening import bind_port, close_port
from shared.web.request_framing import MAX_LINE_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SHARED_MEMORY = "/dev/shm"
WORKER_TIMEOUT_SECONDS = 60
GRACEFUL_SECONDS = 25
"""How long accepted requests may take after draining."""
CONNECTIONS = 1000
"""Open connections of one process; beyond that, those that have waited longest are closed."""
KEEPALIVE_SECONDS = 65
"""Longer than a proxy's usual 60 s, so that the server never closes a connection that the proxy is about to use."""


class PlainLogger(Logger):
    """Sends gunicorn's own records to the root logger, which formats them."""

    def setup(self, cfg: Any) -> None:
        """Propagates records to the root logger and adds no handler."""
        self.error_log.setLevel(logging.NOTSET)
        self.error_log.propagate = True
        self.access_log.disabled = True


class _Server(BaseApplication):
    def __init__(self, app_factory: Callable[[], WSGIApplication], options: dict[str, Any]) -> None:
        self._app_factory = app_factory
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app_factory()


def server_options(settings: Settings, post_fork: Sequence[Callable[[], None]] = ()) -> dict[str, Any]:
    """Gunicorn's settings.

    Args:
        settings: host, port, workers and threads.
        post_fork: run in every new worker before anything else, such as closing inherited database connections.
    """
    # with one listening socket for several workers, one of them takes nearly all keep-alive connections
    own_sockets = settings.web_workers > 1

    def bind() -> list[Any]:
        return [bind_port(settings.host, settings.port, own_sockets)]

    def starting(arbiter: Arbiter) -> None:
        # else gunicorn would open the port before a worker has loaded the application
        cast(Any, arbiter).LISTENERS = bind()

    def forked(_arbiter: Arbiter, worker: Worker) -> None:
        if own_sockets:
            worker.sockets = bind()
        for hook in post_fork:
            hook()

    def child_exit(arbiter: Arbiter, worker: Worker) -> None:
        mark_process_dead(int(worker.pid))
        if not arbiter.WORKERS:
            close_port(arbiter.LISTENERS)

    return {
        "bind": f"{settings.host}:{settings.port}",
        "worker_class": type(
            "MotcuaWorker",
            (BufferedThreadWorker,),
            {
                "max_body_bytes": settings.max_body_bytes,
                "drain_seconds": settings.drain_seconds,
                "waiting_requests": settings.waiting_requests,
                "wait_seconds": settings.wait_seconds,
            },
        ),
        "worker_connections": CONNECTIONS,
        "limit_request_line": MAX_LINE_BYTES,
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        "preload_app": False,
        "control_socket_disable": True,
        "sendfile": False,  # answers are collected, not written to the connection's own socket
        "max_requests": 0,
        "timeout": WORKER_TIMEOUT_SECONDS,
        "graceful_timeout": math.ceil(settings.drain_seconds) + GRACEFUL_SECONDS,
        "keepalive": KEEPALIVE_SECONDS,
        "worker_tmp_dir": SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None,
        "accesslog": None,
        "logger_class": PlainLogger,
        "proc_name": "motcua-web",
        "on_starting": starting,
        "post_fork": forked,
        "child_exit": child_exit,
    }


def serve(
    app_factory: Callable[[], WSGIApplication], settings: Settings, post_fork: Sequence[Callable[[], None]] = ()
) -> None:
    """Serves an app until SIGTERM or SIGINT; ends by SystemExit.

    Args:
        app_factory: creates the app; called in each worker after the fork, so that its connections belong to that worker.
        settings: host, port, workers and threads.
        post_fork: see :func:`server_options`.
    """
    _Server(app_factory, server_options(settings, post_fork)).run()

"""Health probes. Live: the process answers. Ready: its database answers too. The bus does not count: filing works without it."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from flask import Flask, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.persistence.store import Store
from shared.web.admission.overload import OVERLOAD
from shared.web.authorization import public
from shared.web.draining import DRAINING
from shared.web.json_encoding import dumps
from shared.web.problem import Problem

EXTENSION = "motcua-readiness"
"""The name of an app's :class:`Readiness` among its extensions."""
READY_SECONDS = 2.0
_SELECT_ONE = text("SELECT 1")


class Readiness:
    """Checks in bounded time that a store answers. A hanging database neither hangs the probe nor piles up probes.

    Args:
        store: the service's database.
        seconds: how long to wait for it.
    """

    def __init__(self, store: Store, seconds: float = READY_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._pending: Future[None] | None = None

    def ready(self) -> bool:
        """Whether the database answered in time."""
        return not self.fault()

    def fault(self) -> str:
        """Why the service can't answer now; empty if it can."""
        try:
            self._probe().result(self._seconds)
        except FutureTimeout:
            return f"the database of {self._store.service} did not answer within {self._seconds:g} s"
        except SQLAlchemyError as error:
            return f"the database of {self._store.service} is not ready: {type(error).__name__}"
        return ""

    def _probe(self) -> Future[None]:
        with self._lock:
            if self._pending is None or self._pending.done():
                if self._executor is None:  # not earlier: threads do not survive a fork
                    self._executor = ThreadPoolExecutor(1, f"ready-{self._store.service}")
                self._pending = self._executor.submit(self._select_one)
            return self._pending

    def _select_one(self) -> None:
        with self._store.read() as connection:
            connection.execute(_SELECT_ONE)


def _own_fault() -> str:
    """Why load balancers should send elsewhere, though the database may answer; empty if they should not."""
    if DRAINING.is_set():
        return "the process stops"
    return "the process refuses requests, since too many come" if OVERLOAD.away else ""


def add_health(app: Flask) -> None:
    """Adds ``/<service>/health/live`` and ``/<service>/health/ready``, which asks the :class:`Readiness` of the app that serves it.

    Args:
        app: named after the service.
    """

    @public
    def live() -> Response:
        """Whether the process runs; asks neither database nor broker."""
        return Response(dumps({"status": "ok"}), content_type="application/json")

    @public
    def ready() -> Response:
        """Whether the service can answer now and later: its database responds, and the process neither stops nor is overloaded."""
        readiness: Readiness = current_app.extensions[EXTENSION]
        if fault := _own_fault() or readiness.fault():
            raise Problem(503, "unavailable", headers={"Retry-After": "2"}, cause=fault)
        return Response(dumps({"status": "ok"}), content_type="application/json")

    app.add_url_rule(f"/{app.name}/health/live", "health_live", live, methods=["GET"])
    app.add_url_rule(f"/{app.name}/health/ready", "health_ready", ready, methods=["GET"])

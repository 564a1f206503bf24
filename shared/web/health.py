"""Health: live says that the process answers, ready that its database does. The bus is no condition: filing goes on without it."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.persistence.store import Store
from shared.web.authorization import public
from shared.web.jsonio import dumps
from shared.web.problem import Problem

log = logging.getLogger(__name__)

READY_SECONDS = 2.0
_SELECT_ONE = text("SELECT 1")


class Readiness:
    """Asks a store whether it answers, in bounded time: a hanging database must not hang the probe, nor many probes pile up.

    Args:
        store: the service's database.
        seconds: how long to wait for it.
    """

    def __init__(self, store: Store, seconds: float = READY_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._asking: Future[None] | None = None

    def ready(self) -> bool:
        """Whether the database answered in time."""
        try:
            self._question().result(self._seconds)
        except FutureTimeout:
            log.warning("the database of %s did not answer within %g s", self._store.service, self._seconds)
            return False
        except SQLAlchemyError as error:
            log.warning("the database of %s is not ready: %s", self._store.service, type(error).__name__)
            return False
        return True

    def _question(self) -> Future[None]:
        with self._lock:
            if self._asking is None or self._asking.done():
                if self._executor is None:  # not before the first question: threads do not survive a fork
                    self._executor = ThreadPoolExecutor(1, f"ready-{self._store.service}")
                self._asking = self._executor.submit(self._ask)
            return self._asking

    def _ask(self) -> None:
        with self._store.read() as connection:
            connection.execute(_SELECT_ONE)


def add_health(app: Flask, readiness: Readiness) -> None:
    """Adds ``/<service>/health/live`` and ``/<service>/health/ready``.

    Args:
        app: named after the service.
        readiness: asks its database.
    """

    @public
    def live() -> Response:
        return Response(dumps({"status": "ok"}), content_type="application/json")

    @public
    def ready() -> Response:
        if not readiness.ready():
            raise Problem(503, "unavailable", headers={"Retry-After": "2"})
        return Response(dumps({"status": "ok"}), content_type="application/json")

    app.add_url_rule(f"/{app.name}/health/live", "health_live", live, methods=["GET"])
    app.add_url_rule(f"/{app.name}/health/ready", "health_ready", ready, methods=["GET"])

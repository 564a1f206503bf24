"""The part of the worker that gives requests a thread, lets them wait for one, or refuses them."""

from __future__ import annotations

import logging
import time
from abc import abstractmethod
from collections import Counter
from datetime import date
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from shared.web.admission.overload import OVERLOAD
from shared.web.admission.waiting_requests import RESERVED_THREADS, Refused, WaitingRequests
from shared.web.admission.weights import Key, Weights, weights
from shared.web.buffered_connection import Connection
from shared.web.request_threads import RequestThreads
from shared.web.waiting_connections import WaitingConnections

log = logging.getLogger(__name__)

UNKNOWN: Key = ("public", "")


class RequestAdmission(ThreadWorker):
    """Admission, in the worker's loop, and the threads.

    Attributes:
        waiting_requests: how many requests may wait for a thread. Set in a subclass.
        wait_seconds: how long.
    """

    waiting_requests = 128
    wait_seconds = 3.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._requests = WaitingRequests(
            self.cfg.threads, self.waiting_requests, self.wait_seconds, self._weight_of, self._key_of
        )
        self._waiting: WaitingConnections
        self._weights: Weights
        self._threads: RequestThreads
        self._page_thread: RequestThreads
        self._refusals: Counter[tuple[str, Key, str]] = Counter()
        self._counted_starts = 0
        self._measures: Any = None

    def get_thread_pool(self) -> Any:
        """The threads, those beyond the settings for the few that must not wait."""
        self._threads = RequestThreads(self.cfg.threads + RESERVED_THREADS, self._answer_and_go_on)
        return self._threads

    def _prepare_admission(self) -> None:
        self._page_thread = RequestThreads(1, self._answer_refused)
        self._weights = weights(self._today())
        self._measures = getattr(self.wsgi, "measures", None)

    def _today(self) -> date:
        today = getattr(self.wsgi, "today", date.today)
        found: date = today()
        return found

    def _weight_of(self, key: Key) -> int:
        return self._weights.of(key)

    def _key_of(self, connection: Connection) -> Key:
        kinds = getattr(self.wsgi, "kinds", None)
        found: Key = UNKNOWN if kinds is None else kinds.key_of(connection.asked)
        return found

    def _admit(self, connection: Connection) -> None:
        """Gives a whole request to a thread, or lets it wait; then one that waits may be refused."""
        starts, refused = self._requests.arrive(connection, time.monotonic())
        if not (
            refused and refused[0][1] is connection
        ):  # who is refused at once goes on being watched, which spares calls
            self._waiting.lend(connection)
        if starts:
            self._submit(connection)
        for one in refused:
            self._turn_away(one, "full")

    def _go_on(self, connection: Connection) -> None:
        self._requests.go_on(connection)
        self._submit(connection)

    def _submit(self, connection: Connection) -> None:
        self._threads.put(connection)

    def _answer_and_go_on(self, connection: Connection) -> None:
        """In a thread: answers a request, and then those that waited for the thread, without waiting for the loop."""
        following = [connection]
        while following:
            one, *others = following
            for other in others:
                self._submit(other)
            keep = self._answer(one)
            following = self._requests.leave(one)
            self._answered(one, keep)

    def _answer(self, connection: Connection) -> bool:
        try:
            return self.handle(connection)
        except BaseException:  # the thread goes on
            log.exception("a request was not answered")
            return False

    @abstractmethod
    def handle(self, conn: Any) -> bool:
        """Answers one request; see :class:`shared.web.connection_phases.ConnectionPhases`."""

    @abstractmethod
    def _answered(self, connection: Connection, keep: bool) -> None:
        """Goes on with a connection whose answer, or a piece of it, is made; from its thread, which then leaves it alone."""

    def _turn_away(self, refused: Refused, reason: str) -> None:
        """Tells a client that it should come again later: a browser by a page that keeps what was typed, others in short."""
        key, connection = refused
        seconds = OVERLOAD.refuse()
        self._refusals[reason, key, _service_of(connection.asked)] += 1
        head = connection.asked[: connection.asked.find(b"\r\n\r\n") + 2].lower()
        if b"text/html" in head and not connection.ahead and self._requests.begin_page():
            self._waiting.lend(connection)
            connection.refused_for = seconds
            self._page_thread.put(connection)
            return
        # after HEAD the client would take our body for the next answer
        closes = head.startswith(b"head ") or b"\r\nconnection: close\r\n" in head or b" http/1.0\r\n" in head
        connection.sock.request = b""
        whole = connection.framing.clean and not connection.framing.refused_unread
        # who sends ahead is not kept: one refusal would lead to the next within the same call
        self._refuse(connection, 503, seconds, whole and not closes and not connection.received and self.alive)

    def _answer_refused(self, connection: Connection) -> None:
        keep = self._answer(connection)
        self._requests.end_page()
        self._answered(connection, keep)

    @abstractmethod
    def _refuse(self, connection: Connection, status: int, retry_after: int = 0, keep: bool = False) -> None:
        """Answers in short, from the loop of connections; see :class:`shared.web.connection_phases.ConnectionPhases`."""

    def _look_after_queue(self, now: float) -> None:
        """Once a second: refuses who has waited too long, and shows how things stand."""
        for one in self._requests.overdue(now):
            self._turn_away(one, "waited")
        started = self._requests.started
        OVERLOAD.start(started - self._counted_starts)
        self._counted_starts = started
        self._weights = weights(self._today())
        if self._measures is not None:
            self._measures.show(self._requests.running, self._requests.waiting, self._refusals)
        if self._refusals:
            log.warning("%d requests were refused in the last second: too many came", self._refusals.total())
            self._refusals.clear()


def _service_of(request: bytes) -> str:
    """The first part of a request's path."""
    target = request[: request.find(b"\r\n")].partition(b" ")[2]
    return target[1:].partition(b" ")[0].partition(b"?")[0].partition(b"/")[0].decode("latin-1")

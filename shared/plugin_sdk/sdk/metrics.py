"""A few numbers about the service, at ``/metrics`` in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

HELP = {
    "motcua_agency_received_total": ("counter", "Messages received, by kind of event; a redelivered one counts again."),
    "motcua_agency_decided_total": ("counter", "Decisions that the broker has confirmed, by kind."),
    "motcua_agency_ignored_total": ("counter", "Messages of a kind that has no handler."),
    "motcua_agency_unreadable_total": ("counter", "Messages that cannot be read, given to the dead letters."),
    "motcua_agency_failures_total": ("counter", "Calls of a handler that ended in an exception or a wrong decision."),
    "motcua_agency_given_up_total": ("counter", "Messages given to the dead letters after the last failure."),
    "motcua_agency_unconfirmed_total": ("counter", "Decisions that had to be sent again: refused, unroutable or lost."),
    "motcua_agency_connections_lost_total": ("counter", "Lost connections and failed attempts to connect."),
    "motcua_agency_connected": ("gauge", "1 while steps are received."),
    "motcua_agency_waiting": ("gauge", "Messages that wait for another attempt."),
    "motcua_agency_handler_seconds_sum": ("counter", "Seconds spent in handlers."),
    "motcua_agency_handler_seconds_count": ("counter", "Calls of handlers."),
}


class Metrics:
    """Counters and gauges, one label at the most. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._others: list[Callable[[], str]] = []
        self._values: dict[tuple[str, str], float] = dict.fromkeys(
            ((name, "") for name in HELP if not name.endswith(("received_total", "decided_total"))), 0.0
        )

    def add(self, name: str, amount: float = 1, *, event: str = "") -> None:
        """Adds to a number; `name` without the common prefix, such as ``failures_total``."""
        key = (f"motcua_agency_{name}", event)
        with self._lock:
            self._values[key] = self._values.get(key, 0.0) + amount

    def set(self, name: str, value: float) -> None:
        """Sets a gauge."""
        with self._lock:
            self._values[f"motcua_agency_{name}", ""] = value

    def value(self, name: str, *, event: str = "") -> float:
        """A number as it stands; 0 when it was never touched."""
        with self._lock:
            return self._values.get((f"motcua_agency_{name}", event), 0.0)

    def text(self) -> str:
        """Everything in Prometheus' text format."""
        with self._lock:
            values = sorted(self._values.items())
        lines: list[str] = []
        for name, (kind, meaning) in HELP.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            for (own, event), value in values:
                if own == name:
                    lines.append(f'{name}{{event="{event}"}} {value:g}' if event else f"{name} {value:.6g}")
        return "\n".join(lines) + "\n" + "".join(other() for other in self._others)

    def include(self, text: Callable[[], str]) -> None:
        """Adds an agency's own numbers to the answer.

        Args:
            text: gives them in Prometheus' text format, each line with its end; called at every question, in another thread.
        """
        self._others.append(text)


@contextmanager
def served(metrics: Metrics, port: int) -> Iterator[int]:
    """Answers ``/metrics`` on all addresses while the block runs.

    Args:
        port: the TCP port; 0 to serve nothing.

    Yields:
        the port.
    """
    if port == 0:
        yield 0
        return

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds; a silent client must not hold a thread for ever

        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == "/metrics"
            body = metrics.text().encode() if found else b"not found\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: a line for every question of a monitoring system is noise."""

    server = ThreadingHTTPServer(("", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()

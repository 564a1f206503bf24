"""Metrics of the service, served at ``/metrics`` in Prometheus text format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

HELP = {
    "motcua_agency_received_total": ("counter", "Messages received, by event; a redelivered one counts again."),
    "motcua_agency_decided_total": ("counter", "Decisions confirmed by the broker, by event."),
    "motcua_agency_ignored_total": ("counter", "Messages without a handler."),
    "motcua_agency_unreadable_total": ("counter", "Unreadable messages, dead-lettered."),
    "motcua_agency_failures_total": ("counter", "Handler calls that raised or returned an invalid decision."),
    "motcua_agency_given_up_total": ("counter", "Messages dead-lettered after the last attempt."),
    "motcua_agency_unconfirmed_total": ("counter", "Decisions that were not confirmed and are sent again."),
    "motcua_agency_connections_lost_total": ("counter", "Lost connections and failed connection attempts."),
    "motcua_agency_connected": ("gauge", "1 while the service receives messages."),
    "motcua_agency_waiting": ("gauge", "Messages that wait for a retry."),
    "motcua_agency_waiting_for_papers": ("gauge", "Of these, messages that wait until the platform gives the papers."),
    "motcua_agency_papers_unavailable_total": (
        "counter",
        "Handler calls that ended because the platform gave no papers.",
    ),
    "motcua_agency_key_expires_timestamp_seconds": (
        "gauge",
        "When the agency's key ends, Unix time; 0 while not known.",
    ),
    "motcua_agency_handler_seconds_sum": ("counter", "Seconds spent in handlers."),
    "motcua_agency_handler_seconds_count": ("counter", "Handler calls."),
}


class Metrics:
    """Counters and gauges with at most one label, the event. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._included: list[Callable[[], str]] = []
        self._values: dict[tuple[str, str], float] = dict.fromkeys(
            ((name, "") for name in HELP if not name.endswith(("received_total", "decided_total"))), 0.0
        )

    def add(self, name: str, amount: float = 1, *, event: str = "") -> None:
        """Adds to a counter or gauge.

        Args:
            name: without the common prefix, such as ``failures_total``.
        """
        key = (f"motcua_agency_{name}", event)
        with self._lock:
            self._values[key] = self._values.get(key, 0.0) + amount

    def set(self, name: str, value: float) -> None:
        """Sets a gauge."""
        with self._lock:
            self._values[f"motcua_agency_{name}", ""] = value

    def value(self, name: str, *, event: str = "") -> float:
        """The current value; 0 if it was never set."""
        with self._lock:
            return self._values.get((f"motcua_agency_{name}", event), 0.0)

    def text(self) -> str:
        """All metrics in Prometheus text format."""
        with self._lock:
            values = sorted(self._values.items())
        lines: list[str] = []
        for name, (kind, meaning) in HELP.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            for (series, event), value in values:
                if series == name:
                    lines.append(f'{name}{{event="{event}"}} {value:g}' if event else f"{name} {value:.12g}")
        return "\n".join(lines) + "\n" + "".join(included() for included in self._included)

    def include(self, text: Callable[[], str]) -> None:
        """Adds an agency's own metrics to the output.

        Args:
            text: returns them in Prometheus text format, each line with its line end; called at every request, in another thread.
        """
        self._included.append(text)


@contextmanager
def serve_metrics(metrics: Metrics, port: int) -> Iterator[int]:
    """Serves ``/metrics`` on all addresses while the block runs.

    Args:
        port: the TCP port; 0 to serve nothing.

    Yields:
        the port.
    """
    if port == 0:
        yield 0
        return

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds; a silent client must not hold a thread forever

        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == "/metrics"
            body = metrics.text().encode() if found else b"not found\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing: a line per scrape is noise."""

    server = ThreadingHTTPServer(("", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()

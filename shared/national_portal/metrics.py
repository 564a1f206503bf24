"""Metrics of the portal plug-in in Prometheus' text format, in addition to those of the SDK."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

from shared.national_portal.history import PROGRESS, SYNC
from shared.national_portal.maintenance import QueueMaintenance
from shared.national_portal.reply import Meaning

HELP = {
    "waiting": ("gauge", "Unsent messages, including those of parked dossiers."),
    "oldest_waiting_timestamp_seconds": ("gauge", "When the oldest unsent message was stored; 0 when there is none."),
    "past_deadline": ("gauge", "Unsent messages whose deadline is over."),
    "parked": ("gauge", "Dossiers that need an operator."),
    "sent_total": ("counter", "Messages that the portal has accepted."),
    "failed_total": ("counter", "Attempts that failed, by kind of failure."),
}
_FAILURES = tuple(meaning.value for meaning in Meaning if meaning is not Meaning.DONE)


class PortalMetrics:
    """Counts attempts and reads the other numbers from the queue. Thread-safe.

    Args:
        path: the queue's file.
        now: real time, Unix seconds.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._lock = Lock()
        self._attempts: Counter[tuple[str, str]] = Counter()

    def count(self, service: str, meaning: Meaning) -> None:
        """Counts one attempt."""
        with self._lock:
            self._attempts[service, meaning.value] += 1

    def text(self) -> str:
        """All metrics in Prometheus' text format."""
        with QueueMaintenance(self._path) as queue:
            counts = queue.counts(self._now())
        values = {
            "waiting": counts.waiting,
            "oldest_waiting_timestamp_seconds": counts.oldest or 0,
            "past_deadline": counts.past_deadline,
            "parked": counts.parked,
        }
        with self._lock:
            attempts = Counter(self._attempts)
        return "".join(
            f"# HELP motcua_portal_{name} {meaning}\n# TYPE motcua_portal_{name} {kind}\n"
            + "".join(f"motcua_portal_{line}\n" for line in _lines(name, values, attempts))
            for name, (kind, meaning) in HELP.items()
        )


def _lines(name: str, values: dict[str, float], attempts: Counter[tuple[str, str]]) -> Iterator[str]:
    if name in values:
        yield f"{name} {values[name]:.15g}"
        return
    for service in (SYNC, PROGRESS):
        if name == "sent_total":
            yield f'{name}{{service="{service}"}} {attempts[service, Meaning.DONE.value]}'
            continue
        for kind in _FAILURES:
            yield f'{name}{{service="{service}",kind="{kind}"}} {attempts[service, kind]}'

"""Starts the load generator on a schedule, and reads what came of it."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.client.http import TIMEOUT_SECONDS
from tests.peak.schedule import Arrival
from tests.support.processes import Proc, python

PATIENCE_SECONDS = 120.0
START_SECONDS = 3.0
HANGING = "no answer in time"
"""Who has no answer by `TIMEOUT_SECONDS` counts as kept hanging: longer than the platform's own client waits."""


@dataclass(frozen=True)
class Outcome:
    """What came of one arrival.

    Attributes:
        arrival: the arrival.
        kind: ``accepted``, ``refused`` or ``failed``.
        status: of the last answer.
        late: how late the load generator was with sending, in seconds.
        seconds: from when somebody came to the last answer.
        attempts: how often it was sent.
        faults: what went wrong on the way, of the filing and of its receipt.
        code, secret: of an accepted dossier.
        receipt: ``accepted``, ``refused``, ``failed`` or ``none``, of the receipt's issue.
        receipt_number: of the receipt.
    """

    arrival: Arrival
    kind: str
    status: int
    late: float
    seconds: float
    attempts: int
    faults: Counter[str]
    code: str
    secret: str
    receipt: str
    receipt_number: str

    @property
    def accepted(self) -> bool:
        """Whether the citizen has a dossier code."""
        return self.kind == "accepted"


class Load:
    """Plays a schedule in a process of its own.

    Args:
        directory: for its files.
        address: where it sends to.
        tokens: desk → a clerk's token.
        arrivals: the schedule.
    """

    def __init__(self, directory: Path, address: str, tokens: Mapping[str, str], arrivals: Sequence[Arrival]) -> None:
        self.directory = directory
        self.arrivals = arrivals
        self.began = time.time() + START_SECONDS
        self._outcomes = directory / "outcomes.jsonl"
        plan = {
            "began": self.began,
            "timeout_seconds": TIMEOUT_SECONDS,
            "patience_seconds": PATIENCE_SECONDS,
            "tokens": dict(tokens),
            "receipt": json.dumps({"kind": "receipt"}),
            "outcomes": str(self._outcomes),
            "arrivals": [
                {
                    "at": one.at,
                    "key": one.key,
                    "desk": one.desk,
                    "field": one.field,
                    "body": json.dumps(one.body, ensure_ascii=False),
                }
                for one in arrivals
            ],
        }
        path = directory / "plan.json"
        path.write_text(json.dumps(plan))
        command = python("-m", "locust", "-f", str(Path(__file__).with_name("locustfile.py")), "--headless")
        options = [
            "--users",
            "1",
            "--host",
            address,
            "--only-summary",
            "--loglevel",
            "WARNING",
            "--exit-code-on-error",
            "0",
        ]
        self._process = Proc(
            [*command, *options], log=directory / "locust.log", env={**os.environ, "PEAK_PLAN": str(path)}
        )

    def reached(self, at: float) -> bool:
        """Whether the schedule has come to a time.

        Args:
            at: seconds after its beginning.

        Raises:
            ProcessEnded: the load generator has ended before.
        """
        now = time.time() - self.began
        if now < at:
            self._process.check()
        return now >= at

    def end(self) -> None:
        """Ends the process."""
        self._process.kill9()

    def outcomes(self, timeout: float) -> list[Outcome]:
        """Waits until everybody has gone home; returns what came of each arrival, in order of their coming.

        Raises:
            AssertionError: the load generator failed or lost somebody.
        """
        status = self._process.wait(timeout)
        assert status == 0, self._process.output()[-4000:]
        by_key = {line["key"]: line for line in map(json.loads, self._outcomes.read_text().splitlines())}
        assert by_key.keys() == {one.key for one in self.arrivals}, self._process.output()[-4000:]
        return [_outcome(one, by_key[one.key]) for one in self.arrivals]


def _outcome(arrival: Arrival, line: Mapping[str, object]) -> Outcome:
    names = ("kind", "status", "late", "seconds", "attempts", "code", "secret", "receipt", "receipt_number")
    faults = Counter(line["faults"]) + Counter(line["receipt_faults"])  # type: ignore[call-overload]
    return Outcome(arrival, faults=faults, **{name: line[name] for name in names})  # type: ignore[arg-type]

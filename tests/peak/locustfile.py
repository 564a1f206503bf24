"""Plays a schedule of arrivals over HTTP: started by `tests.peak.load` as ``locust -f``.

The arrivals are open-loop: each is sent at its time, however long others take, so that overload is real. Latencies count from the time
at which somebody came, also when this process was late with sending, so that a pause of the server is seen by all who came in it.

Who gets no answer sends the same again with the same Idempotency-Key, as a browser or an agency's software does, until it is known what
became of it. Who is refused before goes home. With the dossier accepted, the clerk has the receipt issued; when that is refused, the clerk
tries again after the time that was named.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Group
from locust import FastHttpUser, task

PLAN = json.loads(Path(os.environ["PEAK_PLAN"]).read_text())
NO_EFFECT = (429, 503)
"""Refused before any work, if the platform says so itself and with Retry-After; the proxy's own 503 says nothing of the kind."""
PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 4.0


@dataclass
class Sent:
    """What came of one request, with its repetitions.

    Attributes:
        kind: ``accepted``, ``refused`` or ``failed``.
        status: the last answer's status; 0 for none.
        attempts: how often it was sent.
        faults: what went wrong on the way, each with its number.
        answer: the last answer's JSON, if it was accepted.
        retry_after: when to try again, as the last answer said, in seconds; 0 if it did not.
    """

    kind: str = "failed"
    status: int = 0
    attempts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    answer: dict[str, Any] = field(default_factory=dict)
    retry_after: float = 0.0


class Rush(FastHttpUser):
    """All the people of the schedule, each in a greenlet of their own, so that nobody waits for another."""

    fixed_count = 1
    concurrency = 8000
    connection_timeout = network_timeout = PLAN["timeout_seconds"]

    @task
    def play(self) -> None:
        """Plays the whole schedule once, then ends the run."""
        began: float = PLAN["began"]
        with open(PLAN["outcomes"], "w", encoding="utf-8") as outcomes:
            people = Group()
            for arrival in PLAN["arrivals"]:
                early = began + arrival["at"] - time.time()
                if early > 0:  # whoever is overdue is sent at once, or all others would come first
                    gevent.sleep(early)
                people.spawn(self._file, arrival, began + arrival["at"], outcomes)
            people.join()
        self.environment.runner.quit()

    def _file(self, arrival: dict[str, Any], came: float, outcomes: Any) -> None:
        started = time.time()
        filed = self._send("/intake/api/dossiers", arrival["body"], arrival["key"], arrival, came)
        done = time.time()
        receipt = Sent("none")
        if filed.kind == "accepted":
            path = f"/intake/api/dossiers/{filed.answer['code']}/documents"
            receipt = self._send(path, PLAN["receipt"], f"receipt-{arrival['key']}", arrival, done, insists=True)
        line = {
            "key": arrival["key"],
            "kind": filed.kind,
            "status": filed.status,
            "late": started - came,
            "seconds": done - came,
            "attempts": filed.attempts,
            "faults": filed.faults,
            "code": filed.answer.get("code", ""),
            "secret": filed.answer.get("secret", ""),
            "receipt": receipt.kind,
            "receipt_number": receipt.answer.get("number", ""),
            "receipt_attempts": receipt.attempts,
            "receipt_faults": receipt.faults,
        }
        outcomes.write(json.dumps(line) + "\n")

    def _send(
        self, path: str, body: str, key: str, arrival: dict[str, Any], came: float, insists: bool = False
    ) -> Sent:
        """Sends a request until it has an answer, or patience ends.

        A refusal is the end only for somebody who does not insist, and who has had an answer to each attempt: what was not answered
        may have had its effect, whatever its repetition is told.
        """
        sent = Sent()
        headers = {
            "Authorization": f"Bearer {PLAN['tokens'][arrival['desk']]}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": key,
        }
        name = "receipt" if insists else arrival["field"]
        while True:
            sent.attempts += 1
            with self.client.request("POST", path, name, body, catch_response=True, headers=headers) as answer:
                again = _read(answer, sent)
                answer.request_meta["response_time"] = (time.time() - came) * 1000
                if again:
                    answer.failure(again)
                elif sent.kind != "failed":
                    answer.success()
            if again:
                sent.kind = "failed"
                sent.faults[again] += 1
            elif sent.kind != "refused" or not (insists or sent.faults):
                return sent
            pause = sent.retry_after or min(PAUSE_SECONDS * 2 ** (sent.attempts - 1), LONGEST_PAUSE_SECONDS)
            pause *= random.uniform(1, 1.25)  # not all at one moment
            if time.time() + pause > came + PLAN["patience_seconds"]:
                sent.kind = "failed" if sent.faults else sent.kind  # nobody knows whether it had its effect
                return sent
            gevent.sleep(pause)


def _read(answer: Any, sent: Sent) -> str:
    """Reads an answer into `sent`; returns why the request must be sent again, or nothing."""
    sent.status = answer.status_code or 0
    sent.retry_after = float(answer.headers.get("Retry-After", 0)) if sent.status in NO_EFFECT else 0.0
    if not sent.status:
        return (
            "no answer in time"
            if "timed out" in str(answer.error)
            else f"connection lost ({type(answer.error).__name__})"
        )
    if sent.status in (200, 201):
        sent.kind, sent.answer = "accepted", json.loads(answer.text)
        return ""
    if sent.retry_after:
        if json.loads(answer.text).get("type") == "about:blank":
            return "proxy: service away"
        sent.kind = "refused"
        return ""
    sent.faults[f"{sent.status} {answer.text[:200]}"] += 1
    return ""

"""A program under test and the bench it is tested on: what all checks need."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from shared.plugin_sdk.conformance.collector import Seen
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned
from shared.plugin_sdk.conformance.harness import Bench
from shared.plugin_sdk.conformance.program import Program


class Failed(Exception):
    """A check's expectation was not met; the message says what was seen."""


@dataclass
class Trial:
    """Passed from check to check.

    Attributes:
        bench: the platform's side.
        program: the agency's side; runs when a check begins.
        time_limit: seconds that a decision may take.
        patience: seconds without any progress after which a decision will not come any more.
        stream: steps of the SIGKILL check.
        failed: the checks that have failed so far.
    """

    bench: Bench
    program: Program
    time_limit: float
    patience: float
    stream: int
    failed: set[str] = field(default_factory=set)

    def step(self, **changes: object) -> FakeEvent:
        """A new step for this agency, not sent yet."""
        return assigned(self.bench.agency, **changes)

    def send(self, *events: FakeEvent) -> float:
        """Sends events in order and returns when the last one was sent, by the monotonic clock."""
        for event in events:
            self.bench.send(event)
        return time.monotonic()

    def decided(self, event: FakeEvent, what: str = "the step", least: int = 1) -> list[Seen]:
        """Waits for decisions on an event and returns all that have come.

        Args:
            what: names the event in the failure.
            least: how many to wait for.

        Raises:
            Failed: none came.
        """
        collector = self.bench.collector
        if not collector.wait(lambda: len(collector.about(event)) >= least, self.patience, self._alive):
            raise Failed(f"No decision on {what} within {self.patience:g} s. {self.program.state()}")
        return collector.about(event)

    def all_decided(self, events: Sequence[FakeEvent], least: int) -> bool:
        """Waits until so many of the events are decided; gives up when nothing has come for as long as the patience lasts."""
        reached = self.decided_count(events)
        while reached < least:
            if not self.bench.collector.wait(partial(self._more_than, reached, events), self.patience, self._alive):
                return False
            reached = self.decided_count(events)
        return True

    def _more_than(self, bound: int, events: Sequence[FakeEvent]) -> bool:
        return self.decided_count(events) > bound

    def decided_count(self, events: Sequence[FakeEvent]) -> int:
        """How many of the events have been decided."""
        references = self.bench.collector.references()
        return sum(
            not references.isdisjoint((event.id, event.dossier, str(event.data.get("task")))) for event in events
        )

    def _alive(self) -> bool:
        return self.program.running


def require(condition: bool, seen: str) -> None:
    """Raises Failed with what was seen unless the condition holds."""
    if not condition:
        raise Failed(seen)

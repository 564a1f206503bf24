"""What every check needs: the harness, the program under test and the limits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from shared.plugin_sdk.conformance.collector import AgencyMessage
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.conformance.program import Program


class CheckFailed(Exception):
    """The program does not meet the expectation of a check; the message says what was seen."""


@dataclass
class CheckContext:
    """Passed to every check.

    Attributes:
        harness: the platform's side.
        program: the agency's side; it runs when a check begins.
        time_limit: seconds that a decision may take.
        idle_timeout: seconds without progress after which a decision counts as missing.
        sigkill_steps: number of steps in the SIGKILL check.
        failed: names of the checks that have failed so far.
    """

    harness: Harness
    program: Program
    time_limit: float
    idle_timeout: float
    sigkill_steps: int
    failed: set[str] = field(default_factory=set)

    def step(self, **changes: object) -> FakeEvent:
        """Makes a new step for this agency; does not send it."""
        return assigned_step(self.harness.agency, **changes)

    def send(self, *events: FakeEvent) -> float:
        """Sends events in order; returns the monotonic time when the last one was sent."""
        for event in events:
            self.harness.send(event)
        return time.monotonic()

    def wait_for_decisions(
        self, event: FakeEvent, description: str = "the step", minimum: int = 1
    ) -> list[AgencyMessage]:
        """Waits for decisions on an event and returns all that have arrived.

        Args:
            description: names the event in the error.
            minimum: how many to wait for.

        Raises:
            CheckFailed: fewer arrived in time.
        """
        collector = self.harness.collector
        enough = lambda: len(collector.decisions_on(event)) >= minimum  # noqa: E731
        if not collector.wait(enough, self.idle_timeout, self._program_runs):
            raise CheckFailed(f"No decision on {description} within {self.idle_timeout:g} s. {self.program.state()}")
        return collector.decisions_on(event)

    def wait_until_decided(self, events: Sequence[FakeEvent], minimum: int) -> bool:
        """Waits until at least `minimum` of the events are decided; returns False if no decision arrives within the idle timeout."""
        decided = self.decided_count(events)
        while decided < minimum:
            progress = partial(self._more_than, decided, events)
            if not self.harness.collector.wait(progress, self.idle_timeout, self._program_runs):
                return False
            decided = self.decided_count(events)
        return True

    def decided_count(self, events: Sequence[FakeEvent]) -> int:
        """How many of the events are decided."""
        references = self.harness.collector.references()
        return sum(
            not references.isdisjoint((event.id, event.dossier, str(event.data.get("task")))) for event in events
        )

    def _more_than(self, count: int, events: Sequence[FakeEvent]) -> bool:
        return self.decided_count(events) > count

    def _program_runs(self) -> bool:
        return self.program.running


def require(condition: bool, seen: str) -> None:
    """Raises CheckFailed with what was seen unless the condition is true."""
    if not condition:
        raise CheckFailed(seen)

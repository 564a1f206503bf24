"""What every check needs: the harness, the program under test, its limits, and the waits for its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.plugin_sdk.conformance.collector import AgencyMessage
from shared.plugin_sdk.conformance.decide_command import DecideCommand
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.conformance.program import Program

LEAST_PATIENCE = 5.0
PATIENCE_FACTOR = 4


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
        sigkill_steps: number of steps in the checks with SIGTERM and SIGKILL.
        decide: what decides accepted steps, if the developer named a command for it.
        failed: names of the checks that have failed so far.
        sent: the events sent so far, by id.
        slowest: the longest time in seconds that a step was answered in so far.
    """

    harness: Harness
    program: Program
    time_limit: float
    idle_timeout: float
    sigkill_steps: int
    decide: DecideCommand | None = None
    failed: set[str] = field(default_factory=set)
    sent: dict[str, FakeEvent] = field(default_factory=dict)
    slowest: float = 0.0
    _answers: dict[str, list[AgencyMessage]] = field(default_factory=dict, repr=False)
    _sorted: int = 0

    @property
    def patience(self) -> float:
        """Seconds after which a program that has shown its speed has evidently stopped working; at most the time limit."""
        return max(min(self.time_limit, LEAST_PATIENCE), min(self.time_limit, PATIENCE_FACTOR * self.slowest))

    def step(self, **changes: object) -> FakeEvent:
        """Makes a new step for this agency; does not send it."""
        return assigned_step(self.harness.agency, **changes)

    def send(self, *events: FakeEvent) -> float:
        """Sends events in order; returns the monotonic time when the last one was sent."""
        for event in events:
            self.sent[event.id] = event
            self.harness.send(event)
        return time.monotonic()

    def send_many(self, events: Sequence[FakeEvent]) -> None:
        """Sends many events in order, quickly."""
        self.sent.update({event.id: event for event in events})
        self.harness.send_many(events)

    def wait_for_decisions(
        self, event: FakeEvent, description: str = "the step", minimum: int = 1, timeout: float | None = None
    ) -> list[AgencyMessage]:
        """Waits for decisions on an event and returns all that have arrived.

        Args:
            description: names the event in the error.
            minimum: how many to wait for.
            timeout: seconds; the idle timeout by default.

        Raises:
            CheckFailed: fewer arrived in time.
        """
        seconds, started = self.idle_timeout if timeout is None else timeout, time.monotonic()
        if not self._wait(lambda: len(self.decisions_on(event)) >= minimum, [event], seconds):
            raise CheckFailed(self._missing(event, description, seconds))
        found = self.decisions_on(event)
        self.slowest = max(self.slowest, found[0].received_at - started)
        return found

    def wait_for_answers(self, event: FakeEvent, description: str = "the step") -> list[AgencyMessage]:
        """Waits for the decision on an event and returns its decisions and acceptances.

        Raises:
            CheckFailed: no decision arrived in time.
        """
        self.wait_for_decisions(event, description)
        return self.answers_on(event)

    def answers_on(self, event: FakeEvent) -> list[AgencyMessage]:
        """All decisions on an event so far, and its acceptances.

        ``in_reply_to`` decides which event a message answers. If it names none that was sent, the task or the dossier does: the
        correlation check tests that all references are correct.
        """
        self._sort_messages()
        return list(self._answers.get(event.id, ()))

    def decisions_on(self, event: FakeEvent) -> list[AgencyMessage]:
        """All decisions on an event so far."""
        return [message for message in self.answers_on(event) if not message.is_acceptance]

    def wait_until_decided(self, events: Sequence[FakeEvent], minimum: int) -> bool:
        """Waits until at least `minimum` of the events are decided; returns False if no decision arrives within the idle timeout."""
        return self._wait_for_count(events, minimum, self.decided_count)

    def wait_until_answered(self, events: Sequence[FakeEvent], minimum: int) -> bool:
        """Waits as `wait_until_decided` does, until the events are decided or accepted."""
        return self._wait_for_count(events, minimum, self.answered_count)

    def decided_count(self, events: Sequence[FakeEvent]) -> int:
        """How many of the events are decided."""
        self._sort_messages()
        return sum(not all(each.is_acceptance for each in self._answers.get(event.id, ())) for event in events)

    def answered_count(self, events: Sequence[FakeEvent]) -> int:
        """How many of the events are decided or accepted."""
        self._sort_messages()
        return sum(event.id in self._answers for event in events)

    def _sort_messages(self) -> None:
        new = self.harness.collector.messages_since(self._sorted)
        for message in new:
            answered = self._answered_event(message)
            if answered is not None:
                self._answers.setdefault(answered, []).append(message)
        self._sorted += len(new)

    def _answered_event(self, message: AgencyMessage) -> str | None:
        if message.data.get("in_reply_to") in self.sent:
            return str(message.data["in_reply_to"])
        return next((event.id for event in self.sent.values() if message.refers_to(event)), None)

    def _wait_for_count(
        self, events: Sequence[FakeEvent], minimum: int, counted: Callable[[Sequence[FakeEvent]], int]
    ) -> bool:
        found = counted(events)
        while found < minimum:
            before = found
            if not self._wait(lambda: counted(events) > before, events, self.idle_timeout):  # noqa: B023
                return False
            found = counted(events)
        return True

    def _wait(self, condition: Callable[[], bool], events: Sequence[FakeEvent], seconds: float) -> bool:
        """Waits for a condition; every new acceptance lets the decide command run and starts the time anew."""
        while not condition():
            seen = self._accepted(events)
            if self.decide is not None and seen:
                fault = self.decide.run(max(self.time_limit, seconds))
                if fault:
                    raise CheckFailed(fault)
            progress = lambda: condition() or self._accepted(events) > seen  # noqa: E731, B023
            if not self.harness.collector.wait(progress, seconds, lambda: self.program.running):
                return False
        return True

    def _accepted(self, events: Sequence[FakeEvent]) -> int:
        """How many of the events are accepted and not decided."""
        return self.answered_count(events) - self.decided_count(events)

    def _missing(self, event: FakeEvent, description: str, seconds: float) -> str:
        if self._accepted([event]) and self.decide is None:
            return (
                f"{description[0].upper()}{description[1:]} was accepted, and no decision followed within {seconds:.3g} s. "
                "If people decide in your system, name a command that decides what it has accepted: --decide 'COMMAND'."
            )
        return f"No decision on {description} within {seconds:.3g} s. {self.program.state()}"


def require(condition: bool, seen: str) -> None:
    """Raises CheckFailed with what was seen unless the condition is true."""
    if not condition:
        raise CheckFailed(seen)

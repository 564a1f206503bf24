"""Sends a batch through a session with a window of unanswered submit_sm, and matches the answers with the deliveries."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from services.notify.channels.port import (
    Accepted,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    TemporarilyFailed,
    Throttled,
)
from services.notify.channels.smpp.connection import LinkLost
from services.notify.channels.smpp.pdu import Message
from services.notify.channels.smpp.session import LOST, Answer, SmppSession
from services.notify.channels.smpp.statuses import StatusKind, statuses

PART_TRIES = 5
"""How often one part of a longer text is sent while the network takes the others."""


@dataclass(eq=False, slots=True)
class Submission:
    """A delivery under way.

    Attributes:
        outgoing: the delivery.
        parts: the messages that carry it.
        ids: the network's ids of the parts that it took, by their place.
        unanswered: parts that are sent and have no answer.
        tries: refusals that may pass, of any part.
        lost: an answer will never come.
        refusal: why it cannot be sent.
    """

    outgoing: Outgoing
    parts: Sequence[Message]
    ids: dict[int, str] = field(default_factory=dict)
    unanswered: int = 0
    tries: int = 0
    lost: str = ""
    refusal: Outcome | None = None

    @property
    def references(self) -> list[str]:
        """The network's ids, in the order of the parts."""
        return [self.ids[index] for index in sorted(self.ids)]

    def outcome(self) -> Outcome:
        """What became of it, once no part is unanswered."""
        if self.lost:
            return InDoubt(self.lost)
        if len(self.ids) == len(self.parts):
            return Accepted(whole_reference(self.references))
        if self.ids and not isinstance(self.refusal, PermanentlyFailed):
            return InDoubt("the network took only some of the parts")
        return self.refusal or TemporarilyFailed("the link ended")


def whole_reference(ids: Sequence[str]) -> str:
    """The reference of a delivery: the network's id; for several parts, one that no part has by itself."""
    return ids[0] if len(ids) == 1 else f"{ids[0]}+{len(ids) - 1}"


class Window:
    """One batch through one session.

    Args:
        session: bound.
        until: monotonic time by which all is over.
    """

    def __init__(self, session: SmppSession, until: float) -> None:
        self._session = session
        self._settings = session.settings
        now = time.monotonic()
        self._until = until
        self._last_start = until - min(self._settings.response_seconds, (until - now) / 2)
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._sent: dict[int, float] = {}  # sequence → when, in the order sent
        self._owner: dict[int, tuple[Submission, int]] = {}
        self._parts: deque[tuple[Submission, int]] = deque()  # of submissions that have begun
        self._resume_at = now
        self._stopped: Outcome | None = None

    def run(self, submissions: Sequence[Submission]) -> Iterator[Submission]:
        """Sends them; yields each as its outcome is known."""
        waiting = deque(submissions)
        while waiting or self._parts or self._sent:
            yield from self._fill(waiting)
            if self._sent:
                yield from self._await_answer()
            elif self._parts:
                pause = self._resume_at - time.monotonic()
                if time.monotonic() + pause >= self._until or not self._session.alive:
                    yield from self._give_up_parts()
                else:
                    time.sleep(max(pause, 0.0))

    def _fill(self, waiting: deque[Submission]) -> Iterator[Submission]:
        while len(self._sent) < self._settings.window:
            now = time.monotonic()
            if self._parts and now >= self._resume_at and now < self._until:
                submission, index = self._parts.popleft()
            elif waiting and not self._parts:
                if self._stopped is None and now >= self._last_start:
                    self._stopped = Throttled("the time of the batch is over", 0.0)
                if self._stopped is not None:
                    submission = waiting.popleft()
                    submission.refusal = self._stopped
                    yield submission
                    continue
                submission, index = waiting.popleft(), 0
                self._parts.extend((submission, later) for later in range(1, len(submission.parts)))
            else:
                return
            yield from self._submit(submission, index)

    def _submit(self, submission: Submission, index: int) -> Iterator[Submission]:
        try:
            sequence = self._session.submit(submission.parts[index], self._answers, None)
        except LinkLost:
            self._stopped = TemporarilyFailed(self._session.reason or "the link ended")
            self._parts = deque(one for one in self._parts if one[0] is not submission)
            submission.refusal = self._stopped
            if not submission.unanswered:
                yield submission
            return
        submission.unanswered += 1
        self._sent[sequence] = time.monotonic()
        self._owner[sequence] = submission, index

    def _await_answer(self) -> Iterator[Submission]:
        oldest = next(iter(self._sent.values()))
        ends = min(oldest + self._settings.response_seconds, self._until)
        if self._parts:
            ends = min(ends, max(self._resume_at, time.monotonic() + 0.001))
        try:
            answer = self._answers.get(timeout=max(ends - time.monotonic(), 0.0))
        except Empty:
            yield from self._expire()
            return
        if self._sent.pop(answer.sequence, None) is None:
            return
        submission, index = self._owner.pop(answer.sequence)
        submission.unanswered -= 1
        self._apply(submission, index, answer)
        if not submission.unanswered and not self._has_parts(submission):
            yield submission

    def _expire(self) -> Iterator[Submission]:
        """Awaits no longer what is overdue."""
        now = time.monotonic()
        for sequence, at in list(self._sent.items()):
            if now < min(at + self._settings.response_seconds, self._until):
                break
            del self._sent[sequence]
            self._session.forget(sequence)
            submission, _ = self._owner.pop(sequence)
            submission.unanswered -= 1
            submission.lost = "no answer in time"
            self._drop_parts(submission)
            if not submission.unanswered:
                yield submission

    def _apply(self, submission: Submission, index: int, answer: Answer) -> None:
        if answer.status == LOST:
            submission.lost = f"the link ended before the answer: {self._session.reason}"
            self._stopped = TemporarilyFailed(self._session.reason)
            self._drop_parts(submission)
            return
        reason = statuses().reason(answer.status)
        match statuses().kind(answer.status):
            case StatusKind.TAKEN:
                submission.ids[index] = answer.message_id
            case StatusKind.PERMANENT:
                submission.refusal = PermanentlyFailed(reason)
                self._drop_parts(submission)
            case StatusKind.THROTTLED:
                self._stopped = Throttled(reason, self._settings.throttle_seconds)
                self._refused_for_now(submission, index, self._stopped)
            case StatusKind.TEMPORARY:
                self._refused_for_now(submission, index, TemporarilyFailed(reason))

    def _refused_for_now(self, submission: Submission, index: int, outcome: Outcome) -> None:
        """A part is sent again where the network has taken others of the same text; a text that has not begun goes back whole."""
        submission.refusal = submission.refusal or outcome
        submission.tries += 1
        begun = submission.ids or submission.unanswered
        if begun and submission.tries < PART_TRIES and not isinstance(submission.refusal, PermanentlyFailed):
            self._resume_at = time.monotonic() + self._settings.throttle_seconds
            self._parts.appendleft((submission, index))
        else:
            self._drop_parts(submission)

    def _has_parts(self, submission: Submission) -> bool:
        return any(one is submission for one, _ in self._parts)

    def _drop_parts(self, submission: Submission) -> None:
        self._parts = deque(one for one in self._parts if one[0] is not submission)

    def _give_up_parts(self) -> Iterator[Submission]:
        given_up = dict.fromkeys(submission for submission, _ in self._parts)
        self._parts.clear()
        for submission in given_up:
            submission.refusal = submission.refusal or TemporarilyFailed("the link ended")
            if not submission.unanswered:
                yield submission

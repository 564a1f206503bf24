"""The rules of sending events to an agency's webhook: what an answer means, when to try again, when to give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class EventState(StrEnum):
    """WAITING: not yet taken by the agency. DONE: it has taken it. GIVEN_UP: nothing is tried any more. SUPERSEDED: the agency is connected
    in another way since."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"
    SUPERSEDED = "superseded"


class Disabled(StrEnum):
    """Why nothing is sent to a webhook any more."""

    GONE = "gone"
    FAILING = "failing"


class Verdict(StrEnum):
    """What one attempt leads to."""

    DONE = "done"
    RETRY = "retry"
    GIVE_UP = "give_up"
    DISABLE = "disable"


@dataclass(frozen=True)
class HttpRules:
    """The numbers of `data/agency_http.json`.

    Attributes:
        retries: pauses after the first, second … failure; the last one also after all further ones.
        jitter: by which part of itself a pause is lengthened at most, 0 to 1.
        longest_retry_after: how long an agency may ask us to wait.
        call: time limit of one call with its whole answer.
        lease: how long an event is one worker's while it is being sent.
        give_up_after: how long one event may fail.
        disable_after: how long all events may fail.
        old_secret: how long a replaced secret signs beside the new one.
        keep: how long finished events and attempts stay.
    """

    retries: tuple[timedelta, ...]
    jitter: float
    longest_retry_after: timedelta
    call: timedelta
    lease: timedelta
    give_up_after: timedelta
    disable_after: timedelta
    old_secret: timedelta
    keep: timedelta


@dataclass(frozen=True)
class Answer:
    """What came of one call.

    Attributes:
        status: the HTTP status; None where no whole answer came.
        error: in one word what went wrong without an answer, such as ``timeout``; empty with an answer.
        milliseconds: how long it took.
        retry_after: for how long the agency wants no more; None if it does not say.
    """

    status: int | None
    error: str
    milliseconds: int
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        """Whether the agency has taken the event."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the agency says that it wants no more events at this address (410)."""
        return self.status == 410


def verdict(
    answer: Answer, rules: HttpRules, now: datetime, event_failing_since: datetime, target_failing_since: datetime
) -> Verdict:
    """What an attempt leads to.

    An event is given up only while others arrive: where nothing arrives, the address is disabled and all events wait.

    Args:
        answer: of the attempt.
        rules: the numbers.
        now: real time.
        event_failing_since: the first failure of this event; now, if this is it.
        target_failing_since: the first failure since any event arrived; now, if this is it.
    """
    if answer.accepted:
        return Verdict.DONE
    if answer.gone or now - target_failing_since >= rules.disable_after:
        return Verdict.DISABLE
    if now - event_failing_since >= rules.give_up_after:
        return Verdict.GIVE_UP
    return Verdict.RETRY


def pause(attempts: int, answer: Answer, rules: HttpRules, chance: float) -> timedelta:
    """How long until an event that failed is sent again.

    Args:
        attempts: so far, at least 1.
        answer: of the last one; its Retry-After counts if it is longer than ours.
        rules: the numbers.
        chance: 0 to 1, random, so that many events do not come back at one moment.
    """
    own = rules.retries[min(attempts, len(rules.retries)) - 1] * (1 + rules.jitter * chance)
    asked = min(answer.retry_after or timedelta(0), rules.longest_retry_after)
    return max(own, asked)

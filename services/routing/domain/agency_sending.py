"""Steps that are sent to an agency's own software: when an unanswered one is sent again, and which answers are repeats.

A step is sent in rounds: a new one begins when it is assigned, sent again after a refusal, or open again after a supplement. Within a round
it may be sent several times, since programs lose what they have acknowledged; only one answer of a round may take effect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from shared.calendar import WorkingCalendar
from shared.data_files import Fault, raise_faults, read_record

_FILE = Path(__file__).parent.parent / "data" / "agency_steps.json"


@dataclass(frozen=True, slots=True)
class SendingRules:
    """When a step is sent again.

    Attributes:
        unanswered_hours: working hours after the first sending of a round.
        again_hours: working hours after each further one.
        most: sendings of a round at most; after that only by hand.
        pause: within it a step is not sent again by hand either.
    """

    unanswered_hours: int
    again_hours: int
    most: int
    pause: timedelta


@cache
def sending_rules(file: Path = _FILE) -> SendingRules:
    """The rules of ``data/agency_steps.json``, read once.

    Raises:
        DataError: lists all its faults.
    """
    faults: list[Fault] = []
    record = read_record(file, faults)
    rules = SendingRules(
        unanswered_hours=record.integer("unanswered_after_working_hours", 1),
        again_hours=record.integer("again_after_working_hours", 1),
        most=record.integer("most_sendings", 1),
        pause=timedelta(minutes=record.integer("pause_minutes")),
    )
    record.done()
    raise_faults(faults)
    return rules


@dataclass(frozen=True, slots=True)
class SentStep:
    """A step as it was sent to an agency's own software, in its present round.

    Attributes:
        task: the step.
        agency: to which it was sent.
        note: the remark that it carries.
        first_sent_at: when it was sent first in this round.
        sent_at: when it was sent last.
        events: the ids of the events that carried it in this round, in order.
        send_again_at: when it is sent again unless it is answered; None: no more.
        answered_at: when the agency accepted or decided it in this round; None: not yet.
        answer: what the agency decided in this round, as a digest; None: nothing yet.
        earlier_answer: the same of the last round that had a decision.
    """

    task: str
    agency: str
    note: str
    first_sent_at: datetime
    sent_at: datetime
    events: tuple[str, ...]
    send_again_at: datetime | None
    answered_at: datetime | None = None
    answer: str | None = None
    earlier_answer: str | None = None

    def sent_again(self, event: str, at: datetime, send_again_at: datetime | None) -> SentStep:
        """The same after one more sending in this round."""
        return replace(self, events=(*self.events, event), sent_at=at, send_again_at=send_again_at)

    def is_repeat(self, in_reply_to: str, answer: str | None) -> bool:
        """Whether a program that got the step several times has answered another copy in the same way: that has no effect.

        Args:
            in_reply_to: the event that the program answers.
            answer: its decision, as a digest; None: it accepts the step.
        """
        if len(self.events) < 2 or in_reply_to not in self.events or self.answer is None:
            return False
        return answer is None or answer == self.answer

    def is_of_earlier_round(self, in_reply_to: str, answer: str | None) -> bool:
        """Whether a decision repeats that of an earlier round, for a copy that was sent then; the present round is not decided by it."""
        return answer is not None and answer == self.earlier_answer and in_reply_to not in self.events


def next_sending(
    rules: SendingRules, sendings: int, now: datetime, wait_until: datetime | None, calendar: WorkingCalendar
) -> datetime | None:
    """When a step is sent again that was sent now and is not answered; None if it has been sent often enough.

    Args:
        rules: of the platform.
        sendings: how often it was sent in this round.
        now: the moment of the last.
        wait_until: before which it cannot be completed; None: at once.
        calendar: of the agency.
    """
    if sendings >= rules.most:
        return None
    hours = rules.unanswered_hours if sendings == 1 else rules.again_hours
    return calendar.add_working_hours(max(now, wait_until or now), hours).at

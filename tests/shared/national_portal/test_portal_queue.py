"""The rules of the queue for any order of events and failures: nothing is lost or reordered, and no dossier blocks another."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.national_portal.history import SYNC, DossierEvent, dossier_status, services_for
from shared.national_portal.maintenance import QueueMaintenance
from shared.national_portal.queue import Message, Queue
from shared.national_portal.reply import Meaning, Reply
from shared.national_portal.rules import pause_after
from shared.national_portal.sender import Sender
from tests.shared.national_portal.sample_history import RULES, WHOLE

DOSSIERS = ("D-1", "D-2", "D-3")
LIMITS = replace(RULES, first_pause=10.0, longest_pause=100.0, attempts=2)


@dataclass
class QueueFixture:
    """A queue and its sender with a clock that the test sets, and the expected state.

    Attributes:
        replies: what the portal will answer, in order; DONE when they are used up.
        expected: dossier → its messages that are not out, in order, as (service, number of events told).
        out: dossier → those that are, since the last time it was sent again.
        not_before: dossier → when it may be tried again, after a failure.
    """

    file: Path
    replies: list[Meaning] = field(default_factory=list)
    now: float = 1_000_000.0
    heard: dict[str, list[DossierEvent]] = field(default_factory=lambda: defaultdict(list))
    expected: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    out: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    not_before: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    refusals: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.queue = Queue(self.file)
        self.sender = Sender(self.queue, self.deliver, LIMITS, lambda *_: None, lambda: self.now, lambda: 0.0)

    @property
    def parked(self) -> set[str]:
        return {code for code, refusals in self.refusals.items() if refusals >= LIMITS.attempts}

    def hear(self, code: str) -> None:
        what = WHOLE[len(self.heard[code]) % len(WHOLE)]
        services = services_for(dossier_status(self.heard[code]), what)
        self.heard[code].append(what)
        number = len(self.heard[code])
        event = f"{code}/{number}"
        assert self.queue.store(event, code, what, self.now, self.now)
        assert not self.queue.store(event, code, what, self.now, self.now)
        self.expected[code] += [(service, number) for service in services]

    def deliver(self, message: Message) -> Reply:
        """The portal: checks that every message is the next one of a dossier that is ready."""
        code = message.dossier
        assert code not in self.parked
        assert self.now >= self.not_before[code]
        assert (message.service, len(message.history)) == self.expected[code][0]
        reply = self.replies.pop(0) if self.replies else Meaning.DONE
        if reply is Meaning.DONE or (reply is Meaning.ALREADY_THERE and message.updating):
            self.out[code].append(self.expected[code].pop(0))
            self.refusals[code] = 0
        elif reply in (Meaning.RETRY, Meaning.REFUSED):
            self.refusals[code] += reply is Meaning.REFUSED
            self.not_before[code] = self.now + LIMITS.first_pause / 2
        return Reply(reply, "because")

    def resend(self, code: str) -> None:
        with QueueMaintenance(self.file) as queue:
            assert queue.resend([code], self.now)[code] == len(self.out[code]) + len(self.expected[code])
        self.expected[code] = self.out.pop(code, []) + self.expected[code]
        self.not_before[code] = self.refusals[code] = 0

    def reopen(self) -> None:
        """Reopens the file, as after a kill."""
        self.queue.close()
        self.__post_init__()

    def check(self) -> None:
        with QueueMaintenance(self.file) as queue:
            counts = queue.counts(self.now)
            assert set(queue.parked()) == self.parked
        assert counts.waiting == sum(map(len, self.expected.values()))
        assert counts.parked == len(self.parked)


ACTS = st.one_of(
    st.tuples(st.just("hear"), st.sampled_from(DOSSIERS)),
    st.tuples(st.just("resend"), st.sampled_from(DOSSIERS)),
    st.tuples(st.just("step"), st.sampled_from([Meaning.DONE, Meaning.RETRY, Meaning.REFUSED])),
    st.tuples(st.just("pass"), st.sampled_from([1.0, 6.0, 200.0])),
    st.tuples(st.just("reopen"), st.none()),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_order_is_kept_and_nothing_is_lost(acts: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        fixture = QueueFixture(Path(directory) / "portal.db")
        for what, argument in acts:
            if what == "step":
                fixture.replies = [argument]
                fixture.sender.step()
            elif what == "pass":
                fixture.now += argument
            elif what == "reopen":
                fixture.reopen()
            else:
                getattr(fixture, what)(argument)
        fixture.check()
        for code in fixture.parked:
            fixture.resend(code)
        fixture.replies = []
        while (at := fixture.queue.next_attempt_at()) is not None:
            fixture.now = max(fixture.now, at)
            assert fixture.sender.step()
        fixture.check()
        assert not any(fixture.expected.values())
        for code, heard in fixture.heard.items():
            assert fixture.out[code][-1][1] == len(heard)
            assert fixture.out[code] == sorted(fixture.out[code], key=lambda told: (told[1], told[0] != SYNC))
        fixture.queue.close()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from([Meaning.RETRY, Meaning.REFUSED]), min_size=1, max_size=6))
def test_a_failing_dossier_does_not_block_the_others(replies: list[Meaning]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        fixture = QueueFixture(Path(directory) / "portal.db")
        for code in DOSSIERS:
            fixture.hear(code)
        failing = "D-1"
        deliver = fixture.deliver

        def fails(message: Message) -> Reply:
            fixture.replies = [replies.pop(0) if replies else Meaning.RETRY] if message.dossier == failing else []
            return deliver(message)

        fixture.sender._deliver = fails
        while fixture.sender.step():
            pass
        assert [code for code in DOSSIERS if fixture.expected[code]] == [failing]
        fixture.queue.close()


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_to_a_limit_and_are_spread(failures: int, chance: float) -> None:
    pause = pause_after(failures, RULES, chance)
    assert 0 < pause <= RULES.longest_pause
    assert pause_after(failures + 1, RULES, chance) >= pause
    assert pause >= min(RULES.longest_pause, RULES.first_pause) / 2


@pytest.fixture
def fixture(tmp_path: Path) -> QueueFixture:
    return QueueFixture(tmp_path / "portal.db")


def test_only_dossiers_whose_messages_were_sent_long_ago_are_deleted(fixture: QueueFixture) -> None:
    fixture.hear("D-1")
    fixture.hear("D-2")
    while fixture.sender.step():
        pass
    fixture.hear("D-2")
    with QueueMaintenance(fixture.file) as queue:
        assert queue.delete_sent_before(fixture.now) == 0
        assert queue.delete_sent_before(fixture.now + 1) == 1
        assert queue.resend(["D-1", "D-2"], fixture.now) == {"D-1": 0, "D-2": 4}


def test_a_repeated_event_is_stored_once_even_by_another_process(fixture: QueueFixture, tmp_path: Path) -> None:
    fixture.hear("D-1")
    with Queue(tmp_path / "portal.db") as other:
        assert not other.store("D-1/1", "D-1", WHOLE[0], fixture.now, fixture.now)
    fixture.check()


def test_a_failed_store_leaves_nothing_behind(fixture: QueueFixture) -> None:
    unserialisable = DossierEvent("dossier.received", {**WHOLE[0].data, "odd": object()})
    with pytest.raises(TypeError):
        fixture.queue.store("e-1", "D-1", unserialisable, fixture.now, fixture.now)
    fixture.check()
    fixture.queue._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        fixture.queue.store("e-1", "D-1", WHOLE[0], fixture.now, fixture.now)
    fixture.queue._connection.execute("PRAGMA query_only = OFF")
    fixture.hear("D-1")


def test_dossiers_take_turns(fixture: QueueFixture) -> None:
    """A dossier with many messages takes turns with the others, and so does one that is retried."""
    turns: list[str] = []
    deliver = fixture.deliver

    def noted(message: Message) -> Reply:
        turns.append(message.dossier)
        fixture.now += 1
        return deliver(message)

    fixture.sender._deliver = noted
    for code in ("D-1", "D-1", "D-1", "D-2", "D-3", "D-3"):
        fixture.hear(code)
    fixture.replies = [Meaning.RETRY]
    while fixture.sender.step():
        pass
    assert turns[:7] == ["D-1", "D-2", "D-3", "D-2", "D-3", "D-3", "D-1"]


def test_resent_messages_get_a_new_deadline_and_unsent_ones_keep_theirs(fixture: QueueFixture) -> None:
    fixture.queue.store("e-1", "D-1", WHOLE[0], fixture.now, fixture.now + 60)
    assert fixture.queue.next(fixture.now) is not None
    for _ in range(2):
        message = fixture.queue.next(fixture.now)
        assert message is not None
        fixture.queue.sent(message, fixture.now)
    fixture.queue.store("e-2", "D-1", WHOLE[1], fixture.now, fixture.now + 60)
    later = fixture.now + 1000
    with QueueMaintenance(fixture.file) as queue:
        assert queue.counts(later).past_deadline == 2
        assert queue.resend(["D-1"], later) == {"D-1": 4}
        assert queue.counts(later).past_deadline == 2
        assert queue.counts(later + 61).past_deadline == 4

"""Messages on their way to a portal that fails, is silent, answers errors, forgets to answer, and has what it says it has not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.national_portal.delivery import PortalClient
from shared.national_portal.history import PROGRESS, SYNC, DossierEvent
from shared.national_portal.maintenance import QueueMaintenance
from shared.national_portal.metrics import PortalMetrics
from shared.national_portal.queue import Message, Queue
from shared.national_portal.reply import Reply
from shared.national_portal.sender import Sender
from tests.shared.national_portal.fake_portal import ALREADY, KEY, MISSING, WRONG, FakePortal
from tests.shared.national_portal.samples import CODE, ENTRIES, EVERY_STATE, RULES, WHOLE, dossier, happening, named

FAST = replace(RULES, first_pause=0.01, longest_pause=0.02, timeout=0.25, attempts=3)
OTHER = "H12.31.01-251120-0119"
PASSING = ["500", "408", "429", "silent", "drip", "garbage", "drop", "late", "UNKNOWN_CODE", WRONG, "400"]


class Office:
    """A queue with its sender, driven by hand."""

    def __init__(self, file: Path, portal: FakePortal) -> None:
        self.file, self.portal = file, portal
        self.queue = Queue(file)
        self.metrics = PortalMetrics(file)
        self.sender = Sender(
            self.queue,
            PortalClient(portal.endpoints, FAST, named).deliver,
            FAST,
            self.metrics.count,
            chance=lambda: 0.5,
        )
        self.number = 0

    def hear(self, *history: DossierEvent, code: str = CODE) -> None:
        """Events arrive, each with an id of its own."""
        for what in history:
            self.number += 1
            told = DossierEvent(what.name, {**what.data, "dossier": code})
            assert self.queue.store(f"e-{self.number}", code, told, time.time(), time.time() + 3600)

    def work(self) -> None:
        """Sends until nothing waits but what is parked."""
        ends = time.monotonic() + 30
        while (at := self.queue.next_attempt_at()) is not None:
            assert time.monotonic() < ends
            if not self.sender.step():
                time.sleep(max(0.0, at - time.time()))

    def upkeep(self) -> QueueMaintenance:
        return QueueMaintenance(self.file)


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    with FakePortal() as made:
        yield made


@pytest.fixture
def office(tmp_path: Path, portal: FakePortal) -> Iterator[Office]:
    made = Office(tmp_path / "portal.db", portal)
    yield made
    made.queue.close()


def test_a_whole_story_in_order(office: Office, portal: FakePortal) -> None:
    office.hear(*WHOLE)
    office.work()
    assert portal.states(CODE) == EVERY_STATE
    assert portal.progress(CODE) == ENTRIES
    assert [one.updating for one in portal.attempts if one.service == SYNC] == [False] + [True] * 7
    assert not any(one.updating for one in portal.attempts if one.service == PROGRESS)
    assert {one.key for one in portal.attempts} == {KEY}
    assert len(portal.read) == 8  # only the dossier's own record needs personal data
    with office.upkeep() as queue:
        assert queue.counts(time.time()).waiting == 0


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_anywhere_loses_and_reorders_nothing(office: Office, portal: FakePortal, fault: str) -> None:
    portal.silence = 0.4
    portal.faults[CODE].extend(["", fault, "", "", fault, ""])
    office.hear(*WHOLE[:5])
    office.hear(*WHOLE[:1], code=OTHER)
    office.work()
    assert portal.states(CODE) == [2, 4, 5, 4]
    assert portal.progress(CODE) == ENTRIES[:5]
    assert portal.states(OTHER) == [2]
    assert_in_order(portal, CODE)


def assert_in_order(portal: FakePortal, code: str) -> None:
    """What follows a message came only after its own success; nothing came back after that."""
    done: list[tuple[str, str]] = []
    for one in (one for one in portal.attempts if one.dossier == code):
        if not done or done[-1] != one.shown:
            assert one.shown not in done
            done.append(one.shown)


@pytest.mark.parametrize("fault", ["drop", "late"])
def test_an_insert_whose_answer_was_lost_goes_on_as_update(office: Office, portal: FakePortal, fault: str) -> None:
    portal.silence = 0.4
    portal.faults[CODE].append(fault)
    office.hear(WHOLE[0])
    office.work()
    assert [(one.service, one.updating) for one in portal.attempts] == [
        (SYNC, False),  # stored, but nobody was told
        (SYNC, False),  # "already there"
        (SYNC, True),
        (PROGRESS, False),
    ]


def test_a_dossier_that_the_portal_has_lost_is_sent_as_new(office: Office, portal: FakePortal) -> None:
    portal.faults[CODE].extend(["", "", MISSING])
    portal.take = lambda attempt: "0"  # type: ignore[method-assign]
    office.hear(WHOLE[0], happening("fee.paid", obligation=None))
    office.work()
    assert [(one.service, one.updating) for one in portal.attempts][2:] == [(SYNC, True), (SYNC, False)]


def test_a_portal_that_contradicts_itself_is_not_asked_without_end(office: Office, portal: FakePortal) -> None:
    portal.take = lambda attempt: MISSING if attempt.updating else ALREADY  # type: ignore[method-assign]
    office.hear(WHOLE[0])
    office.work()
    with office.upkeep() as queue:
        assert queue.parked() == [CODE]
    assert len(portal.attempts) <= 2 * FAST.attempts


@pytest.mark.parametrize("fault", [WRONG, "400", "401", "302"])
def test_what_a_person_must_mend_is_parked_and_others_go_on(office: Office, portal: FakePortal, fault: str) -> None:
    portal.faults[CODE].extend(["", "", *[fault] * FAST.attempts])
    office.hear(*WHOLE[:2])
    office.hear(*WHOLE, code=OTHER)
    office.work()
    assert portal.states(CODE) == [2]
    assert portal.states(OTHER) == EVERY_STATE
    office.hear(WHOLE[2])  # more happens, and waits behind it
    office.work()
    assert portal.states(CODE) == [2]
    with office.upkeep() as queue:
        [blocked] = queue.blocked(10)
        assert (blocked.dossier, blocked.parked, blocked.failures, blocked.waiting) == (CODE, True, FAST.attempts, 4)
        assert queue.counts(time.time()).parked == 1
        assert queue.resend(queue.parked(), time.time()) == {CODE: 6}
    office.work()
    assert portal.states(CODE) == [2, 2, 4, 5][1:]
    with office.upkeep() as queue:
        assert queue.counts(time.time()).waiting == 0
        assert queue.blocked(10) == []


def test_reasons_hold_no_personal_data(office: Office, portal: FakePortal) -> None:
    portal.faults[CODE].extend([WRONG] * FAST.attempts)
    office.hear(WHOLE[0])
    office.work()
    with office.upkeep() as queue:
        assert queue.blocked(1)[0].reason == f"HTTP 200, error_code {WRONG}: không nhận …"
    personal = dossier()["applicant"]
    office.queue.close()
    kept = b"".join(path.read_bytes() for path in office.file.parent.iterdir())
    assert not [value for value in personal.values() if value.encode() in kept]


@pytest.mark.parametrize("status", [400, 404])
def test_a_dossier_that_intake_does_not_give_is_parked(office: Office, portal: FakePortal, status: int) -> None:
    portal.intake = lambda _code: status
    office.hear(WHOLE[0])
    office.work()
    with office.upkeep() as queue:
        assert queue.blocked(1)[0].reason == f"intake answered HTTP {status}"
    assert portal.attempts == []


def test_an_intake_that_is_away_or_wants_a_new_token_is_waited_for(office: Office, portal: FakePortal) -> None:
    answers: list[dict[str, Any] | int] = [503, 500, 429, *[401, 403] * FAST.attempts, dossier()]
    portal.intake = lambda _code: answers.pop(0)
    office.hear(WHOLE[0])
    office.work()
    assert portal.states(CODE) == [2]


def test_a_dossier_that_cannot_be_told_holds_up_nobody(office: Office, portal: FakePortal) -> None:
    portal.intake = lambda code: dossier(code) if code == OTHER else {"applicant": {}}
    office.hear(WHOLE[0])
    office.hear(WHOLE[0], code=OTHER)
    office.work()
    assert portal.states(OTHER) == [2]
    with office.upkeep() as queue:
        assert "KeyError" in queue.blocked(1)[0].reason


def test_sent_again_from_the_beginning_as_updates_while_a_call_is_on_its_way(
    office: Office, portal: FakePortal
) -> None:
    office.hear(*WHOLE[:3])
    office.work()
    before = len(portal.attempts)
    office.hear(WHOLE[3])
    deliver = office.sender._deliver

    def meanwhile(message: Message) -> Reply:
        office.sender._deliver = deliver
        reply = deliver(message)
        with office.upkeep() as queue:
            assert queue.resend([CODE, "unknown"], time.time()) == {CODE: 8, "unknown": 0}
        return reply

    office.sender._deliver = meanwhile
    office.work()
    again = portal.attempts[before + 1 :]
    assert [one.record.get("TrangThaiHoSo", "-") for one in again] == ["2", "-", "4", "-", "5", "-", "4", "-"]
    assert [one.updating for one in again] == [True] * 7 + [False]  # the last one had not been out


def test_metrics(office: Office, portal: FakePortal) -> None:
    portal.faults[CODE].extend(["500", "", *[WRONG] * FAST.attempts])
    office.hear(*WHOLE[:2])
    with office.upkeep() as queue:
        assert queue.counts(time.time() + 3601).past_deadline == 4
    assert "motcua_portal_past_deadline 0\n" in office.metrics.text()
    late = PortalMetrics(office.file, now=lambda: time.time() + 3601)
    assert "motcua_portal_past_deadline 4\n" in late.text()
    office.work()
    text = office.metrics.text()
    for line in (
        "waiting 3",
        "parked 1",
        f'sent_total{{service="{SYNC}"}} 1',
        f'failed_total{{service="{SYNC}",kind="retry"}} 1',
        f'failed_total{{service="{PROGRESS}",kind="refused"}} {FAST.attempts}',
    ):
        assert f"motcua_portal_{line}\n" in text
    oldest = next(line for line in text.splitlines() if line.startswith("motcua_portal_oldest"))
    assert abs(float(oldest.split()[1]) - time.time()) < 600


def test_an_answer_from_before_a_resending_counts_for_nothing(office: Office, portal: FakePortal) -> None:
    portal.faults[CODE].extend([WRONG] * FAST.attempts)
    office.hear(WHOLE[0])
    deliver = office.sender._deliver

    def meanwhile(message: Message) -> Reply:
        reply = deliver(message)
        if message.refusals == FAST.attempts - 1:
            with office.upkeep() as queue:
                queue.resend([CODE], time.time())
        return reply

    office.sender._deliver = meanwhile
    office.work()
    with office.upkeep() as queue:
        assert queue.parked() == []  # by an answer that came when a person had mended it
    assert portal.states(CODE) == [2]

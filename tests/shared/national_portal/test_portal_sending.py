"""Sending to a portal that fails, does not answer, answers with errors, or contradicts itself."""

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
from shared.national_portal.reply import Meaning, Reply
from shared.national_portal.sender import Sender
from shared.plugin_sdk.sdk.access_tokens import AccessTokens
from shared.plugin_sdk.sdk.metrics import Metrics
from shared.plugin_sdk.sdk.settings import read_settings
from tests.shared.national_portal.fake_portal import ALREADY, KEY, MISSING, SECRET, WRONG, FakePortal
from tests.shared.national_portal.sample_history import (
    CODE,
    ENTRIES,
    EVERY_STATE,
    RULES,
    WHOLE,
    dossier,
    named,
    sample_event,
)

FAST = replace(RULES, first_pause=0.01, longest_pause=0.02, timeout=0.25, attempts=3)
OTHER = "H12.31.01-251120-0119"
PASSING = ["500", "408", "429", "silent", "drip", "garbage", "drop", "late", "UNKNOWN_CODE", WRONG, "400"]


def observers_tokens(portal: FakePortal, **settings: str) -> AccessTokens:
    """The SDK's tokens for the platform, by default with the right secret."""
    environ = {"MOTCUA_AGENCY": "G22.01", "MOTCUA_AMQP_URL": "amqp://x", "MOTCUA_URL": portal.address}
    given = read_settings(environ | {"MOTCUA_CLIENT_SECRET": SECRET} | settings)
    return AccessTokens(given, Metrics())


class SenderFixture:
    """A queue with its sender; the test runs the loop."""

    def __init__(self, file: Path, portal: FakePortal) -> None:
        self.file, self.portal = file, portal
        self.queue = Queue(file)
        self.metrics = PortalMetrics(file)
        self.sender = Sender(
            self.queue,
            PortalClient(portal.endpoints, observers_tokens(portal), FAST, named).deliver,
            FAST,
            self.metrics.count,
            chance=lambda: 0.5,
        )
        self.number = 0

    def store(self, *history: DossierEvent, code: str = CODE) -> None:
        """Stores events, each with a new id."""
        for what in history:
            self.number += 1
            told = DossierEvent(what.name, {**what.data, "dossier": code})
            assert self.queue.store(f"e-{self.number}", code, told, time.time(), time.time() + 3600)

    def send_all(self) -> None:
        """Sends until only parked dossiers have unsent messages."""
        ends = time.monotonic() + 30
        while (at := self.queue.next_attempt_at()) is not None:
            assert time.monotonic() < ends
            if not self.sender.step():
                time.sleep(max(0.0, at - time.time()))

    def maintenance(self) -> QueueMaintenance:
        return QueueMaintenance(self.file)


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    with FakePortal() as made:
        yield made


@pytest.fixture
def sender(tmp_path: Path, portal: FakePortal) -> Iterator[SenderFixture]:
    made = SenderFixture(tmp_path / "portal.db", portal)
    yield made
    made.queue.close()


def test_a_whole_history_in_order(sender: SenderFixture, portal: FakePortal) -> None:
    sender.store(*WHOLE)
    sender.send_all()
    assert portal.states(CODE) == EVERY_STATE
    assert portal.progress(CODE) == ENTRIES
    assert [one.updating for one in portal.attempts if one.service == SYNC] == [False] + [True] * 7
    assert not any(one.updating for one in portal.attempts if one.service == PROGRESS)
    assert {one.key for one in portal.attempts} == {KEY}
    assert len(portal.read) == 8  # only records need personal data
    with sender.maintenance() as queue:
        assert queue.counts(time.time()).waiting == 0


@pytest.mark.parametrize("fault", PASSING)
def test_a_temporary_fault_loses_and_reorders_nothing(sender: SenderFixture, portal: FakePortal, fault: str) -> None:
    portal.silence = 0.4
    portal.faults[CODE].extend(["", fault, "", "", fault, ""])
    sender.store(*WHOLE[:5])
    sender.store(*WHOLE[:1], code=OTHER)
    sender.send_all()
    assert portal.states(CODE) == [2, 4, 5, 4]
    assert portal.progress(CODE) == ENTRIES[:5]
    assert portal.states(OTHER) == [2]
    assert_in_order(portal, CODE)


def assert_in_order(portal: FakePortal, code: str) -> None:
    """Every message was sent only after the one before had succeeded, and never again after its own success."""
    done: list[tuple[str, str]] = []
    for one in (one for one in portal.attempts if one.dossier == code):
        if not done or done[-1] != one.shown:
            assert one.shown not in done
            done.append(one.shown)


@pytest.mark.parametrize("fault", ["drop", "late"])
def test_a_new_record_whose_answer_was_lost_is_sent_as_update(
    sender: SenderFixture, portal: FakePortal, fault: str
) -> None:
    portal.silence = 0.4
    portal.faults[CODE].append(fault)
    sender.store(WHOLE[0])
    sender.send_all()
    assert [(one.service, one.updating) for one in portal.attempts] == [
        (SYNC, False),  # stored, but the answer was lost
        (SYNC, False),  # "already there"
        (SYNC, True),
        (PROGRESS, False),
    ]


def test_a_dossier_that_the_portal_has_lost_is_sent_as_new(sender: SenderFixture, portal: FakePortal) -> None:
    portal.faults[CODE].extend(["", "", MISSING])
    portal.take = lambda attempt: "0"  # type: ignore[method-assign]
    sender.store(WHOLE[0], sample_event("fee.paid", obligation=None))
    sender.send_all()
    assert [(one.service, one.updating) for one in portal.attempts][2:] == [(SYNC, True), (SYNC, False)]


def test_a_portal_that_contradicts_itself_gets_pauses(sender: SenderFixture, portal: FakePortal) -> None:
    portal.take = lambda attempt: MISSING if attempt.updating else ALREADY  # type: ignore[method-assign]
    sender.store(WHOLE[0])
    sender.send_all()
    with sender.maintenance() as queue:
        assert queue.parked() == [CODE]
    assert len(portal.attempts) <= 2 * FAST.attempts


@pytest.mark.parametrize("fault", [WRONG, "400", "401", "302"])
def test_a_refused_dossier_is_parked_and_others_continue(sender: SenderFixture, portal: FakePortal, fault: str) -> None:
    portal.faults[CODE].extend(["", "", *[fault] * FAST.attempts])
    sender.store(*WHOLE[:2])
    sender.store(*WHOLE, code=OTHER)
    sender.send_all()
    assert portal.states(CODE) == [2]
    assert portal.states(OTHER) == EVERY_STATE
    sender.store(WHOLE[2])  # a later event waits behind it
    sender.send_all()
    assert portal.states(CODE) == [2]
    with sender.maintenance() as queue:
        [blocked] = queue.blocked(10)
        assert (blocked.dossier, blocked.parked, blocked.failures, blocked.waiting) == (CODE, True, FAST.attempts, 4)
        assert queue.counts(time.time()).parked == 1
        assert queue.resend(queue.parked(), time.time()) == {CODE: 6}
    sender.send_all()
    assert portal.states(CODE) == [2, 2, 4, 5][1:]
    with sender.maintenance() as queue:
        assert queue.counts(time.time()).waiting == 0
        assert queue.blocked(10) == []


def test_reasons_hold_no_personal_data(sender: SenderFixture, portal: FakePortal) -> None:
    portal.faults[CODE].extend([WRONG] * FAST.attempts)
    sender.store(WHOLE[0])
    sender.send_all()
    with sender.maintenance() as queue:
        assert queue.blocked(1)[0].reason == f"HTTP 200, error_code {WRONG}: không nhận …"
    personal = dossier()["applicant"]
    sender.queue.close()
    kept = b"".join(path.read_bytes() for path in sender.file.parent.iterdir())
    assert not [value for value in personal.values() if value.encode() in kept]


@pytest.mark.parametrize("status", [400, 404])
def test_a_dossier_that_intake_refuses_is_parked(sender: SenderFixture, portal: FakePortal, status: int) -> None:
    portal.intake = lambda _code: status
    sender.store(WHOLE[0])
    sender.send_all()
    with sender.maintenance() as queue:
        assert queue.blocked(1)[0].reason == f"intake answered HTTP {status}"
    assert portal.attempts == []


def test_an_unavailable_intake_or_an_expired_token_is_retried(sender: SenderFixture, portal: FakePortal) -> None:
    answers: list[dict[str, Any] | int] = [503, 500, 429, *[401, 403] * FAST.attempts, dossier()]
    portal.intake = lambda _code: answers.pop(0)
    sender.store(WHOLE[0])
    sender.send_all()
    assert portal.states(CODE) == [2]


def test_an_expired_token_is_replaced_at_once(sender: SenderFixture, portal: FakePortal) -> None:
    sender.store(WHOLE[0])
    sender.send_all()
    portal.token_number += 1
    sender.store(WHOLE[0], code=OTHER)
    assert sender.sender.step()
    assert portal.states(OTHER) == [2], "without a pause"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"MOTCUA_CLIENT_SECRET": "revoked"}, "does not accept MOTCUA_CLIENT_SECRET"),
        ({"MOTCUA_TOKEN": "expired"}, "does not accept MOTCUA_TOKEN"),
    ],
)
def test_a_key_or_token_that_is_over_parks_nothing(portal: FakePortal, settings: dict[str, str], reason: str) -> None:
    client = PortalClient(portal.endpoints, observers_tokens(portal, **settings), FAST, named)
    reply = client.deliver(Message(1, CODE, SYNC, False, False, (WHOLE[0],), 1, 0, 0))
    assert (reply.meaning, reason in reply.reason) == (Meaning.RETRY, True)


def test_a_dossier_with_wrong_data_does_not_block_others(sender: SenderFixture, portal: FakePortal) -> None:
    portal.intake = lambda code: dossier(code) if code == OTHER else {"applicant": {}}
    sender.store(WHOLE[0])
    sender.store(WHOLE[0], code=OTHER)
    sender.send_all()
    assert portal.states(OTHER) == [2]
    with sender.maintenance() as queue:
        assert "KeyError" in queue.blocked(1)[0].reason


def test_resending_during_a_call_sends_all_from_the_first_as_updates(sender: SenderFixture, portal: FakePortal) -> None:
    sender.store(*WHOLE[:3])
    sender.send_all()
    before = len(portal.attempts)
    sender.store(WHOLE[3])
    deliver = sender.sender._deliver

    def meanwhile(message: Message) -> Reply:
        sender.sender._deliver = deliver
        reply = deliver(message)
        with sender.maintenance() as queue:
            assert queue.resend([CODE, "unknown"], time.time()) == {CODE: 8, "unknown": 0}
        return reply

    sender.sender._deliver = meanwhile
    sender.send_all()
    again = portal.attempts[before + 1 :]
    assert [one.record.get("TrangThaiHoSo", "-") for one in again] == ["2", "-", "4", "-", "5", "-", "4", "-"]
    assert [one.updating for one in again] == [True] * 7 + [False]  # the last one had not been sent


def test_metrics(sender: SenderFixture, portal: FakePortal) -> None:
    portal.faults[CODE].extend(["500", "", *[WRONG] * FAST.attempts])
    sender.store(*WHOLE[:2])
    with sender.maintenance() as queue:
        assert queue.counts(time.time() + 3601).past_deadline == 4
    assert "motcua_portal_past_deadline 0\n" in sender.metrics.text()
    late = PortalMetrics(sender.file, now=lambda: time.time() + 3601)
    assert "motcua_portal_past_deadline 4\n" in late.text()
    sender.send_all()
    text = sender.metrics.text()
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


def test_the_answer_of_a_call_before_a_resend_is_ignored(sender: SenderFixture, portal: FakePortal) -> None:
    portal.faults[CODE].extend([WRONG] * FAST.attempts)
    sender.store(WHOLE[0])
    deliver = sender.sender._deliver

    def meanwhile(message: Message) -> Reply:
        reply = deliver(message)
        if message.refusals == FAST.attempts - 1:
            with sender.maintenance() as queue:
                queue.resend([CODE], time.time())
        return reply

    sender.sender._deliver = meanwhile
    sender.send_all()
    with sender.maintenance() as queue:
        assert queue.parked() == []  # not by an answer that came after the resend
    assert portal.states(CODE) == [2]

"""Senders of e-mail and chat that are killed: no message is lost, and each kill doubles one at most, where the protocol cannot know."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import orjson
import pytest

from services.notify.channels.domain import Channel
from services.notify.delivery.store import deliveries
from tests.support.chat import ChatService
from tests.support.chat_service import APP, FIRST_TOKEN, SECRET
from tests.support.events import event
from tests.support.fork_server import METRICS_FOLDER
from tests.support.mail import MailServer
from tests.support.mail_server import PASSWORD, USER
from tests.support.processes import Proc, wait_until
from tests.support.service import ServiceUnderTest

MESSAGES, KILLS = 12, 3
PATIENCE = 120.0
"""Seconds, on a machine that does much else."""


@contextmanager
def mail_server(folder: Path, stack: ExitStack):
    """A mail server, its entry in the provider file, and which deliveries it has taken, as often as it has."""
    server = stack.enter_context(MailServer(folder, "starttls"))
    entry = {
        "name": "mail-a",
        "channel": "email",
        "kind": "smtp",
        "address": f"127.0.0.1:{server.port}",
        "security": "starttls",
        "user": USER,
        "secret_env": "MOTCUA_TEST_SECRET",
        "sender": "khong-tra-loi@motcua.example",
        "bounces": "bounce@motcua.example",
        "ca_file": server.certificate,
    }
    yield entry, PASSWORD, lambda: [mail.message["Message-ID"][1:37] for mail in server.mails()]


@contextmanager
def chat_service(folder: Path, stack: ExitStack):
    """A chat service that does not know a message again, and the same of it."""
    service = stack.enter_context(ChatService(folder))
    service.control(dedupe=False)
    entry = {
        "name": "chat-a",
        "channel": "chat",
        "kind": "http-chat",
        "address": service.url,
        "app_id": APP,
        "secret_env": "MOTCUA_TEST_SECRET",
        "refresh_token_env": "MOTCUA_TEST_REFRESH_TOKEN",
        "templates": {"received": "T-1"},
    }
    yield entry, SECRET, lambda: [message["tracking_id"] for message in service.messages()]


class Sending:
    """Senders of one channel as processes, and a provider that takes what they send.

    Attributes:
        taken: the deliveries that the provider has taken, as often as it has.
    """

    def __init__(self, notify: ServiceUnderTest, channel: Channel, folder: Path, stack: ExitStack) -> None:
        self.notify = notify
        self.channel = channel
        self._log = folder / "sender.log"
        made = mail_server if channel is Channel.EMAIL else chat_service
        entry, secret, self.taken = stack.enter_context(made(folder, stack))
        file = folder / "providers.json"
        file.write_bytes(orjson.dumps({"providers": [entry]}))
        metrics = folder / "metrics"
        metrics.mkdir()
        self._env = {
            "MOTCUA_MODE": "test",
            "MOTCUA_BUS_URL": "embedded:",
            "MOTCUA_DATA": str(notify.context.settings.data),
            "MOTCUA_NOTIFY_DB_URL": str(notify.store.engine.url),
            "MOTCUA_NOTIFY_PROVIDERS": str(file),
            "MOTCUA_TEST_SECRET": secret,
            "MOTCUA_TEST_REFRESH_TOKEN": FIRST_TOKEN,
            METRICS_FOLDER: str(metrics),
            "MOTCUA_LEASE_SECONDS": "0.3",  # a claim expires after three seconds
        }

    def start(self) -> Proc:
        """Starts a sender."""
        return Proc(["tests.notify.channels.sender_process", self.channel], log=self._log, env=self._env, forked=True)

    def queue(self, *names: str) -> None:
        """Queues a message to each of some citizens."""
        for name in names:
            email = f"{name}@example.org" if self.channel is Channel.EMAIL else ""
            chat = name if self.channel is Channel.CHAT else ""
            registered = event("applicant.registered", 1, dossier=f"D-{name}", phone="", email=email, chat_user=chat)
            self.notify.apply(registered, event("dossier.received", 2, dossier=f"D-{name}"))

    def states(self) -> Counter[str]:
        """State → how many deliveries of the channel have it."""
        return Counter(row["state"] for row in self.notify.rows(deliveries) if row["channel"] == self.channel)

    def ids(self) -> set[str]:
        """The deliveries of the channel."""
        return {row["id"] for row in self.notify.rows(deliveries) if row["channel"] == self.channel}


@pytest.fixture(params=[Channel.EMAIL, Channel.CHAT])
def sending(request: pytest.FixtureRequest, notify: ServiceUnderTest, tmp_path: Path):
    """Each of the two channels."""
    with ExitStack() as stack:
        yield Sending(notify, request.param, tmp_path, stack)


def test_killed_between_the_providers_taking_and_its_answer_one_is_sent_twice_and_none_lost(sending):
    """The one case in which neither protocol can know."""
    sending.queue("a", "b", "stop", "c")
    with sending.start():
        wait_until(lambda: _stopped(sending), what="the message of which nobody hears")
    taken_before = Counter(sending.taken())
    assert sending.states()["sending"] >= 1
    with sending.start():
        wait_until(lambda: sending.states() == {"sent": 4}, PATIENCE, what="all messages to be sent")
    copies = Counter(sending.taken())
    assert copies.keys() == sending.ids()
    assert sorted(copies.values()) == [1, 1, 1, 2]
    (twice,) = (id_ for id_, count in copies.items() if count == 2)
    assert taken_before[twice] == 1
    (row,) = (row for row in sending.notify.rows(deliveries) if row["id"] == twice)
    assert (row["dossier"], row["attempts"]) == ("D-stop", 2)


def test_killed_at_any_moment_each_kill_doubles_one_message_at_most(sending):
    sending.queue(*(f"user-{number}" for number in range(MESSAGES)))
    chance = random.Random(7)
    for kill in range(KILLS):
        with sending.start():
            wanted = min(len(sending.taken()) + chance.randint(1, 3), MESSAGES)
            wait_until(partial(_has_taken, sending, wanted), interval=0.001, what=f"the moment of kill {kill}")
    with sending.start():
        wait_until(lambda: sending.states() == {"sent": MESSAGES}, PATIENCE, what="all messages to be sent")
    copies = Counter(sending.taken())
    assert copies.keys() == sending.ids()
    assert sum(copies.values()) - MESSAGES <= KILLS


def _has_taken(sending: Sending, count: int) -> bool:
    return len(sending.taken()) >= count


def _stopped(sending: Sending) -> bool:
    rows = sending.notify.rows(deliveries)
    return any(row["dossier"] == "D-stop" and row["id"] in sending.taken() for row in rows)

"""SMS through one worker, from queued to recorded as sent, compared with a bare client of the same protocol and the same peer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import smpp34
import urllib3
from rich.console import Console

from services.notify.channels.config.model import Senders
from services.notify.channels.domain import Channel
from services.notify.channels.http_sms.provider import HttpSmsProvider
from services.notify.channels.http_sms.settings import HttpSmsSettings
from services.notify.channels.pool.member import Member, MemberSettings
from services.notify.channels.pool.provider_pool import ProviderPool
from services.notify.channels.port import Provider
from services.notify.channels.smpp.provider import SmppProvider
from services.notify.channels.smpp.settings import SmppSettings
from services.notify.delivery.commands import Sender
from services.notify.delivery.store import deliveries
from services.notify.handlers import HANDLERS
from tests.notify.channels.sms_samples import Sink
from tests.support.events import event
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest
from tests.support.sms_networks import PASSWORD, Gateway, MessageCentre

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

COUNT, WINDOW, CONNECTIONS = 1000, 50, 8
NETWORK_SECONDS = 0.02
"""How long a network takes to answer."""


@pytest.fixture
def notify(ready_file: Callable[[Maker], str], tmp_path: Path) -> ServiceUnderTest:
    """Notify with messages that wait to be sent."""
    service = ServiceUnderTest("notify", ready_file(migrated("notify")), tmp_path, HANDLERS)
    for number in range(COUNT):
        dossier = f"D-{number}"
        registered = event("applicant.registered", 1, dossier=dossier, phone=f"0912{number:06d}", email="")
        service.apply(registered, event("dossier.received", 2, dossier=dossier))
    return service


def per_second(notify: ServiceUnderTest, provider: Provider) -> float:
    """How many messages one sender sends and records a second."""
    pool = ProviderPool(Channel.SMS, [Member(MemberSettings("measured", "measured"), provider)])
    sender = Sender(notify.store, Channel.SMS, pool, "https://motcua.vn")
    started = time.perf_counter()
    while sender.send_batch():
        pass
    seconds = time.perf_counter() - started
    pool.close()
    assert {row["state"] for row in notify.rows(deliveries)} == {"sent"}
    return COUNT / seconds


async def bare_smpp(port: int) -> float:
    """A library's client with the same window, which keeps nothing."""
    client = smpp34.Client("127.0.0.1", port, "bare", PASSWORD)
    network = await client.connect()
    room = asyncio.Semaphore(WINDOW)

    async def submit(number: int) -> None:
        async with room:
            await network.submit_sm(f"84912{number:06d}", b"Ho so da nhan", registered_delivery=1)

    started = time.perf_counter()
    await asyncio.gather(*map(submit, range(COUNT)))
    seconds = time.perf_counter() - started
    await network.unbind()
    return COUNT / seconds


def bare_http(gateway: Gateway) -> float:
    """Requests over as many open connections, which keep nothing."""
    pool = urllib3.PoolManager(maxsize=CONNECTIONS, block=True)

    def post(number: int) -> int:
        headers = {"Authorization": f"Bearer {gateway.key}", "Idempotency-Key": f"bare-{number}"}
        return pool.request("POST", gateway.url, json={"to": str(number)}, headers=headers).status

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        assert set(threads.map(post, range(COUNT))) == {200}
    return COUNT / (time.perf_counter() - started)


def test_smpp(notify: ServiceUnderTest, tmp_path: Path) -> None:
    sink = Sink()
    with MessageCentre(tmp_path) as centre:
        centre.behave(delay=NETWORK_SECONDS)
        bare = asyncio.run(bare_smpp(centre.port))
        settings = SmppSettings(
            "measured", "127.0.0.1", centre.port, "motcua", PASSWORD, senders=Senders("MOTCUA"), window=WINDOW
        )
        ours = per_second(notify, SmppProvider(settings, sink, sink.on_inbound))
        reached = len({entry["destination"] for entry in centre.taken() if entry["source"] == "MOTCUA"})
    assert reached == COUNT
    show("SMPP", ours, bare, f"window {WINDOW}", 200)


def test_http(notify: ServiceUnderTest, tmp_path: Path) -> None:
    with Gateway(tmp_path) as gateway:
        gateway.behave(delay=NETWORK_SECONDS)
        bare = bare_http(gateway)
        settings = HttpSmsSettings("measured", gateway.url, gateway.key, Senders("MOTCUA"), concurrency=CONNECTIONS)
        ours = per_second(notify, HttpSmsProvider(settings))
    show("HTTP", ours, bare, f"{CONNECTIONS} connections", 50)


def show(protocol: str, ours: float, bare: float, how: str, goal: int) -> None:
    """Prints the result."""
    Console().print(
        f"SMS by {protocol}: {ours:,.0f}/s with one worker ({how}, each answer after {NETWORK_SECONDS * 1000:g} ms), "
        f"bare client {bare:,.0f}/s, ratio {ours / bare:.2f} (goal ≥ {goal}/s)"
    )
    assert ours >= goal

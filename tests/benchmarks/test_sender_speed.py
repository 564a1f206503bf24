"""How fast a backlog of messages drains, compared with a bare loop over the same table, and that urgent ones never wait behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select, update

from services.notify.channels.domain import Channel
from services.notify.channels.port import Accepted, Outcome, Outgoing
from services.notify.channels.spool import SpoolProvider
from services.notify.delivery.commands import BATCH, Sender
from services.notify.delivery.states import State
from services.notify.delivery.store import deliveries
from services.notify.handlers import HANDLERS
from services.notify.messages.store import messages
from shared.persistence.personal_data import personal_values
from shared.persistence.store import Store
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

BACKLOG = 100_000
URGENT = 100
BARE = 10_000
"""Messages that the bare loop sends: enough for its speed."""
SPOOLED = 2_000
"""Messages that are written as files, for the ratio to the bare provider."""


class Counting:
    """A provider that takes everything at once and notes the order."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Takes the batch."""
        for one in batch:
            self.kinds.append(one.kind)
            yield one, Accepted()

    def close(self) -> None:
        """Nothing is open."""


def fill(store: Store, count: int) -> None:
    """Queues messages; each URGENT-th part of the last ones is urgent."""
    at = store.clock.wall()
    for first in range(0, count, 5_000):
        with store.uow() as work:
            rows = [_row(store, number, at, urgent=number >= count - URGENT) for number in range(first, first + 5_000)]
            work.connection.execute(deliveries.insert(), rows[: count - first])
            work.connection.execute(messages.insert(), [_message(row) for row in rows[: count - first]])


def _row(store: Store, number: int, at: object, urgent: bool) -> dict[str, object]:
    id_ = f"{number:036}"
    values = {
        "id": id_, "message": id_, "dossier": f"D-{number}", "kind": "code" if urgent else "received", "agency": "H57.10.01",
        "channel": Channel.SMS, "language": "vi", "position": 0, "wait_seconds": None, "state": State.QUEUED,
        "address": "0912345678", "text": f"Ho so D-{number} da duoc tiep nhan luc 08:15 20/11/2025.", "parts": None,
        "secret_parts": None, "template_version": "1", "reason": "", "created_at": store.clock.now(), "urgent": urgent,
        "due_at": at, "finished_at": None,
    }  # fmt: skip
    return personal_values(deliveries, values)


def _message(delivery: dict[str, object]) -> dict[str, object]:
    same = {name: delivery[name] for name in ("id", "dossier", "kind", "agency", "language", "urgent", "created_at")}
    return same | {"template": "received", "cause": "event", "content": "", "plan": "sms", "state": "queued"}


def drain(sender: Sender) -> float:
    """Sends everything; returns the seconds that it took."""
    began = time.monotonic()
    while sender.send_batch():
        pass
    return time.monotonic() - began


def bare_loop(store: Store, count: int) -> float:
    """Reads as many due texts at a time and marks them as sent: no claim, no plan, no receipt, no event; returns messages a second."""
    table = deliveries.c
    waiting = (table.channel == Channel.SMS, table.state == State.QUEUED, table.urgent.is_(False))
    due = select(table.id, table.address, table.text).where(*waiting).order_by(table.due_at)
    mark = update(deliveries).values(state=State.SENT)
    sent = 0
    began = time.monotonic()
    while sent < count:
        with store.uow() as work:
            rows = work.connection.execute(due.limit(BATCH)).all()
            work.connection.execute(mark.where(table.id.in_([row.id for row in rows])))
            sent += len(rows)
    return sent / (time.monotonic() - began)


@pytest.fixture
def notify(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Notify on a fresh SQLite database."""
    made = ServiceUnderTest("notify", ready_file(migrated("notify")), tmp_path, HANDLERS)
    yield made
    made.store.close()


def test_a_backlog_drains_in_order_of_urgency(notify: ServiceUnderTest) -> None:
    fill(notify.store, BACKLOG)
    provider = Counting()
    ours = BACKLOG / drain(Sender(notify.store, Channel.SMS, provider, "https://motcua.vn"))
    assert provider.kinds == ["code"] * URGENT + ["received"] * (BACKLOG - URGENT)
    with notify.store.uow() as work:
        work.connection.execute(update(deliveries).values(state=State.QUEUED))
    bare = bare_loop(notify.store, BARE)
    Console(width=120).print(
        f"notify: a backlog of {BACKLOG:,} messages drains in order of urgency (the {URGENT} urgent ones, queued last, first): "
        f"{ours:,.0f} messages/s, bare loop over the same table {bare:,.0f}/s, ratio {ours / bare:.2f}"
    )


def test_sending_into_the_spool(notify: ServiceUnderTest, tmp_path: Path) -> None:
    fill(notify.store, SPOOLED)
    seconds = drain(Sender(notify.store, Channel.SMS, SpoolProvider(tmp_path / "sms"), "https://motcua.vn"))
    assert len(list((tmp_path / "sms").glob("*.json"))) == SPOOLED
    Console(width=100).print(f"notify: into the spool: {SPOOLED / seconds:,.0f} messages/s")

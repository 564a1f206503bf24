"""Replaying: a period goes to one subscriber alone, in order for each dossier, from wherever it was killed, as fast as the relay."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from services.stats.archive import store
from services.stats.archive.commands import seal_ended_month
from services.stats.archive.replay import commands
from services.stats.archive.replay.commands import MayRepeat, NoReplay, Sent, Unfinished, drop, send, start
from services.stats.archive.replay.spool import Spool
from services.stats.handlers import HANDLERS
from shared.cli import cli
from shared.contracts import platform_topology
from shared.messaging import tables as bus_tables
from shared.messaging.event import Event
from shared.messaging.lease import Lease, open_locks
from shared.messaging.relay import Relay
from shared.messaging.transports import open_bus
from tests.shared.messaging.reconciliation_support import Node
from tests.stats.archive.support import MONTH
from tests.support.events import event
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

RETURNED = "vn.motcua.dossier.returned.v1"
RECEIVED = "vn.motcua.dossier.received.v1"
TYPES = [RETURNED, RECEIVED]


def sent_to(stats: ServiceUnderTest, service: str = "rating") -> list[Event]:
    """What is in the outbox for one service, in order."""
    rows = [row for row in stats.rows(bus_tables.outbox) if row["topic"] == f"@{service}"]
    return [Event.from_json(row["body"]) for row in rows]


def fill(stats: ServiceUnderTest, months: int = 3, dossiers: int = 4) -> list[Event]:
    """Dossiers that are received in one month and returned in the next one, all but the last two months sealed; in order of arrival."""
    made = []
    for month in range(months):
        for number in range(dossiers):
            code = f"D-{month}-{number}"
            made.append(event("dossier.received", 1, dossier=code))
            stats.apply(made[-1])
            if month:
                made.append(event("dossier.returned", 2, dossier=f"D-{month - 1}-{number}"))
                stats.apply(made[-1])
        stats.hand.pass_(MONTH)
    seal_ended_month(stats.context)
    return made


@given(st.data())
def test_the_events_of_a_dossier_are_put_in_order_and_all_others_keep_their_places(data: st.DataObject) -> None:
    arrived = [
        Event.from_json(event("dossier.received", sequence, dossier=f"D-{key}", id=f"{key}-{sequence}").to_json())
        for key, count in enumerate(data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=5)))
        for sequence in data.draw(st.permutations(range(count)))
    ]
    random.Random(data.draw(st.integers())).shuffle(arrived)
    spool = Spool(arrived)
    rows = list(spool.rows(0))
    assert [row["key"] for row in rows] == [one.key for one in arrived]
    for key in {one.key for one in arrived}:
        sequences = [row["sequence"] for row in rows if row["key"] == key]
        assert sequences == sorted(one.sequence for one in arrived if one.key == key)
    assert list(spool.rows(2)) == rows[2:]
    spool.close()


def test_all_of_the_chosen_types_go_to_one_subscriber_in_order(both: ServiceUnderTest) -> None:
    made = fill(both)
    told: list[Sent] = []
    number = start(both.store, "rating", None, None, TYPES, new=False)
    assert send(both.store, number, told.append) == len(made)
    assert [one.to_json() for one in sent_to(both)] == [one.to_json() for one in made]
    assert (told[-1].events, told[-1].month) == (len(made), "2026-01")
    with pytest.raises(NoReplay):
        send(both.store, number, told.append)


def test_a_period_is_what_arrived_in_it(both: ServiceUnderTest) -> None:
    made = fill(both)
    december = [one for one in made if "-1-" in one.key and "received" in one.type]
    since = MONDAY + MONTH
    number = start(both.store, "rating", since, since + timedelta(days=1), [RECEIVED], new=False)
    send(both.store, number, lambda _: None)
    assert sent_to(both) == december


def test_what_arrived_in_a_later_order_is_sent_in_the_order_of_publication(both: ServiceUnderTest) -> None:
    both.apply(event("dossier.returned", 2, dossier="D-1"))
    both.apply(event("dossier.received", 1, dossier="D-2"))
    both.apply(event("dossier.received", 1, dossier="D-1"))
    send(both.store, start(both.store, "rating", None, None, TYPES, new=False), lambda _: None)
    assert [(one.key, one.sequence) for one in sent_to(both)] == [("D-1", 1), ("D-2", 1), ("D-1", 2)]


class Killed(Exception):
    """Stands for a kill."""


def test_killed_after_any_step_it_goes_on_and_repeats_nothing(
    both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if a month is sealed and events arrive in between."""
    monkeypatch.setattr(commands, "STEP", 3)
    made = fill(both)
    number = start(both.store, "rating", None, None, TYPES, new=False)
    deaths = 0

    def die(_: Sent) -> None:
        raise Killed

    while True:
        try:
            sent = send(both.store, number, die)
        except Killed:
            deaths += 1
            seal_ended_month(both.context)
            both.apply(event("dossier.received", 1, dossier=f"later-{deaths}"))
            continue
        break
    assert deaths == 8
    assert sent == len(made)
    assert sent_to(both) == made


def test_a_step_that_was_killed_within_is_done_again(both: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fill(both, months=1)
    number = start(both.store, "rating", None, None, TYPES, new=False)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("services.stats.archive.replay.commands.outbox.write_direct", die)
        with pytest.raises(Killed):
            send(both.store, number, lambda _: None)
    assert sent_to(both) == []
    send(both.store, number, lambda _: None)
    assert sent_to(both) == made


def test_it_waits_while_the_relay_is_behind(stats: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "STEP", 2)
    monkeypatch.setattr(commands, "MOST_WAITING", 4)
    made = fill(stats)
    number = start(stats.store, "rating", None, None, TYPES, new=False)
    published: list[Event] = []
    longest = 0

    def relay(_: float) -> None:
        nonlocal longest
        longest = max(longest, len(sent_to(stats)))
        published.extend(sent_to(stats))
        with stats.store.uow() as work:
            work.execute(delete(bus_tables.outbox))

    told: list[Sent] = []
    send(stats.store, number, told.append, relay)
    assert published + sent_to(stats) == made
    assert longest == 4
    assert any(one.waiting for one in told)


def test_a_second_replay_to_a_subscriber_waits_for_the_end_of_the_first(both: ServiceUnderTest) -> None:
    fill(both, months=1)
    first = start(both.store, "rating", None, None, TYPES, new=False)
    with pytest.raises(Unfinished, match=f"replay {first} to rating"):
        start(both.store, "rating", None, None, TYPES, new=False)
    start(both.store, "notify", None, None, TYPES, new=False)
    drop(both.store, first)
    with pytest.raises(NoReplay):
        drop(both.store, first)
    start(both.store, "rating", None, None, TYPES, new=False)


def test_what_a_subscriber_may_have_forgotten_goes_to_new_ones_only(both: ServiceUnderTest) -> None:
    """Its inbox keeps 400 days; after that it would apply an event again, and send a message twice."""
    fill(both, months=1)
    both.hand.pass_(timedelta(days=400))
    with pytest.raises(MayRepeat):
        start(both.store, "notify", None, None, TYPES, new=False)
    with pytest.raises(MayRepeat):
        start(both.store, "notify", MONDAY, None, TYPES, new=False)
    start(both.store, "notify", MONDAY + timedelta(days=100), None, TYPES, new=False)
    start(both.store, "toy", None, None, TYPES, new=True)


@pytest.fixture
def node(bus_url: str, tmp_path: Path, stats: ServiceUnderTest) -> Iterator[Callable[[str], Node]]:
    made: list[Node] = []

    def make(name: str) -> Node:
        made.append(Node(name, f"sqlite:///{tmp_path}/{name}-node.db", bus_url, stats.hand))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_over_the_bus_one_subscriber_gets_all_once_and_others_nothing(
    stats: ServiceUnderTest, bus_url: str, node: Callable[[str], Node]
) -> None:
    rating, routing = node("rating"), node("routing")
    made = fill(stats)
    bus, topology = open_bus(bus_url, "stats"), platform_topology()
    relay = Relay(stats.store, bus, Lease(open_locks(stats.store.engine, "stats", 3.0), "relay"), topology=topology)
    for _ in range(2):  # the second time, its inbox drops everything
        send(stats.store, start(stats.store, "rating", None, None, TYPES, new=False), lambda _: None)
        while relay.step():
            pass
        while rating.worker.step():
            pass
    relay.close()
    assert rating.applied == [(one.key, one.sequence) for one in made]
    assert routing.consume() == 0
    assert stats.rows(bus_tables.published_events) == [], "what is for one service alone is not kept twice"


@pytest.fixture
def shell(ready_file: Callable[[Maker], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    url = ready_file(migrated("stats"))
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "cli"))
    monkeypatch.setenv("MOTCUA_BUS_URL", "embedded:")
    monkeypatch.setenv("MOTCUA_STATS_DB_URL", url)
    return ServiceUnderTest("stats", url, tmp_path, HANDLERS)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["replay", *arguments])


def test_the_command_sends_what_the_subscriber_gets(shell: ServiceUnderTest) -> None:
    made = fill(shell, months=2)
    done = run("--to", "motcua.rating", "--new-subscriber")
    assert done.exit_code == 0, done.output
    assert "not sent: complaint.lodged_by_sms" in done.output
    assert done.output.endswith("replay 1 has sent all its 4 events\n")
    assert sent_to(shell) == [one for one in made if one.type == RETURNED], "rating gets no dossier.received"


def test_the_command_sends_to_a_queue_that_this_platform_does_not_know(shell: ServiceUnderTest) -> None:
    made = fill(shell, months=2)
    done = run("--to", "motcua.warehouse", "--types", "dossier.received,dossier.returned", "--new-subscriber")
    assert done.exit_code == 0, done.output
    assert sent_to(shell, "warehouse") == made


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "give one of --to, --resume and --drop"),
        (("--to", "kitchen"), "there is no service 'kitchen'"),
        (("--to", "stats"), "stats has the archive itself"),
        (("--to", "rating", "--types", "dossier.received"), "rating does not subscribe to dossier.received"),
        (("--to", "notify", "--types", "applicant.registered"), "not in the archive: applicant.registered"),
        (("--resume", "7"), "there is no replay 7 that has not ended"),
        (("--drop", "7"), "there is no replay 7 that has not ended"),
    ],
)
def test_mistakes_get_one_line(shell: ServiceUnderTest, arguments: tuple[str, ...], complaint: str) -> None:
    done = run(*arguments)
    assert done.exit_code != 0
    assert complaint in done.output


def test_one_that_has_not_ended_is_gone_on_with_or_dropped(shell: ServiceUnderTest) -> None:
    fill(shell, months=1)
    number = start(shell.store, "routing", None, None, [RECEIVED], new=True)
    assert f"replay {number} to routing has not ended; go on with it by --resume" in run("--to", "routing").output
    assert run("--resume", str(number)).output == f"replay {number} has sent all its 4 events\n"
    other = start(shell.store, "routing", None, None, [RECEIVED], new=True)
    assert run("--drop", str(other)).output == f"replay {other} has ended\n"
    assert all(row["finished_at"] for row in shell.rows(store.replays))

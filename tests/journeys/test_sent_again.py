"""What a real journey published may come again and in any order: nothing of it is parked, and nothing is taken for a contradiction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from services.notify.handlers import HANDLERS as NOTIFY
from services.rating.handlers import HANDLERS as RATING
from services.routing.commands.correct import correct_result
from services.routing.commands.extend import extend_dossier
from services.stats.handlers import HANDLERS as STATS
from shared.contracts import REGISTRY, seal_event, unseal_event
from shared.messaging import tables as bus_tables
from shared.messaging.apply import Applier
from shared.messaging.event import Event
from shared.persistence.store import Store
from shared.runtime.data_keys import DataKeys
from tests.intake.service_fixture import DESK, LAND_TRANSFER, IntakeService, at, published
from tests.routing.service_fixture import TO_THE_RESULT, RoutingFixture
from tests.support.events import deliveries, event
from tests.support.prepared import Maker, PreparedDatabases, PreparedFiles, migrated
from tests.support.service import ServiceUnderTest

SERVICES = ("intake", "routing", "notify", "rating", "stats")
ORDERS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Journey:
    """One land transfer through all five services, each on a store of its own; events are carried by hand.

    Attributes:
        intake, routing, others: the services.
        published: every event, in order.
    """

    intake: IntakeService
    routing: RoutingFixture
    others: dict[str, ServiceUnderTest]
    published: list[Event] = field(default_factory=list)

    def appliers(self) -> dict[str, Applier]:
        """Service → what applies its events."""
        others = {name: service.applier for name, service in self.others.items()}
        return {"intake": self.intake.applier, "routing": self.routing.applier, **others}

    def carry(self) -> None:
        """Carries new events until nothing more is published."""
        while new := [one for one in self._outboxes() if one.id not in {known.id for known in self.published}]:
            self.published += new
            for name, applier in self.appliers().items():
                deliver(applier, name, new)

    def say(self, name: str, **data: Any) -> None:
        """Publishes an event of a service that does nothing here by itself."""
        self.published.append(event(name, 900 + len(self.published), **data))
        for subscriber, applier in self.appliers().items():
            deliver(applier, subscriber, self.published[-1:])

    def pass_(self, span: timedelta) -> None:
        """Moves all clocks."""
        for clock in (self.intake.hand_clock, self.routing.hand, *(one.hand for one in self.others.values())):
            clock.pass_(span)

    def _outboxes(self) -> list[Event]:
        stores = [applier.store for applier in self.appliers().values()]
        return [entry for store in stores for entry in outbox(store)]


def outbox(store: Store) -> list[Event]:
    rows = bus_tables.outbox.c
    with store.read() as connection:
        bodies = connection.execute(bus_tables.outbox.select().order_by(rows.id)).mappings()
        return [Event.from_json(row["body"]) for row in bodies]


def deliver(applier: Applier, subscriber: str, events: Sequence[Event]) -> None:
    applier.apply(deliveries(*(one for one in events if subscriber in REGISTRY.by_name[one.name].subscribers)))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Maker], str]]:
    """Gives the URL of a new store of a service, as often as it is asked."""
    if request.param == "sqlite":
        files: PreparedFiles = request.getfixturevalue("prepared_files")
        yield lambda make: files.copy(make, tmp_path / f"{random.getrandbits(64)}.db")
        return
    databases: PreparedDatabases = request.getfixturevalue("prepared_databases")
    lent: list[str] = []

    def lend(make: Maker) -> str:
        lent.append(databases.lend(make))
        return lent[-1]

    yield lend
    for url in lent:
        databases.take_back(url)


@pytest.fixture
def journey(new_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[Journey]:
    """A journey from filing to rating and correction, with a supplement, an extension, a tax and a corrected telephone number."""
    urls = {name: new_store(published if name == "intake" else migrated(name)) for name in SERVICES}
    start = at("2025-11-20 08:15")
    handlers = {"notify": NOTIFY, "rating": RATING, "stats": STATS}
    others = {name: ServiceUnderTest(name, urls[name], tmp_path, handlers[name], start) for name in handlers}
    made = Journey(
        IntakeService(urls["intake"], others["notify"].context.settings.data),
        RoutingFixture(urls["routing"], tmp_path),
        others,
    )
    travel(made)
    yield made
    for applier in made.appliers().values():
        applier.store.close()


def travel(made: Journey) -> None:
    intake, routing = made.intake, made.routing
    made.carry()  # the procedures
    code = str(intake.file()["code"])
    made.carry()
    routing.complete("transfer", code=code)
    routing.request_supplement("assessment", code=code)
    made.carry()
    moved = {"was_at": "2025-12-05T23:59:00+07:00", "moved_to": "2025-12-08T23:59:00+07:00"}
    made.say("dossier.deadline_moved", dossier=code, deadline="supplement", **moved)
    made.pass_(timedelta(days=1))
    applicant = LAND_TRANSFER["applicant"] | {"phone": "0987654321", "reason": "Ghi sai số"}
    headers = intake.token()
    assert (
        intake.client.patch(f"/intake/api/dossiers/{code}/applicant", json=applicant, headers=headers).status_code
        == 200
    )
    assert intake.post(f"/dossiers/{code}/supplement", {"papers": ["contract"]}).status_code == 200
    made.carry()
    routing.complete("assessment", code=code)
    routing.complete("tax", "obligation", amount=7_000, code=code)
    made.carry()
    (owed,) = intake.rows("obligation")
    paid = {"obligation": owed["id"], "amount": 7_000, "method": "cash"}
    assert intake.post(f"/dossiers/{code}/payments", paid).status_code == 201
    made.carry()
    due_at = routing.dossier(code).due_at + timedelta(days=7)
    routing.run(lambda work: extend_dossier(work, code, due_at, "Cần đo đạc lại", "official-7"))
    routing.complete_steps(*TO_THE_RESULT, code=code)
    made.carry()
    made.say("message.sent", dossier=code, kind="result_ready", sent_at=routing.store.clock.now().isoformat())
    skipped_at = routing.store.clock.now().isoformat()
    made.say("message.skipped", dossier=code, message="to nobody", kind="extended", skipped_at=skipped_at)
    assert intake.post(f"/dossiers/{code}/return", {"identity": "citizen_card"}).status_code == 200
    made.carry()
    about = {"procedure": LAND_TRANSFER["procedure"], "field": "land", "agency": DESK}
    made.say("rating.given", rating=f"rating of {code}", dossier=code, **about)
    routing.run(lambda work: correct_result(work, code, "Sai tên", own_error=True, by="official-7"))
    routing.complete("correction", code=code)
    made.carry()


def held(applier: Applier) -> list[tuple[str, str]]:
    with applier.store.read() as connection:
        rows = connection.execute(bus_tables.retry_queue.select()).mappings()
        return [(row["type"], row["reason"]) for row in rows]


def settle(applier: Applier, clock: Any) -> None:
    """Retries until nothing that waits can be applied."""
    clock.pass_(timedelta(hours=1))
    while applier.retry_due():
        clock.pass_(timedelta(hours=1))


def forget_inbox(store: Store) -> None:
    """As after the days for which arrivals are remembered."""
    store.run(lambda work: work.connection.execute(delete(bus_tables.inbox)))


def contradictions(applier: Applier) -> list[str]:
    return [one.data["type"] for one in outbox(applier.store) if one.name == "store.conflicted"]


def test_the_journey_has_all_that_can_be_contradicted(journey: Journey) -> None:
    assert {one.name for one in journey.published} >= {
        *("procedure.published", "dossier.received", "applicant.registered", "applicant.corrected", "fee.paid"),
        *("obligation.requested", "supplement.requested", "dossier.supplemented", "dossier.extended"),
        *("dossier.deadline_moved", "dossier.resolved", "dossier.corrected", "dossier.returned", "step.completed"),
        *("message.sent", "message.skipped", "rating.invited", "rating.given", "dossier.contact_changed"),
    }
    assert [held(applier) for applier in journey.appliers().values()] == [[]] * 5


def test_all_of_it_sent_again_in_any_order_is_known(journey: Journey) -> None:
    """To services that know everything, even after they have forgotten which events have arrived."""

    @ORDERS
    @given(st.randoms(use_true_random=False))
    def check(chance: random.Random) -> None:
        for name, applier in journey.appliers().items():
            forget_inbox(applier.store)
            again = list(journey.published)
            chance.shuffle(again)
            deliver(applier, name, again)
            assert (name, held(applier), contradictions(applier)) == (name, [], [])

    check()


@pytest.mark.parametrize("service", ["notify", "rating", "stats"])
def test_another_journey_that_arrives_twice_and_in_any_order_leaves_nothing_parked(
    journey: Journey, service: str
) -> None:
    """To a service that learns of it in that order. The journey is told under a new code for each order."""
    subject = journey.others[service]
    codes = iter(range(1000))
    old = next(one.key for one in journey.published if one.name == "dossier.received")

    @ORDERS
    @given(st.randoms(use_true_random=False), st.integers(0, 20))
    def check(chance: random.Random, repeated: int) -> None:
        tag = f"other-{next(codes)}"
        renamed = [under(one, old, tag, subject.store.data_keys) for one in journey.published]
        events = [*renamed, *chance.sample(renamed, repeated)]
        chance.shuffle(events)
        for entry in events:
            forget_inbox(subject.store)
            deliver(subject.applier, service, [entry])
        settle(subject.applier, subject.hand)
        assert (held(subject.applier), contradictions(subject.applier)) == ([], [])

    check()


def under(entry: Event, old: str, tag: str, keys: DataKeys | None) -> Event:
    """The same event about another dossier."""
    renamed = unseal_event(entry, keys).to_json().replace(old.encode(), tag.encode())
    made = Event.from_json(renamed)
    own = ("task", "obligation", "payment", "message", "correction", "rating")
    ids = {name: f"{tag}-{made.data[name]}" for name in own if made.data.get(name)}
    return seal_event(replace(made, id=f"{tag}-{made.id}", data=made.data | ids), keys)

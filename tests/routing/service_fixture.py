"""Routing as a whole for tests: a migrated store under a test's clock, events in, events out, and its API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from services.routing.app import create_app
from services.routing.commands import sweeps
from services.routing.commands.complete import complete_task
from services.routing.commands.load import find_task
from services.routing.commands.supplements import request_supplement
from services.routing.domain.clock import Interval
from services.routing.domain.control_sheet import verify_whole
from services.routing.domain.handover import Entry
from services.routing.handlers import HANDLERS
from services.routing.plugins import store as plugins
from services.routing.plugins.decisions import refuse_reused
from services.routing.store import control_sheet, dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.auth import issue_token
from shared.catalogue import load_builtin
from shared.messaging import tables as bus_tables
from shared.messaging.apply import Applier, Outcome
from shared.messaging.event import Event
from shared.messaging.port import Delivery
from shared.messaging.sender_identity import sender_by_source
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM, Clock
from shared.runtime.context import Context
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import read_settings
from tests.support.events import deliveries, event
from tests.support.statements import share_statements
from tests.support.stores import HandClock

Headers = dict[str, str]
T = TypeVar("T")
LAND = "1.013831"
DESK = "H12.31.01"
REGISTRY = "H12.14.02"
TAX = "G12.12.01"
CODE = "000.00.14.H57-251120-0118"
TO_THE_RESULT = ("printing", "checking", "signing", "hand-over", "receive-result")
"""The last steps of the land procedure."""


def at(text: str) -> datetime:
    """A Vietnamese time such as ``2025-11-20 08:15``."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


THURSDAY = at("2025-11-20 08:15")
PROMISED = at("2025-12-02 17:30")
"""Eight working days after Thursday."""


@cache
def reference() -> Reference:
    """The built-in agencies and rules, loaded once."""
    return load_reference()


@cache
def definition(code: str) -> dict[str, Any]:
    """A built-in procedure as intake publishes it."""
    return next(procedure for procedure in load_builtin() if procedure.code == code).as_dict()


class Client(FlaskClient):
    """Flask's test client; its answers are untyped, so that tests can read their JSON without checks for None."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a GET."""
        return super().get(*args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a POST."""
        return super().post(*args, **kwargs)

    def put(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a PUT."""
        return super().put(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a DELETE."""
        return super().delete(*args, **kwargs)


class RoutingFixture:
    """Routing on one store.

    Args:
        url: of an empty, migrated database.
        directory: for the settings.
        start: the time on the clock at the beginning.
        known: agencies and rules; the built-in ones by default.
    """

    def __init__(self, url: str, directory: Path, start: datetime = THURSDAY, known: Reference | None = None) -> None:
        known = known or reference()
        self.hand = HandClock(start)
        clock = Clock(source=self.hand)
        self.store = share_statements(Store(url, "routing", clock, pool=6, reference=known))
        self.applier = Applier(self.store, HANDLERS, refuse=refuse_reused)
        settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(directory)})
        self.context = Context(
            "routing", settings.__class__(**{**vars(settings), "clock": clock}), self.store, reference()
        )

    def app(self) -> Flask:
        """The web app on this store."""
        return create_app(self.context)

    def client(self) -> Client:
        """Asks routing's API."""
        app = self.app()
        app.test_client_class = Client
        made = app.test_client()
        assert isinstance(made, Client)
        return made

    def token(self, role: str | list[str], agency: str = "", subject: str = "official-7") -> dict[str, str]:
        """Request headers of somebody."""
        return {"Authorization": f"Bearer {issue_token(self.context.settings.auth, subject, role, agency)}"}

    def advance(self, span: timedelta | float) -> None:
        """Advances the clock by a span, or by seconds."""
        self.hand.pass_(span)

    def advance_to(self, moment: datetime) -> None:
        """Sets the clock to a moment."""
        self.hand.seconds = moment.timestamp()

    def apply(self, *events: Event | bytes) -> Outcome:
        """Lets routing handle events; those of an agency come with its identity."""
        return self.applier.apply(handed(*events))

    def publish(self, code: str = LAND, version: int = 1) -> Outcome:
        """Publishes a built-in procedure."""
        return self.apply(published(code, version))

    def receive(self, code: str = CODE, **data: Any) -> Outcome:
        """Receives a dossier."""
        return self.apply(received(code, **data))

    def complete(self, step: str, outcome: str = "completed", amount: int | None = None, code: str = CODE) -> Task:
        """Completes the open step of a dossier, which must be this one."""
        task = self.step(step, code)
        self.run(lambda work: complete_task(work, task.id, outcome, note="", amount=amount, by="official-7"))
        return self.task(task.id)

    def pay(self, obligation: str | None, amount: int = 12_500_000, sequence: int = 2, **data: Any) -> Outcome:
        """Pays an obligation; now by default."""
        data.setdefault("paid_at", self.store.clock.now().isoformat())
        return self.apply(event("fee.paid", sequence, obligation=obligation, amount=amount, **data))

    def dossier(self, code: str = CODE) -> Dossier:
        """A dossier as stored."""
        with self.store.read() as connection:
            found = dossiers.find(connection, code)
        assert found is not None
        return found

    def task(self, id_: str) -> Task:
        """A step as stored."""
        with self.store.read() as connection:
            return find_task(connection, id_)

    def tasks(self, code: str = CODE) -> list[Task]:
        """The steps of a dossier as stored."""
        with self.store.read() as connection:
            return tasks.of_root(connection, code)

    def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """Runs something in a transaction of its own."""
        return self.store.run(work)

    def sweep(self) -> int:
        """Runs both sweeps once; returns how many rows changed."""
        return sweeps.check_dossiers(self.context) + sweeps.check_tasks(self.context)

    def complete_steps(self, *steps: str, code: str = CODE) -> None:
        """Completes steps one after another; a step may be written with its outcome, as ``assessment:no_tax``."""
        for step in steps:
            id_, _, outcome = step.partition(":")
            self.complete(id_, outcome or "completed", code=code)

    def request_supplement(
        self, step: str, papers: Sequence[str] = ("Hợp đồng có công chứng",), code: str = CODE
    ) -> Task:
        """Requests a supplement in an open step."""
        task = self.step(step, code)
        return self.run(lambda work: request_supplement(work, task.id, "Hồ sơ còn thiếu", papers, "official-7"))

    def supplement(self, sequence: int = 5, code: str = CODE, at: datetime | None = None) -> Outcome:
        """The citizen brings the supplement; now by default."""
        moment = (at or self.store.clock.now()).isoformat()
        return self.apply(event("dossier.supplemented", sequence, dossier=code, supplemented_at=moment))

    def withdraw(self, sequence: int = 6, code: str = CODE) -> Outcome:
        """The citizen withdraws the dossier, now."""
        moment = self.store.clock.now().isoformat()
        return self.apply(event("dossier.withdrawn", sequence, dossier=code, withdrawn_at=moment))

    def plug_in(self, agency: str) -> None:
        """Registers an agency's own software."""
        self.run(lambda work: plugins.plug_in(work.connection, agency, work.now))

    def step(self, step: str, code: str = CODE) -> Task:
        """The open step with this id, of a dossier or a sub-dossier of it."""
        (task,) = [task for task in self.open_tasks(code) if task.step == step]
        return task

    def open_tasks(self, code: str = CODE) -> list[Task]:
        """All open tasks of a citizen's dossier."""
        with self.store.read() as connection:
            return tasks.open_of_root(connection, code)

    def entries(self, code: str = CODE) -> list[Entry]:
        """The process control sheet of a dossier, which must be sound."""
        with self.store.read() as connection:
            entries, noted = control_sheet.sheet(connection, code)
        assert verify_whole(entries, noted) is None
        return entries

    def open_task(self, code: str = CODE) -> Task:
        """The only open step of a dossier."""
        with self.store.read() as connection:
            (task,) = tasks.open_of_root(connection, code)
        return task

    def intervals(self, code: str = CODE) -> list[Interval]:
        """The clock of a dossier."""
        with self.store.read() as connection:
            return dossiers.intervals_of(connection, code)

    def emitted(self, *names: str, code: str = CODE) -> list[Event]:
        """The events that routing emitted about a dossier, in order; only events of these names, if any are given."""
        rows = bus_tables.outbox.c
        with self.store.read() as connection:
            bodies = connection.execute(select(rows.body).where(rows.key == code).order_by(rows.id)).scalars().all()
        events = [Event.from_json(body) for body in bodies]
        return [entry for entry in events if not names or entry.name in names]

    def topics(self) -> list[str]:
        """The topics of the events that routing emitted, in order."""
        columns = bus_tables.outbox.c
        with self.store.read() as connection:
            return list(connection.execute(select(columns.topic).order_by(columns.id)).scalars())

    def event_names(self, *names: str, code: str = CODE) -> list[str]:
        """The names of the events that routing emitted about a dossier, in order."""
        return [entry.name for entry in self.emitted(*names, code=code)]

    def parked(self) -> list[tuple[str, str]]:
        """State and reason of every held event."""
        held = bus_tables.retry_queue
        with self.store.read() as connection:
            return [(state, reason) for state, reason in connection.execute(select(held.c.state, held.c.reason))]


def complete(client: Client, task: str, headers: Headers, outcome: str = "completed", **body: Any) -> Any:
    """Asks the API to complete a step."""
    return client.post(f"/routing/api/tasks/{task}/complete", json={"outcome": outcome, **body}, headers=headers)


def published(code: str = LAND, version: int = 1, **data: Any) -> Event:
    """The event that publishes a built-in procedure."""
    given = data or {"definition": definition(code)}
    return event("procedure.published", sequence=version, procedure=code, version=version, **given)


def received(code: str = CODE, **data: Any) -> Event:
    """The event of a dossier of the land procedure, received on Thursday at Phước Long."""
    given: dict[str, Any] = {
        "procedure": LAND,
        "case": "transfer",
        "receiving_agency": DESK,
        "received_at": THURSDAY.isoformat(),
        "promised_at": PROMISED.isoformat(),
    }
    return event("dossier.received", dossier=code, **(given | data))


def handed(*events: Event | bytes) -> list[Delivery]:
    """The deliveries of some events as a transport hands them over, with the sending agency."""
    made = deliveries(*events)
    return [
        replace(delivery, sender=sender_by_source(entry.source)) if isinstance(entry, Event) else delivery
        for delivery, entry in zip(made, events, strict=True)
    ]


def decision(name: str, given_step: Task, /, id: str | None = None, **data: Any) -> Event:
    """A decision of an agency's own software on a step; of the step's own agency by default."""
    given = {"dossier": given_step.root, "task": given_step.id, "agency": given_step.agency} | data
    made = event(name, 0, id=id or f"{name}-{given_step.id}", **given)
    return replace(made, source=f"/agency/{given['agency']}")


def with_unknown_field(entry: Event) -> Delivery:
    """The event with additional fields, as a newer sender would send it."""
    raw = orjson.loads(entry.to_json())
    raw["data"]["said_by_a_later_version"] = {"x": 1}
    raw["later"] = True
    (delivery,) = handed(entry)
    return replace(delivery, body=orjson.dumps(raw))

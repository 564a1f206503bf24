"""Routing as a whole for tests: a migrated store under a test's clock, events in, events out, and its API."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from services.routing import commands, store
from services.routing.app import create_app
from services.routing.domain.clock import Interval
from services.routing.handlers import HANDLERS
from services.routing.store import Dossier, Task
from shared.auth import issue_token
from shared.bus import tables as bus_tables
from shared.bus.apply import Applier, Outcome
from shared.bus.event import Event
from shared.catalogue import load_builtin
from shared.clock import VIETNAM, Clock
from shared.context import Context
from shared.migrations import migrate
from shared.reference import Reference, load_reference
from shared.settings import read_settings
from shared.store import Store
from tests.support.events import deliveries, event
from tests.support.stores import HandClock

Headers = dict[str, str]
LAND = "1.013831"
DESK = "H12.31.01"
REGISTRY = "H12.14.02"
TAX = "G12.12.01"
CODE = "000.00.14.H57-251120-0118"


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
    """Flask's test client, with answers whose JSON tests may look into without asking first whether there is any."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a GET."""
        return super().get(*args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        """Sends a POST."""
        return super().post(*args, **kwargs)


class World:
    """Routing on one store.

    Args:
        url: of a fresh database.
        directory: for the settings.
        start: where the clock stands.
        known: agencies and rules; the built-in ones by default.
    """

    def __init__(self, url: str, directory: Path, start: datetime = THURSDAY, known: Reference | None = None) -> None:
        known = known or reference()
        self.hand = HandClock(start)
        clock = Clock(source=self.hand)
        self.store = Store(url, "routing", clock, pool=6, reference=known)
        migrate(self.store.engine, "routing")
        self.applier = Applier(self.store, HANDLERS)
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

    def pass_(self, span: timedelta | float) -> None:
        """Lets time pass: a span, or seconds."""
        self.hand.pass_(span)

    def go_to(self, moment: datetime) -> None:
        """Lets time pass up to a moment."""
        self.hand.seconds = moment.timestamp()

    def apply(self, *events: Event | bytes) -> Outcome:
        """Has routing consume events."""
        return self.applier.apply(deliveries(*events))

    def publish(self, code: str = LAND, version: int = 1) -> Outcome:
        """Publishes a built-in procedure."""
        return self.apply(published(code, version))

    def receive(self, code: str = CODE, **data: Any) -> Outcome:
        """Receives a dossier."""
        return self.apply(received(code, **data))

    def complete(self, step: str, outcome: str = "completed", amount: int | None = None, code: str = CODE) -> Task:
        """Completes the open step of a dossier, which must be this one."""
        task = self.open_task(code)
        assert task.step == step
        return self.store.run(
            lambda work: commands.complete_task(work, task.id, outcome, note="", amount=amount, by="official-7")
        )

    def pay(self, obligation: str | None, amount: int = 12_500_000, sequence: int = 2, **data: Any) -> Outcome:
        """Pays an obligation, now unless told."""
        data.setdefault("paid_at", self.store.clock.now().isoformat())
        return self.apply(event("fee.paid", sequence, obligation=obligation, amount=amount, **data))

    def dossier(self, code: str = CODE) -> Dossier:
        """A dossier as stored."""
        with self.store.read() as connection:
            found = store.find_dossier(connection, code)
        assert found is not None
        return found

    def tasks(self, code: str = CODE) -> list[Task]:
        """The steps of a dossier as stored."""
        with self.store.read() as connection:
            return store.tasks_of(connection, code)

    def open_task(self, code: str = CODE) -> Task:
        """The one step at which a dossier stands."""
        with self.store.read() as connection:
            (task,) = store.open_tasks_of(connection, code)
        return task

    def intervals(self, code: str = CODE) -> list[Interval]:
        """The clock of a dossier."""
        with self.store.read() as connection:
            return store.intervals_of(connection, code)

    def emitted(self, *names: str, code: str = CODE) -> list[Event]:
        """What routing has said about a dossier, in order; only events of these names, if any are given."""
        with self.store.read() as connection:
            bodies = (
                connection.execute(select(bus_tables.outbox.c.body).order_by(bus_tables.outbox.c.id)).scalars().all()
            )
        events = [Event.from_json(body) for body in bodies]
        return [entry for entry in events if entry.key == code and (not names or entry.name in names)]

    def said(self, *names: str, code: str = CODE) -> list[str]:
        """The names of what routing has said about a dossier, in order."""
        return [entry.name for entry in self.emitted(*names, code=code)]

    def parked(self) -> list[tuple[str, str]]:
        """State and reason of every held event."""
        held = bus_tables.held
        with self.store.read() as connection:
            return [(state, reason) for state, reason in connection.execute(select(held.c.state, held.c.reason))]


def complete(client: Client, task: str, headers: Headers, outcome: str = "completed", **body: Any) -> Any:
    """Asks the API to complete a step."""
    return client.post(f"/routing/api/tasks/{task}/complete", json={"outcome": outcome, **body}, headers=headers)


def published(code: str = LAND, version: int = 1, **data: Any) -> Event:
    """The event that publishes a built-in procedure."""
    given = {"definition": definition(code)} | data
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


def with_unknown_field(entry: Event) -> bytes:
    """The event as a newer sender would say it."""
    raw = orjson.loads(entry.to_json())
    raw["data"]["said_by_a_later_version"] = {"x": 1}
    raw["later"] = True
    return orjson.dumps(raw)

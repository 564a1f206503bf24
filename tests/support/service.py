"""One whole service for tests: a migrated store with the test's clock, events in and out, and the web app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, select
from werkzeug.test import TestResponse

from shared.auth import TokenVerifier, issue_token
from shared.contracts import unseal_event
from shared.messaging import tables as bus_tables
from shared.messaging.apply import Applier, Handler, Outcome, Prepare
from shared.messaging.event import Event
from shared.persistence.store import Store
from shared.runtime.clock import Clock
from shared.runtime.context import Context
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import read_settings
from tests.support.events import deliveries
from tests.support.statements import share_statements, with_keys_of_tests
from tests.support.stores import MONDAY, HandClock


@cache
def reference() -> Reference:
    """The built-in agencies and rules, loaded once."""
    return load_reference()


class ServiceUnderTest:
    """One service on one store.

    Args:
        service: its name.
        url: of an empty, migrated database.
        directory: for the settings.
        handlers: the service's own.
        start: where the clock stands.
        environ: settings that differ.
        prepare: that of the service's worker.
    """

    def __init__(
        self,
        service: str,
        url: str,
        directory: Path,
        handlers: Mapping[str, Handler],
        start: datetime = MONDAY,
        environ: Mapping[str, str] | None = None,
        prepare: Prepare | None = None,
    ) -> None:
        self.hand = HandClock(start)
        clock = Clock(source=self.hand)
        data = with_keys_of_tests(directory / "data")
        given = {"MOTCUA_MODE": "test", "MOTCUA_DATA": str(data)} | dict(environ or {})
        settings = replace(read_settings(given), clock=clock)
        hash_key, data_keys = settings.hash_key, settings.data_keys
        self.store = share_statements(Store(url, service, clock, 8, reference(), hash_key, data_keys))
        self.context = Context(service, settings, self.store, reference())
        self.applier = Applier(self.store, handlers, prepare=prepare)

    def apply(self, *events: Event | bytes) -> Outcome:
        """Applies events as one batch."""
        return self.applier.apply(deliveries(*events))

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows of a table, by its primary key."""
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]

    def emitted(self, *names: str) -> list[Event]:
        """The events in the outbox, in order; only those of the given names, if any."""
        stored = [Event.from_json(row["body"]) for row in self.rows(bus_tables.outbox)]
        events = [unseal_event(entry, self.store.data_keys) for entry in stored]
        return [entry for entry in events if not names or entry.name in names]

    def retry_rows(self) -> list[tuple[str, str]]:
        """State and kind of every row of the retry queue."""
        return [(row["state"], row["kind"]) for row in self.rows(bus_tables.retry_queue)]

    def headers(self, role: str, agency: str = "H57.10.01", subject: str = "official-7") -> dict[str, str]:
        """Request headers with a token."""
        return {"Authorization": f"Bearer {issue_token(self.context.settings.auth, subject, role, agency)}"}

    def app(self, create_app: Callable[..., Flask]) -> Flask:
        """The web app on this store; tokens are issued and checked with the real clock."""
        return create_app(self.context, TokenVerifier(self.context.settings.auth, Clock().wall))

    def client(self, create_app: Callable[..., Flask]) -> FlaskClient:
        """A client of the web app."""
        return self.app(create_app).test_client()


def body(response: TestResponse) -> Any:
    """The JSON of an answer."""
    return orjson.loads(response.get_data())


def with_unknown_fields(event: Event) -> bytes:
    """The event with fields of a newer version."""
    raw = orjson.loads(event.to_json())
    raw["data"]["said_by_a_later_version"] = {"x": 1}
    raw["later"] = True
    return orjson.dumps(raw)


def without(event: Event, field: str) -> bytes:
    """The event without one field of its data, which violates its contract."""
    raw = orjson.loads(event.to_json())
    del raw["data"][field]
    return orjson.dumps(raw)

"""Intake for tests: a migrated store with a manual clock, the API, incoming and emitted events."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Table, select, text

from services.intake.app import create_app
from services.intake.handlers import HANDLERS, prepare
from services.intake.migrations import metadata
from services.intake.procedures.commands import BUILTIN, publish
from shared.auth import issue_token
from shared.catalogue import load_builtin
from shared.contracts import unseal_event
from shared.messaging.apply import Applier, Outcome
from shared.messaging.event import Event
from shared.messaging.outbox import pending
from shared.persistence.store import Store
from shared.runtime.clock import VIETNAM, Clock
from shared.runtime.context import Context
from shared.runtime.reference_data import Reference, load_reference
from shared.runtime.settings import read_settings
from tests.support.events import deliveries, event
from tests.support.prepared import migrated
from tests.support.statements import share_statements, with_keys_of_tests
from tests.support.stores import HandClock

DESK = "H12.31.01"
OTHER_DESK = "H12.32.01"
REGISTRY = "H12.14.02"
LAND = "1.013831"
COPIES = "2.000815"
BIRTH = "1.001193"

LAND_TRANSFER: dict[str, Any] = {
    "procedure": LAND,
    "case": "transfer",
    "channel": "counter",
    "receiving_agency": DESK,
    "applicant": {
        "name": "Nguyễn Thị Bưởi",
        "id_number": "095185001234",
        "phone": "+84 912 345 678",
        "email": "buoi@example.vn",
        "address": "Ấp Long Thành",
    },
    "papers": ["application", "certificate", "contract"],
}


def at(moment: str) -> datetime:
    """A Vietnamese time such as ``2025-11-20 08:15``."""
    return datetime.fromisoformat(moment).replace(tzinfo=VIETNAM)


THURSDAY = at("2025-11-20 08:15")
PROMISED = at("2025-12-02 17:30")


@cache
def reference() -> Reference:
    """The built-in agencies and rules, loaded once."""
    return load_reference()


def changed(base: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A copy of a body with some fields changed; ``applicant__phone="…"`` changes a nested field."""
    body = deepcopy(base)
    for path, value in fields.items():
        *outer, name = path.split("__")
        target = body
        for key in outer:
            target = target[key]
        target[name] = value
    return body


def published(url: str) -> None:
    """Makes intake's tables with the catalogue published on Thursday, as if intake had not been used since."""
    migrated("intake")(url)
    store = Store(url, "intake", Clock(source=HandClock(THURSDAY)), reference=reference())
    store.run(lambda work: publish(work, load_builtin(), BUILTIN))
    with store.uow() as work:
        work.connection.execute(text("DELETE FROM epoch"))  # it names this very database, of which tests get copies
    store.close()


class IntakeService:
    """Intake on one store.

    Args:
        url: of a database that `published` has made.
        directory: for the files of the settings.
        start: time of the clock.
    """

    def __init__(self, url: str, directory: Path, start: datetime = THURSDAY) -> None:
        self.hand_clock = HandClock(start)
        clock = Clock(source=self.hand_clock)
        settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(with_keys_of_tests(directory))})
        self.store = share_statements(
            Store(
                url,
                "intake",
                clock,
                pool=6,
                reference=reference(),
                hash_key=settings.hash_key,
                data_keys=settings.data_keys,
            )
        )
        self.applier = Applier(self.store, HANDLERS, prepare=prepare)
        settings = settings.__class__(**{**vars(settings), "clock": clock})
        self.context = Context("intake", settings, self.store, reference())
        self.client: Any = create_app(self.context).test_client()
        self._numbers: dict[str, int] = {}

    def token(self, role: str | list[str] = "clerk", agency: str = DESK, subject: str = "clerk-7") -> dict[str, str]:
        """Request headers with a token."""
        return {"Authorization": f"Bearer {issue_token(self.context.settings.auth, subject, role, agency)}"}

    def post(self, path: str, body: Any, agency: str = DESK, role: str = "clerk", key: str | None = None) -> Any:
        """A POST to a path below ``/intake/api``, by default by a clerk of the desk."""
        headers = self.token(role, agency) | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/intake/api{path}", json=body, headers=headers)

    def get(self, path: str, agency: str = DESK, role: str = "clerk", **query: Any) -> Any:
        """A GET of a path below ``/intake/api``, by default by a clerk of the desk."""
        return self.client.get(f"/intake/api{path}", query_string=query, headers=self.token(role, agency))

    def file(self, **fields: Any) -> dict[str, Any]:
        """Files the land transfer with some fields changed; returns the receipt."""
        body = {"insist": True} | changed(LAND_TRANSFER, **fields)
        answer = self.post("/dossiers", body, agency=body["receiving_agency"])
        assert answer.status_code == 201, answer.json
        receipt: dict[str, Any] = answer.json
        return receipt

    def receive_event(self, event_name: str, code: str, sequence: int | None = None, **data: Any) -> Outcome:
        """Applies an event about a dossier, usually from routing."""
        number = self._numbers[code] = sequence or self._numbers.get(code, 0) + 1
        incoming = event(event_name, number, id=f"{event_name}-{code}-{number}", dossier=code)
        incoming = replace(incoming, data=incoming.data | data)
        return self.applier.apply(deliveries(incoming))

    def rows(self, table: str | Table) -> list[dict[str, Any]]:
        """All rows of a table: one of intake's by its name, or any other."""
        table = metadata.tables[table] if isinstance(table, str) else table
        with self.store.read() as connection:
            return [dict(row._mapping) for row in connection.execute(select(table))]

    def emitted(self, name: str = "") -> list[dict[str, Any]]:
        """The events in the outbox, in order; all, or those of one name."""
        with self.store.read() as connection:
            stored = [Event.from_json(row.body) for row in pending(connection, 10_000)]
        bodies = [orjson.loads(unseal_event(entry, self.store.data_keys).to_json()) for entry in stored]
        return [body for body in bodies if name in ("", body["type"].removeprefix("vn.motcua.").removesuffix(".v1"))]

    def advance(self, span: timedelta) -> None:
        """Moves the clock, for real and business time alike."""
        self.hand_clock.pass_(span)

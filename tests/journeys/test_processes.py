"""The journey on a platform of separate processes, on files and on servers; personal data are readable nowhere outside their pages."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text
from sqlalchemy.exc import SQLAlchemyError

from services.intake.dossiers.store import dossiers
from services.notify.contacts.store import contacts
from services.registry import SERVICE_NAMES
from shared.client.tracked_dossier import LAND_TRANSFER, DossierDriver, TrackedDossier
from shared.messaging.event import Event
from shared.persistence.store import Store
from tests.faults.delivery_audit import CompletedDossier, DeliveryAudit, pending_work
from tests.journeys import actors
from tests.journeys.actors import DESK
from tests.journeys.event_recorder import EventRecorder
from tests.journeys.test_journey import WAY
from tests.support.backends import fresh_backends
from tests.support.backups import plain_url
from tests.support.platform import APART, EACH, Layout, Running
from tests.support.postgres import binary
from tests.support.processes import wait_until

NAME, FOLDED = "Huỳnh Thị Ngọc Diễm", "Huynh Thi Ngoc Diem"
ESCAPED = NAME.encode("ascii", "backslashreplace").decode()
ID_NUMBER = "095185771234"
PHONES = ("0912 883 678", "0912883678", "84912883678")
EMAIL, HAMLET = "diem.huynh@example.vn", "Ấp Vĩnh Lộc Thượng"
TRACES = (NAME, FOLDED, ESCAPED, ID_NUMBER, *PHONES, EMAIL, HAMLET)
CITIZEN = {"name": NAME, "id_number": ID_NUMBER, "phone": PHONES[0], "email": EMAIL, "address": HAMLET}
LAYOUTS: dict[str, Layout] = {"files": APART, "servers": EACH}


@pytest.fixture(params=LAYOUTS)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A platform of processes with the most detailed log level; on files each is started as an operator starts it."""
    servers = request.param == "servers"
    postgres = request.getfixturevalue("postgres") if servers else None
    rabbit = request.getfixturevalue("rabbit") if servers else None
    with (
        fresh_backends(tmp_path, postgres, rabbit) as base,
        Running(tmp_path, base, LAYOUTS[request.param], settings={"MOTCUA_LOG": "DEBUG"}, forked=servers) as platform,
    ):
        yield platform


def test_personal_data_can_be_read_in_no_event_table_file_metric_or_log(running: Running) -> None:
    event_recorder = EventRecorder(running.backends.bus_url)
    tracked = travel(running)
    events = event_recorder.wait_for("rating.given") and event_recorder.seen()
    event_recorder.close()
    events_tell_nothing(events, tracked.code)
    databases_tell_nothing(running)
    files_tell_nothing(running)
    metrics_tell_nothing(running)
    running.end()
    logs_tell_nothing(running)


def travel(platform: Running) -> TrackedDossier:
    """A dossier from filing to rating, with a refused filing, a wrong secret and a wrong clerk; then waits until all queues are empty."""
    people = platform.people()
    try:
        journey = DossierDriver(people, timeout=actors.TIMEOUT)
        actors.refused(422, people.file, DESK, {**LAND_TRANSFER, "applicant": CITIZEN, "papers": []})
        actors.refused(422, people.file, DESK, {**LAND_TRANSFER, "applicant": {**CITIZEN, "id_number": ID_NUMBER[:-1]}})
        tracked = journey.file(DESK, {**LAND_TRANSFER, "applicant": CITIZEN})
        actors.refused(404, actors.look_up, people, {**tracked.receipt, "secret": "WRONG1"})
        actors.look_up(people, tracked.receipt)
        people.client_for("clerk", DESK).get("/intake/api/dossiers")
        journey.work_through(tracked)
        journey.hand_back(tracked)
        journey.rate(tracked, 5)
        actors.refused(403, people.client_for("clerk", actors.OTHER_DESK).get, f"/intake/api/dossiers/{tracked.code}")
    finally:
        people.close()
    steps = tuple(step for step, _, _ in WAY)
    story = CompletedDossier(tracked.code, steps, taxed=True)
    wait_until(lambda: not any(pending_work(platform.stores, platform.settings).values()), what="empty queues")
    wait_until(lambda: not DeliveryAudit(platform.stores, platform.spool, [story]).differences, what="balanced books")
    return tracked


def events_tell_nothing(events: list[Event], code: str) -> None:
    (restricted,) = [event for event in events if event.name == "applicant.registered"]
    assert restricted.key == code
    names = {event.name for event in events}
    assert {"dossier.received", "obligation.requested", "fee.paid", "message.sent", "rating.given"} <= names
    found = {event.name: traces(event.to_json().decode()) for event in events}
    assert not any(found.values()), found


def databases_tell_nothing(platform: Running) -> None:
    found = {name: traces(everything_in(platform.stores[name])) for name in SERVICE_NAMES}
    assert not any(found.values()), found
    readable = {
        "intake": select(dossiers.c.applicant_name, dossiers.c.applicant_id_number, dossiers.c.applicant_phone),
        "notify": select(contacts.c.name, contacts.c.email),
    }
    for name, statement in readable.items():
        with platform.stores[name].read() as connection:
            assert traces(str(tuple(connection.execute(statement).one()))), "it searches for what is nowhere"


def files_tell_nothing(platform: Running) -> None:
    """No file of a database, its journal, or the embedded bus holds anything readable; PostgreSQL's dumps neither."""
    files = [path for path in platform.directory.rglob("*.db*") if path.is_file()]
    contents = {path.name: path.read_bytes().decode("utf-8", "replace") for path in files}
    for name, url in platform.backends.db_urls.items():
        if url.startswith("postgresql"):
            dumped = subprocess.run([binary("pg_dump"), plain_url(url)], capture_output=True, check=True, timeout=60)
            contents[name] = dumped.stdout.decode()
    assert len(contents) >= len(SERVICE_NAMES)
    found = {name: traces(content) for name, content in contents.items()}
    assert not any(found.values()), found


def metrics_tell_nothing(platform: Running) -> None:
    for name in SERVICE_NAMES:
        status, _, body = actors.raw(platform.address, "GET", f"/{name}/metrics")
        assert status == 200
        assert f'service="{name}"' in body.decode()
        assert traces(body.decode()) == []


def logs_tell_nothing(platform: Running) -> None:
    logs = {log.name: log.read_text(errors="replace") for log in platform.logs}
    assert set(logs) == {f"{name}.log" for name in platform.layout}
    assert all(logs.values()), "a process that logs nothing proves nothing"
    assert not any(traces(content) for content in logs.values()), {name: traces(c) for name, c in logs.items()}


def traces(content: str) -> list[str]:
    """The personal data of the citizen in a text."""
    folded = content.casefold()
    return [trace for trace in TRACES if trace.casefold() in folded]


def everything_in(store: Store) -> str:
    """All rows of all tables of a database, as text."""
    metadata = MetaData()
    with store.read() as connection:
        metadata.reflect(connection)
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert rows
    return "\n".join(str(tuple(row)) for row in rows)


def test_a_database_error_does_not_contain_the_data(pair_store: Store) -> None:
    with pytest.raises(SQLAlchemyError) as caught, pair_store.uow() as work:
        work.execute(
            text("INSERT INTO nowhere (name, phone) VALUES (:name, :phone)"), {"name": NAME, "phone": PHONES[1]}
        )
    assert traces(str(caught.value)) == []


@pytest.fixture
def pair_store(store_url: str) -> Iterator[Store]:
    """A store on each kind of database."""
    store = Store(store_url, "notify")
    yield store
    store.close()

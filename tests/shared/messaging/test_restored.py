"""A new epoch is announced once, and what was forgotten is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from shared.messaging.restored import MARGIN, announce
from shared.messaging.tables import inbox, outbox
from shared.persistence import epoch
from shared.persistence.store import Store
from tests.support.backups import back_up, restore
from tests.support.stores import HandClock, bus_store


def _outbox(store: Store) -> list[tuple[str, dict[str, object]]]:
    with store.read() as connection:
        rows = connection.execute(select(outbox.c.type, outbox.c.body).order_by(outbox.c.id)).all()
    return [(type_, orjson.loads(body)["data"]) for type_, body in rows]


def _since(store: Store) -> set[datetime]:
    return {
        datetime.fromisoformat(str(data["since"]))
        for type_, data in _outbox(store)
        if "since" in data and "epoch" not in data
    }


def test_a_database_that_was_never_restored_announces_nothing(bus_store_url: str) -> None:
    store = bus_store(bus_store_url, "intake", HandClock())
    assert not announce(store)
    assert _outbox(store) == []
    store.close()


def test_a_restored_database_asks_for_what_came_since_shortly_before_the_backup(
    bus_store_url: str, tmp_path: Path
) -> None:
    hand = HandClock()
    store = bus_store(bus_store_url, "intake", hand)
    taken = store.clock.wall()
    store.run(lambda unit: unit.execute(inbox.insert().values(source="s", event_id="e", applied_at=taken)))
    copy = back_up(bus_store_url, tmp_path / "copy")
    store.run(
        lambda unit: unit.emit("dossier.withdrawn", {"dossier": "D", "receiving_agency": "A", "withdrawn_at": taken})
    )
    store.close()
    restore(bus_store_url, copy)
    hand.pass_(timedelta(days=1))
    store = bus_store(bus_store_url, "intake", hand)
    assert announce(store)
    assert not announce(store)
    told = [data for type_, data in _outbox(store) if type_ == "vn.motcua.store.restored.v1"]
    assert [data["epoch"] for data in told] == [int(hand.seconds)]
    assert _since(store) == {taken - MARGIN}
    store.close()


@pytest.mark.parametrize("reason", ["an operator restored it", "routing knows D with other contents"])
def test_where_the_moment_of_the_backup_is_unknown_everything_is_asked_for(bus_store_url: str, reason: str) -> None:
    hand = HandClock()
    store = bus_store(bus_store_url, "intake", hand)
    store.run(lambda unit: unit.execute(inbox.insert().values(source="s", event_id="e", applied_at=unit.clock.wall())))
    store.run(lambda unit: epoch.begin(unit.connection, reason, hand.seconds + 1))
    assert announce(store)
    assert {moment.timestamp() for moment in _since(store)} == {0.0}
    store.close()

"""A rebuild beside what it does not rebuild: officials' numbers stay, and no table of facts is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event as listening
from sqlalchemy import update

from services.operations import stats as operations
from services.stats.archive.rebuild.tables import rebuilt_tables
from services.stats.archive.store import batches, heads
from services.stats.database import metadata
from services.stats.facts.store import dossiers
from services.stats.handlers import FACTS, HANDLERS, RESTRICTED, UNLINKED
from services.stats.index import store as index
from services.stats.officials.store import official_acts, official_totals
from services.stats.totals.codes import codes
from shared.messaging import restored
from shared.messaging.tables import inbox
from shared.messaging.tables import metadata as messaging
from shared.persistence.store import Store
from tests.support.events import event
from tests.support.service import ServiceUnderTest

OFFICIALS = (official_acts, official_totals)
WRITTEN = re.compile(r"\b(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|MERGE INTO) \"?(\w+)", re.IGNORECASE)


def rebuild(stats: ServiceUnderTest) -> int | None:
    """What ``motcua stats rebuild --switch --accept-differences`` does."""
    with operations.stats_rebuild(stats.context, lambda _: None) as work:
        work.build()
        return work.switch(accept_differences=True)


def test_what_officials_did_is_not_archived_and_stays_as_it_is(both: ServiceUnderTest) -> None:
    both.apply(*(event(name, 1) for name in HANDLERS if name not in restored.HANDLERS))
    before = {table.name: both.rows(table) for table in OFFICIALS}
    assert all(before.values())
    assert {name for name in HANDLERS if name.startswith("official.")} == RESTRICTED.keys()
    both.store.run(lambda work: work.execute(update(dossiers).values(fee=7)))
    changed = rebuild(both)
    assert changed
    assert {table.name: both.rows(table) for table in OFFICIALS} == before


@contextmanager
def written(store: Store) -> Iterator[set[str]]:
    """The names of the tables that are written in the block."""
    found: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.update(WRITTEN.findall(statement))

    listening.listen(store.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        listening.remove(store.engine, "before_cursor_execute", note)


def test_whatever_handlers_write_is_rebuilt_or_known_not_to_be(stats: ServiceUnderTest) -> None:
    """A table outside of facts/ and totals/ would be missing after a rebuild, and nobody would notice."""
    names = [name for name in (*FACTS, *UNLINKED) if name not in restored.HANDLERS]
    with written(stats.store) as tables:
        stats.apply(*(event(name, 1) for name in names))
        stats.hand.pass_(timedelta(days=90))  # facts that come late
        stats.apply(*(event(name, 2, id=f"late-{name}") for name in names))
    own = tables & metadata.tables.keys()
    assert len(own) > 10
    beside = {batches.name, heads.name, index.changes.name, codes.name}
    assert own - {table.name for table in rebuilt_tables()} <= beside | messaging.tables.keys()
    assert inbox.name in tables

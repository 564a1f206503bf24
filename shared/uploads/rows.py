"""The table of uploads. A row is there before its file is and goes after it, so that no file is ever forgotten in the storage.

The name and the hash are encrypted: a person typed the name, and a plain hash would show who has handed in a file that somebody knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table, delete, func, select, update

from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork
from shared.uploads.upload import SHOWN, State, StillChecking, Upload

_NAMES = ("id", "paper", "name", "media_type", "size", "sha256")


def uploads_table(metadata: MetaData) -> Table:
    """The table, among those of a service."""
    return Table(
        "upload",
        metadata,
        Column("id", String(36), primary_key=True),
        Column("draft", String(36), nullable=False),  # or the submission that it became
        Column("paper", String(50), nullable=False),
        Column("name", PersonalText("upload.name", row="id"), nullable=False),
        Column("media_type", String(30), nullable=False),
        Column("size", Integer, nullable=False),
        Column("sha256", PersonalText("upload.sha256", row="id"), nullable=False),
        Column("state", String(10), nullable=False),
        Column("changed_at", Moment, nullable=False),
        Index("ix_upload_draft", "draft"),
        Index("ix_upload_state", "state", "changed_at"),
    )


class UploadRows:
    """What is read and written in the table of one service.

    Args:
        table: made by :func:`uploads_table`.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._c = table.c
        self._columns = [table.c[name] for name in (*_NAMES, "state")]

    def announce(self, work: UnitOfWork, draft: str, upload: Upload) -> None:
        """Notes that a file is about to be kept."""
        fields = {name: getattr(upload, name) for name in _NAMES}
        row = fields | {"draft": draft, "state": State.ARRIVING, "changed_at": work.clock.wall()}
        work.execute(self.table.insert(), personal_values(self.table, row))

    def confirm(self, work: UnitOfWork, id: str, clean: bool) -> bool:
        """Notes that a file is stored; False if it took so long that it was given up.

        Args:
            work: the transaction.
            id: of the file.
            clean: whether it was scanned; otherwise it waits for the scanner.
        """
        new = State.KEPT if clean else State.CHECKING
        return self._set_state(work, new, self._c.id == id, self._c.state == State.ARRIVING) == 1

    def scanned(self, work: UnitOfWork, id: str, clean: bool) -> bool:
        """Notes what the scanner has said of a file that waited for it; False if it waits no longer."""
        new = State.KEPT if clean else State.REFUSED
        return self._set_state(work, new, self._c.id == id, self._c.state == State.CHECKING) == 1

    def waiting(self, connection: Connection, most: int) -> list[str]:
        """Ids of the files that wait for the scanner, the oldest first."""
        found = select(self._c.id).where(self._c.state == State.CHECKING).order_by(self._c.changed_at)
        return list(connection.execute(found.limit(most)).scalars())

    def check_scanned(self, connection: Connection, draft: str) -> None:
        """Checks that no file of a draft waits for the scanner, so that none is left out when it is handed in.

        Raises:
            StillChecking: one does.
        """
        if names := [one.name for one in self.shown_of_draft(connection, draft) if one.state is State.CHECKING]:
            raise StillChecking(names)

    def of_draft(self, connection: Connection, draft: str) -> list[Upload]:
        """The files of a draft that may be used, in the order in which they came."""
        return [one for one in self.shown_of_draft(connection, draft) if one.state is State.KEPT]

    def shown_of_draft(self, connection: Connection, draft: str) -> list[Upload]:
        """The files of a draft, with those that wait for the scanner or were refused by it, in the order in which they came."""
        found = select(*self._columns).where(self._c.draft == draft, self._c.state.in_(SHOWN))
        rows = connection.execute(found.order_by(self._c.changed_at, self._c.id))
        return [Upload(**{**row._mapping, "state": State(row.state)}) for row in rows]

    def count(self, connection: Connection, draft: str, paper: str = "") -> int:
        """How many files a draft or one of its papers has, those that are arriving included."""
        found = select(func.count()).where(self._c.draft == draft, self._c.state != State.DELETED)
        return connection.execute(found.where(self._c.paper == paper) if paper else found).scalar_one()

    def discard(self, work: UnitOfWork, draft: str, id: str = "") -> None:
        """Has one file of a draft deleted, or all of them: the row says so at once, the sweep deletes the file."""
        chosen = [self._c.draft == draft] + ([self._c.id == id] if id else [])
        self._set_state(work, State.DELETED, *chosen)

    def has_failed(self, connection: Connection, arriving_before: datetime) -> bool:
        """Whether an upload began so long ago that it has failed."""
        failed = select(self._c.id).where(self._c.state == State.ARRIVING, self._c.changed_at < arriving_before)
        return connection.execute(failed.limit(1)).first() is not None

    def give_up(self, work: UnitOfWork, arriving_before: datetime) -> None:
        """Has files deleted whose upload has failed; from now on :meth:`confirm` refuses them."""
        self._set_state(work, State.DELETED, self._c.state == State.ARRIVING, self._c.changed_at < arriving_before)

    def to_delete(self, connection: Connection, most: int) -> list[str]:
        """Ids of files to be deleted."""
        found = select(self._c.id).where(self._c.state == State.DELETED).limit(most)
        return list(connection.execute(found).scalars())

    def forget(self, work: UnitOfWork, id: str) -> None:
        """Deletes the row of a file that the storage no longer has."""
        work.execute(delete(self.table).where(self._c.id == id, self._c.state == State.DELETED))

    def known(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        """Those of some ids of which there is a row."""
        return set(connection.execute(select(self._c.id).where(self._c.id.in_(ids))).scalars())

    def ids_after(self, connection: Connection, after: str, most: int) -> list[str]:
        """Ids of stored files in their order, from one on; for walking over all of them."""
        found = select(self._c.id).where(self._c.state.in_((State.KEPT, State.CHECKING)), self._c.id > after)
        return list(connection.execute(found.order_by(self._c.id).limit(most)).scalars())

    def _set_state(self, work: UnitOfWork, state: State, *where: Any) -> int:
        changed = work.execute(update(self.table).where(*where).values(state=state, changed_at=work.clock.wall()))
        return int(changed.rowcount)

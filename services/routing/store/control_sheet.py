"""Statements on the process control sheet. None of them changes or deletes a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from services.routing.domain.handover import Entry, HandoverKind, HandoverResult, Head
from services.routing.store.tables import dossiers, handovers
from shared.persistence.unit_of_work import UnitOfWork

_C = handovers.c
_COLUMNS = tuple(column.name for column in handovers.columns)
_PAGE = 500
_ADD = insert(handovers)
_NOTE_LAST = (
    update(dossiers)
    .where(dossiers.c.code == bindparam("of_code"))
    .values(control_sheet_entries=bindparam("number"), control_sheet_hash=bindparam("last_hash"))
)
_OF_TASK = (_C.dossier == bindparam("of_dossier"), _C.task == bindparam("of_task"))
_LAST_KIND = select(_C.kind).where(*_OF_TASK, _C.kind != HandoverKind.RESCHEDULED).order_by(_C.number.desc()).limit(1)
_LAST_SENDER = (
    select(_C.by)
    .where(*_OF_TASK, _C.kind.in_((HandoverKind.GIVEN, HandoverKind.RESENT)))
    .order_by(_C.number.desc())
    .limit(1)
)
_SHEET = (
    select(dossiers.c.control_sheet_entries, dossiers.c.control_sheet_hash, *handovers.columns)
    .select_from(dossiers.outerjoin(handovers, handovers.c.dossier == dossiers.c.code))
    .where(dossiers.c.code == bindparam("code"))
    .order_by(handovers.c.number)
)


def append(work: UnitOfWork, entries: Sequence[Entry]) -> None:
    """Appends entries to a dossier's sheet, and notes the last one in the dossier's row.

    They are written with those of other dossiers, at the latest when the transaction commits: see :func:`write_appended`.
    """
    for entry in entries:
        work.defer(_ADD, {name: getattr(entry, name) for name in _COLUMNS})
    last = entries[-1]
    work.defer(_NOTE_LAST, {"of_code": last.dossier, "number": last.number, "last_hash": last.hash})
    work.attached(_appended_to).add(last.dossier)


def write_appended(work: UnitOfWork, dossier: str) -> bool:
    """Writes the entries that the transaction has appended so far, if any is the dossier's; returns whether one is.

    Whoever reads a sheet, or the last entry in a dossier's row, to change it calls this first.
    """
    if dossier not in work.attached(_appended_to):
        return False
    work.flush()
    return True


def _appended_to(_: UnitOfWork) -> set[str]:
    """The dossiers to whose sheets a transaction has appended."""
    return set()


def last_kind(work: UnitOfWork, dossier: str, task: str) -> HandoverKind | None:
    """The kind of the last entry about a step, remarks left out."""
    write_appended(work, dossier)
    kind = work.connection.execute(_LAST_KIND, {"of_dossier": dossier, "of_task": task}).scalar_one_or_none()
    return HandoverKind(kind) if kind else None


def last_sender(work: UnitOfWork, dossier: str, task: str) -> str:
    """The official who handed a step over, the last time; empty where that was nobody in particular."""
    write_appended(work, dossier)
    return work.connection.execute(_LAST_SENDER, {"of_dossier": dossier, "of_task": task}).scalar_one_or_none() or ""


def sheet(connection: Connection, code: str) -> tuple[list[Entry], Head | None]:
    """A dossier's sheet in order, and its last entry as stored in the dossier's own row; None when it has stored none.

    One statement reads both, so that they match even if an entry is added meanwhile.
    """
    rows = connection.execute(_SHEET, {"code": code}).all()
    found = [_entry(row) for row in rows if row.kind is not None]
    head = (
        Head(rows[0].control_sheet_entries, rows[0].control_sheet_hash)
        if rows and rows[0].control_sheet_entries
        else None
    )
    return found, head


def codes(connection: Connection) -> Iterator[str]:
    """The codes of all citizens' dossiers, in order."""
    after = ""
    while True:
        statement = (
            select(dossiers.c.code)
            .where(dossiers.c.code > after, dossiers.c.root == dossiers.c.code)
            .order_by(dossiers.c.code)
            .limit(_PAGE)
        )
        page = connection.execute(statement).scalars().all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    values = {name: row._mapping[name] for name in _COLUMNS}
    return Entry(**(values | {"kind": HandoverKind(values["kind"]), "result": HandoverResult(values["result"])}))

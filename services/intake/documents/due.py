"""Papers that an act has made due: noted in the transaction of the act, issued soon after it.

A paper's number locks a counter until the commit. So an act, above all one among many in a worker's batch, only notes what is due; the
paper is issued in a short transaction of its own, which deletes the note (see :mod:`services.intake.documents.issuing`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Index, String, Table, bindparam, delete, select

from services.intake.database import metadata
from services.intake.documents.domain import DocumentType
from shared.persistence.sql import Moment, Upsert
from shared.persistence.unit_of_work import UnitOfWork

HINT = "documents"
"""Wakes the worker that issues what is due."""

due = Table(
    "document_due",
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("kind", String(30), primary_key=True),
    Column("cause", String(100), primary_key=True),
    Column("due_from", Moment, nullable=False),
    Column("issued_by", String(200), nullable=False),
    Index("ix_document_due_from", "due_from"),
)

_C = due.c
_NOTE = Upsert(due, lambda row: row.on_conflict_do_nothing())
_FIRST = select(_C.dossier).order_by(_C.due_from, _C.dossier).limit(bindparam("most"))
_OF_DOSSIER = select(_C.kind, _C.cause, _C.issued_by).where(_C.dossier == bindparam("of_code")).order_by(_C.due_from)
_DONE = delete(due).where(
    _C.dossier == bindparam("of_code"), _C.kind == bindparam("of_kind"), _C.cause == bindparam("of_cause")
)


@dataclass(frozen=True, slots=True)
class DueDocument:
    """A paper that is due. `cause` is as in :class:`services.intake.documents.domain.IssuedDocument`."""

    kind: DocumentType
    cause: str
    issued_by: str


def note_due(work: UnitOfWork, kind: DocumentType, dossier: str, cause: str, issued_by: str = "") -> None:
    """Notes in the transaction of an act that its paper is due; the same again changes nothing. Written at the commit.

    Args:
        work: the transaction.
        kind: of paper.
        dossier: the code of the dossier or application.
        cause: see :class:`services.intake.documents.domain.IssuedDocument`.
        issued_by: the subject of the official's token; empty for an act that an event tells of.
    """
    values = {"dossier": dossier, "kind": str(kind), "cause": cause, "due_from": work.now, "issued_by": issued_by}
    work.defer(_NOTE.on(work.connection), values)
    work.hint(HINT)


def due_dossiers(connection: Connection, most: int) -> list[str]:
    """Codes of dossiers of which papers are due, the longest wait first, each once."""
    return list(dict.fromkeys(connection.execute(_FIRST, {"most": most}).scalars()))


def due_of(connection: Connection, dossier: str) -> list[DueDocument]:
    """A dossier's papers that are due."""
    rows = connection.execute(_OF_DOSSIER, {"of_code": dossier})
    return [DueDocument(DocumentType(kind), cause, by) for kind, cause, by in rows]


def delete_due(connection: Connection, dossier: str, one: DueDocument) -> None:
    """Deletes the note of a paper that was issued."""
    connection.execute(_DONE, {"of_code": dossier, "of_kind": str(one.kind), "of_cause": one.cause})

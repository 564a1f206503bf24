"""The tables of issued papers and of the template versions that they are printed from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, bindparam, select, update

from services.intake.database import metadata
from services.intake.documents.domain import IssuedDocument, UnknownDocument
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

documents = Table(
    "document",
    metadata,
    Column("number", String(100), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("cause", String(100), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("issued_by", String(200), nullable=False),
    Column(
        "contents", PersonalText("document.contents", row="number")
    ),  # JSON with personal data; NULL after their erasure
    Column("template", String(64), nullable=False),
    Column("sha256", String(64)),  # of the PDF; NULL until it was first printed
    Column("check_code", String(20), nullable=False),
    Column("replaced_at", Moment),
    Column("replaced_by", String(100), nullable=False),
    Index("ix_document_dossier", "dossier", "issued_at"),
)

templates = Table(
    "document_template",  # the sources of every version that a paper was issued with
    metadata,
    Column("version", String(64), primary_key=True),
    Column("sources", Text, nullable=False),  # JSON: text by file name
)

_C = documents.c
_ADD = documents.insert()
_BY_NUMBER = select(documents).where(_C.number == bindparam("of_number")).order_by(_C.year.desc())
_OF_DOSSIER = select(documents).where(_C.dossier == bindparam("of_code")).order_by(_C.issued_at, _C.number)
_HASHED = (
    update(documents)
    .where(_C.number == bindparam("of_number"), _C.year == bindparam("of_year"), _C.sha256.is_(None))
    .values(sha256=bindparam("hash"))
)
_REPLACED = (
    update(documents)
    .where(_C.number == bindparam("of_number"), _C.year == bindparam("of_year"), _C.replaced_at.is_(None))
    .values(replaced_at=bindparam("at"), replaced_by=bindparam("by"))
)
_ERASED = update(documents).where(_C.dossier == bindparam("of_code")).values(contents=None)
_SOURCES = select(templates.c.sources).where(templates.c.version == bindparam("of_version"))


def add(connection: Connection, document: IssuedDocument) -> None:
    """Records an issued paper."""
    values = {name: getattr(document, name) for name in IssuedDocument.__slots__}
    connection.execute(_ADD, personal_values(documents, values))


def issued(connection: Connection, number: str) -> list[IssuedDocument]:
    """The papers of a number, one for each year at most, the newest first."""
    return [IssuedDocument(*row) for row in connection.execute(_BY_NUMBER, {"of_number": number})]


def get(connection: Connection, number: str, year: int) -> IssuedDocument:
    """An issued paper.

    Raises:
        UnknownDocument: there is none.
    """
    for document in issued(connection, number):
        if document.year == year:
            return document
    raise UnknownDocument(number)


def documents_of(connection: Connection, dossier: str) -> list[IssuedDocument]:
    """A dossier's papers in the order in which they were issued."""
    return [IssuedDocument(*row) for row in connection.execute(_OF_DOSSIER, {"of_code": dossier})]


def valid_document(connection: Connection, dossier: str, kind: str, cause: str) -> IssuedDocument | None:
    """A dossier's valid paper of a kind and cause; None when there is none."""
    found = [one for one in documents_of(connection, dossier) if one.valid and (one.kind, one.cause) == (kind, cause)]
    return found[-1] if found else None


def replace(connection: Connection, document: IssuedDocument, number: str, at: datetime) -> None:
    """Records that a paper is no longer valid, and which one is instead."""
    values = {"of_number": document.number, "of_year": document.year, "at": at, "by": number}
    connection.execute(_REPLACED, values)


def record_hash(connection: Connection, document: IssuedDocument, sha256: str) -> None:
    """Records the hash of a paper's file, the first time that it is printed."""
    connection.execute(_HASHED, {"of_number": document.number, "of_year": document.year, "hash": sha256})


def erase_contents(connection: Connection, dossier: str) -> None:
    """Erases what a dossier's papers say; that they were issued stays known and verifiable."""
    connection.execute(_ERASED, {"of_code": dossier})


def keep_template(work: UnitOfWork, version: str, sources: str) -> None:
    """Keeps the sources of a version, once."""
    values: Mapping[str, Any] = {"version": version, "sources": sources}
    work.execute(work.insert(templates).values(**values).on_conflict_do_nothing())


def template_sources(connection: Connection, version: str) -> str:
    """The sources of a version.

    Raises:
        LookupError: no paper was issued with it.
    """
    sources: str | None = connection.execute(_SOURCES, {"of_version": version}).scalar()
    if sources is None:
        raise LookupError(f"template {version} is not known")
    return sources

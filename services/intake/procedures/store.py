"""The tables of procedures and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, Text, bindparam, func, select

from services.intake.database import metadata
from shared.catalogue import Procedure
from shared.persistence.sql import Moment, insert

procedures = Table(
    "procedure",  # every version ever published; rows are never changed or deleted
    metadata,
    Column("code", String(50), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("revision", Integer, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("field", String(50), nullable=False),
    Column("name", Text, nullable=False),
    Column("origin", String(10), nullable=False),
    Column("definition", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
)

catalogue_revision = Table(
    "catalogue_revision",  # one row; a publication locks it, so that versions are numbered one after the other
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class CurrentVersion:
    """The current version of a procedure.

    Attributes:
        version: its number.
        digest: of its definition.
        origin: ``builtin`` or ``import``.
    """

    version: int
    digest: str
    origin: str


_ONLY_ID = 1
_REVISION = select(catalogue_revision.c.revision).where(catalogue_revision.c.id == _ONLY_ID)
_PUBLISHED_AFTER = (
    select(procedures.c.code, procedures.c.version, procedures.c.definition)
    .where(procedures.c.revision > bindparam("after_revision"))
    .order_by(procedures.c.revision, procedures.c.code)
)
_DEFINITION = select(procedures.c.definition).where(
    procedures.c.code == bindparam("of_code"), procedures.c.version == bindparam("of_version")
)


def next_revision(connection: Connection) -> int:
    """Increments the catalogue's revision and returns it; locks other publications out until the commit."""
    statement = insert(catalogue_revision, connection).values(id=_ONLY_ID, revision=1)
    statement = statement.on_conflict_do_update(
        index_elements=[catalogue_revision.c.id], set_={"revision": catalogue_revision.c.revision + 1}
    ).returning(catalogue_revision.c.revision)
    return int(connection.execute(statement).scalar_one())


def revision(connection: Connection) -> int:
    """The catalogue's revision, which every publication increments; 0 before the first."""
    return int(connection.execute(_REVISION).scalar() or 0)


def published_after(connection: Connection, known: int) -> list[tuple[str, int, str]]:
    """Code, version and definition (JSON) of the versions published after a revision, the newest last."""
    return [
        (code, version, text) for code, version, text in connection.execute(_PUBLISHED_AFTER, {"after_revision": known})
    ]


def definition(connection: Connection, code: str, version: int) -> str | None:
    """The definition (JSON) of one version; None when there is none."""
    return connection.execute(_DEFINITION, {"of_code": code, "of_version": version}).scalar()


def current(connection: Connection) -> dict[str, CurrentVersion]:
    """The current version of every procedure, by its code."""
    newest = (
        select(procedures.c.code, func.max(procedures.c.version).label("version"))
        .group_by(procedures.c.code)
        .subquery()
    )
    statement = select(procedures.c.code, procedures.c.version, procedures.c.digest, procedures.c.origin).join(
        newest, (newest.c.code == procedures.c.code) & (newest.c.version == procedures.c.version)
    )
    return {code: CurrentVersion(*rest) for code, *rest in connection.execute(statement)}


def in_force(connection: Connection) -> dict[str, tuple[int, str]]:
    """Version and definition (JSON) of every procedure in force, by its code."""
    return {code: (version, text) for code, version, text in published_after(connection, 0)}


def digests(connection: Connection) -> set[tuple[str, str]]:
    """(code, digest) of every version ever published."""
    return {(code, digest) for code, digest in connection.execute(select(procedures.c.code, procedures.c.digest))}


def add(
    connection: Connection, versions: Iterable[tuple[Procedure, int, str]], revision: int, origin: str, at: datetime
) -> None:
    """Stores new versions.

    Args:
        connection: inside the transaction that incremented the revision.
        versions: procedure, version number and definition as JSON.
        revision: the catalogue's new revision.
        origin: ``builtin`` or ``import``.
        at: business time.
    """
    rows = [
        {
            "code": procedure.code,
            "version": version,
            "revision": revision,
            "digest": procedure.digest,
            "field": procedure.field,
            "name": procedure.name,
            "origin": origin,
            "definition": text,
            "published_at": at,
        }
        for procedure, version, text in versions
    ]
    connection.execute(procedures.insert(), rows)

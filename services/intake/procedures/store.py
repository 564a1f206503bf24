"""The tables of procedures and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Connection, Date, Integer, String, Table, Text, bindparam, func, select

from services.intake.database import metadata
from shared.catalogue import Procedure
from shared.persistence.sql import Moment, insert
from shared.runtime.clock import VIETNAM

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
    Column("published_by", String(200), nullable=False),  # subject of the token; empty for imports and built-in ones
    Column("effective_from", Date),  # null: from its publication
)

catalogue_revision = Table(
    "catalogue_revision",  # one row; a publication locks it, so that versions are numbered one after the other
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class NewestVersion:
    """The newest version of a procedure, in force or to come into force.

    Attributes:
        version: its number.
        digest: of its definition.
        origin: ``builtin``, ``import`` or ``editor``.
    """

    version: int
    digest: str
    origin: str


_ONLY_ID = 1
_REVISION = select(catalogue_revision.c.revision).where(catalogue_revision.c.id == _ONLY_ID)
_PUBLISHED_AFTER = (
    select(procedures.c.code, procedures.c.version, procedures.c.effective_from, procedures.c.definition)
    .where(procedures.c.revision > bindparam("after_revision"))
    .order_by(procedures.c.revision, procedures.c.code)
)
_FIELDS = (
    select(procedures.c.code, procedures.c.field)
    .where(procedures.c.effective_from.is_(None) | (procedures.c.effective_from <= bindparam("on_day")))
    .order_by(procedures.c.version)
)
_DEFINITION = select(procedures.c.definition).where(
    procedures.c.code == bindparam("of_code"), procedures.c.version == bindparam("of_version")
)
_VERSIONS = (
    select(
        procedures.c.version,
        procedures.c.published_at,
        procedures.c.published_by,
        procedures.c.origin,
        procedures.c.effective_from,
        procedures.c.definition,
    )
    .where(procedures.c.code == bindparam("of_code"))
    .order_by(procedures.c.version.desc())
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


def published_after(connection: Connection, known: int) -> list[tuple[str, int, date | None, str]]:
    """Code, version, first day (None: of publication) and definition of the versions published after a revision, the newest last."""
    rows = connection.execute(_PUBLISHED_AFTER, {"after_revision": known})
    return [(code, version, begins, text) for code, version, begins, text in rows]


def fields_in_force(connection: Connection, on: date) -> set[str]:
    """Codes of the fields that have a procedure in force on a day; found without reading any definition."""
    field_of: dict[str, str] = {}
    for code, field in connection.execute(_FIELDS, {"on_day": on}):  # the newest version last
        field_of[code] = field
    return set(field_of.values())


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version of a procedure as the list of its versions shows it; members as the columns."""

    version: int
    published_at: datetime
    published_by: str
    origin: str
    begins: date | None
    definition: str

    @property
    def effective_from(self) -> date:
        """The first day that it is in force."""
        return self.begins or self.published_at.astimezone(VIETNAM).date()


def versions_of(connection: Connection, code: str) -> list[PublishedVersion]:
    """All versions of a procedure, the newest first."""
    return [PublishedVersion(*row) for row in connection.execute(_VERSIONS, {"of_code": code})]


def definition(connection: Connection, code: str, version: int) -> str | None:
    """The definition (JSON) of one version; None when there is none."""
    return connection.execute(_DEFINITION, {"of_code": code, "of_version": version}).scalar()


def newest(connection: Connection) -> dict[str, NewestVersion]:
    """The newest version of every procedure, by its code."""
    highest = (
        select(procedures.c.code, func.max(procedures.c.version).label("version"))
        .group_by(procedures.c.code)
        .subquery()
    )
    statement = select(procedures.c.code, procedures.c.version, procedures.c.digest, procedures.c.origin).join(
        highest, (highest.c.code == procedures.c.code) & (highest.c.version == procedures.c.version)
    )
    return {code: NewestVersion(*rest) for code, *rest in connection.execute(statement)}


def newest_definitions(connection: Connection) -> dict[str, tuple[int, str]]:
    """Version and definition (JSON) of the newest version of every procedure, by its code."""
    return {code: (version, text) for code, version, _, text in published_after(connection, 0)}


def digests(connection: Connection) -> set[tuple[str, str]]:
    """(code, digest) of every version ever published."""
    return {(code, digest) for code, digest in connection.execute(select(procedures.c.code, procedures.c.digest))}


def add(
    connection: Connection,
    versions: Iterable[tuple[Procedure, int, str]],
    revision: int,
    origin: str,
    at: datetime,
    by: str = "",
) -> None:
    """Stores new versions.

    Args:
        connection: inside the transaction that incremented the revision.
        versions: procedure, version number and definition as JSON.
        revision: the catalogue's new revision.
        origin: ``builtin``, ``import`` or ``editor``.
        at: business time.
        by: subject of the token of whoever published; empty for a command of the machine.
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
            "published_by": by,
            "effective_from": procedure.effective_from,
        }
        for procedure, version, text in versions
    ]
    connection.execute(procedures.insert(), rows)

"""Queries about procedures and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from services.intake.database import catalogue_revision, procedures
from shared.catalogue import Procedure
from shared.persistence.sql import insert

_ONLY = 1
_REVISION = select(catalogue_revision.c.revision).where(catalogue_revision.c.id == _ONLY)
_PUBLISHED_AFTER = (
    select(procedures.c.code, procedures.c.version, procedures.c.definition)
    .where(procedures.c.revision > bindparam("after_revision"))
    .order_by(procedures.c.revision, procedures.c.code)
)
_DEFINITION = select(procedures.c.definition).where(
    procedures.c.code == bindparam("wanted_code"), procedures.c.version == bindparam("wanted_version")
)


def next_revision(connection: Connection) -> int:
    """Raises the catalogue's revision and returns it; until commit nobody else can publish."""
    statement = insert(catalogue_revision, connection).values(id=_ONLY, revision=1)
    statement = statement.on_conflict_do_update(
        index_elements=[catalogue_revision.c.id], set_={"revision": catalogue_revision.c.revision + 1}
    ).returning(catalogue_revision.c.revision)
    return int(connection.execute(statement).scalar_one())


def revision(connection: Connection) -> int:
    """The catalogue's revision; it grows whenever anything is published. 0 before the first time."""
    return int(connection.execute(_REVISION).scalar() or 0)


def published_after(connection: Connection, known: int) -> list[tuple[str, int, str]]:
    """Code, version and definition (JSON) of what was published after a revision, the newest last."""
    return [
        (code, version, text) for code, version, text in connection.execute(_PUBLISHED_AFTER, {"after_revision": known})
    ]


def definition(connection: Connection, code: str, version: int) -> str | None:
    """The definition (JSON) of one version; None when there is none."""
    return connection.execute(_DEFINITION, {"wanted_code": code, "wanted_version": version}).scalar()


def current(connection: Connection) -> dict[str, tuple[int, str, str]]:
    """Of every procedure the current version's number, digest and origin."""
    newest = (
        select(procedures.c.code, func.max(procedures.c.version).label("version"))
        .group_by(procedures.c.code)
        .subquery()
    )
    statement = select(procedures.c.code, procedures.c.version, procedures.c.digest, procedures.c.origin).join(
        newest, (newest.c.code == procedures.c.code) & (newest.c.version == procedures.c.version)
    )
    return {code: (version, digest, origin) for code, version, digest, origin in connection.execute(statement)}


def digests(connection: Connection) -> set[tuple[str, str]]:
    """(code, digest) of every version ever published."""
    return {(code, digest) for code, digest in connection.execute(select(procedures.c.code, procedures.c.digest))}


def add(
    connection: Connection, versions: Iterable[tuple[Procedure, int, str]], revision: int, origin: str, at: datetime
) -> None:
    """Stores new versions.

    Args:
        connection: inside the transaction that raised the revision.
        versions: procedure, its version's number and its definition as JSON.
        revision: the catalogue's revision that brings them.
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

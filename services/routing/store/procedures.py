"""Statements on published procedure versions."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, insert, select

from services.routing.store.tables import procedure_versions

_ONE = (procedure_versions.c.code == bindparam("code"), procedure_versions.c.version == bindparam("version"))
_DIGEST = select(procedure_versions.c.digest).where(*_ONE)
_DEFINITION = select(procedure_versions.c.definition).where(*_ONE)
_NEWEST = select(func.max(procedure_versions.c.version)).where(procedure_versions.c.code == bindparam("code"))
_ADD = insert(procedure_versions)


def digest_of(connection: Connection, code: str, version: int) -> str | None:
    """The digest of a published procedure version; None when it is unknown here."""
    return connection.execute(_DIGEST, {"code": code, "version": version}).scalar_one_or_none()


def definition_of(connection: Connection, code: str, version: int) -> str:
    """The definition of a published procedure version, as JSON."""
    definition: str = connection.execute(_DEFINITION, {"code": code, "version": version}).scalar_one()
    return definition


def newest_version(connection: Connection, code: str) -> int | None:
    """The newest version of a procedure that is known here; None when there is none."""
    newest: int | None = connection.execute(_NEWEST, {"code": code}).scalar_one()
    return newest


def newest_versions(connection: Connection) -> list[tuple[str, int]]:
    """Code and newest version of every procedure that is known here."""
    columns = procedure_versions.c
    rows = connection.execute(select(columns.code, func.max(columns.version)).group_by(columns.code))
    return [(code, version) for code, version in rows]


def add_procedure(connection: Connection, code: str, version: int, digest: str, definition: str) -> None:
    """Stores a published procedure version."""
    values = {"code": code, "version": version, "digest": digest, "definition": definition}
    connection.execute(_ADD, values)

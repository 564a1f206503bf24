"""Published procedures as parsed values. A version never changes, so parsed values are cached by the digest of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from services.routing.store import procedures
from shared.catalogue import Procedure
from shared.catalogue.validation.routes import check_route
from shared.persistence.unit_of_work import UnitOfWork

KEPT = 2048

_parsed: dict[str, Procedure] = {}


class UnusableDefinition(ValueError):
    """The published definition cannot be used to route a dossier."""


def canonical(definition: Mapping[str, Any]) -> str:
    """The definition as JSON; equal content gives equal text."""
    return json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """SHA-256, in hex, of a definition's canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse(definition: Mapping[str, Any]) -> Procedure:
    """Reads a definition; ignores fields that this version of the software does not know.

    Raises:
        UnusableDefinition: a field is missing or malformed, or a route is unsound; the message lists all faults.
    """
    try:
        procedure = Procedure.from_dict(definition)
        faults = [
            f"routes.{route_id}: {message}"
            for route_id, route in definition["routes"].items()
            for _, message in check_route(route)
        ]
        faults += [
            f"cases.{case.code}: there is no route {case.route}"
            for case in procedure.cases
            if case.route not in definition["routes"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableDefinition(f"{type(error).__name__}: {error}") from error
    if faults:
        raise UnusableDefinition("; ".join(faults))
    return procedure


def find_procedure(connection: Connection, code: str, version: int) -> Procedure | None:
    """A published procedure version; None when it is unknown here."""
    content = procedures.digest_of(connection, code, version)
    if content is None:
        return None
    procedure = _parsed.get(content)
    if procedure is None:
        procedure = Procedure.from_dict(json.loads(procedures.definition_of(connection, code, version)))
        if len(_parsed) >= KEPT:
            _parsed.clear()
        _parsed[content] = procedure
    return procedure


def find_pinned(work: UnitOfWork, code: str, version: int) -> Procedure | None:
    """The same for a transaction that needs it again and again: it is looked up once."""
    known = work.attached(_known)
    found = known.get((code, version)) or find_procedure(work.connection, code, version)
    if found is not None:  # one that is unknown may be published by the next event of the same batch
        known[code, version] = found
    return found


def _known(_: UnitOfWork) -> dict[tuple[str, int], Procedure]:
    return {}

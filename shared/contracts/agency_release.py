"""The contract with agencies as it was last released, and what has become of it since.

The release is a file of this package, written by ``motcua contracts --release``. A type of an event leaves the contract only a year after
that was announced there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from shared.contracts.asyncapi import AGENCY, agency_entries, json_schema
from shared.contracts.base import EventType
from shared.contracts.compatibility import Direction, breaking_changes

FILE = "data/agency_contract.json"
NOTICE_DAYS = 365
"""How long an old version of an event is still sent and accepted after its end was announced."""
SILENT = ("$schema", "title", "examples")
"""Parts of a schema that promise nothing."""


@dataclass(frozen=True, slots=True)
class AgencyContract:
    """A release of the contract.

    Attributes:
        version: its number; the major one changes with that of any event.
        released_on: the day.
        schemas: type of an event → JSON Schema of its message.
        ends: type of an event → the day on which its end was announced.
    """

    version: str
    released_on: date
    schemas: Mapping[str, Mapping[str, Any]]
    ends: Mapping[str, date]


@cache
def released_contract() -> AgencyContract:
    """The last release."""
    return read_contract(json.loads((files("shared.contracts") / FILE).read_text("utf-8")))


def read_contract(data: Mapping[str, Any]) -> AgencyContract:
    """A release from its file's JSON.

    Args:
        data: ``{"version", "released_on", "schemas", "ends"}``.
    """
    return AgencyContract(
        data["version"],
        date.fromisoformat(data["released_on"]),
        data["schemas"],
        {type_: date.fromisoformat(day) for type_, day in data["ends"].items()},
    )


def write_contract(version: str, on: date, ends: Mapping[str, date]) -> dict[str, Any]:
    """The present contract as the JSON of a release.

    Args:
        version: its number.
        on: the day of the release.
        ends: the announced ends, as in the release before.
    """
    return {
        "version": version,
        "released_on": on.isoformat(),
        "schemas": {entry.type: promised(entry) for entry in agency_entries()},
        "ends": {type_: day.isoformat() for type_, day in sorted(ends.items())},
    }


def promised(entry: EventType) -> dict[str, Any]:
    """The part of an event's JSON Schema that an adapter may rely on."""
    return {name: part for name, part in json_schema(entry).items() if name not in SILENT}


def changes_since(
    release: AgencyContract, on: date, entries: Sequence[EventType] | None = None
) -> dict[str, list[str]]:
    """What breaks adapters that were written from a release.

    Args:
        release: usually the last one.
        on: the day for which announced ends count.
        entries: the present event types; those of this program by default.

    Returns:
        type of an event → a sentence for each change that breaks them; nothing for a type that is sound.
    """
    present = {entry.type: entry for entry in (agency_entries() if entries is None else entries)}
    found: dict[str, list[str]] = {}
    for type_, schema in release.schemas.items():
        entry = present.get(type_)
        if entry is not None:
            changes = breaking_changes(schema, promised(entry), _direction(entry))
        else:
            changes = [] if _may_end(release, type_, on) else ["the type is gone, less than a year after notice"]
        if changes:
            found[type_] = changes
    return found


def _may_end(release: AgencyContract, type_: str, on: date) -> bool:
    announced = release.ends.get(type_)
    return announced is not None and (on - announced).days >= NOTICE_DAYS


def _direction(entry: EventType) -> Direction:
    return Direction.FROM_AGENCY if entry.owner == AGENCY else Direction.TO_AGENCY

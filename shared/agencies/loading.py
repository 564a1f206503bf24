"""Reading units and agencies from JSON files.

A file holds `{"description": …, "units": [...], "agencies": [...]}`, usually one province; files may refer to each
other.
"""

from __future__ import annotations

from pathlib import Path

from shared.agencies.checks import faults_between
from shared.agencies.model import LEVELS, Agency, Unit
from shared.agencies.roles import ROLES
from shared.calendar.rules import parse_rules
from shared.data_files import Fault, Record, raise_faults, read_records

_AGENCY_CODE = r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{2}){0,3}"


def read(directory: Path) -> tuple[list[Unit], list[Agency]]:
    """Return the units and agencies of every `*.json` in `directory`.

    Raises DataError with all faults: those of single records, and if there are none, those between records.
    """
    faults: list[Fault] = []
    units: dict[str, Unit] = {}
    agencies: dict[str, Agency] = {}
    for document in read_records(directory, faults):
        document.optional_text("description")
        units |= {record.where: _unit(record) for record in document.records("units", named_by="code")}
        agencies |= {record.where: _agency(record) for record in document.records("agencies", named_by="code")}
        document.done()
    if not faults:
        faults = faults_between(units, agencies)
    raise_faults(faults)
    return list(units.values()), list(agencies.values())


def _unit(record: Record) -> Unit:
    begins, ends = record.span()
    unit = Unit(
        code=record.text("code"),
        name=record.text("name"),
        level=record.text("level", choices=LEVELS),
        valid_from=begins,
        valid_to=ends,
        parent=record.optional_text("parent"),
        successors=record.texts("successors"),
    )
    if unit.successors and ends is None:
        record.fault("successors", "given, but there is no valid_to")
    record.done()
    return unit


def _agency(record: Record) -> Agency:
    begins, ends = record.span()
    calendar = record.optional_record("calendar")
    agency = Agency(
        code=record.text("code", pattern=_AGENCY_CODE, like="an agency identifier such as 000.21.34.H04 or H12.31.01"),
        name=record.text("name"),
        level=record.text("level", choices=LEVELS),
        unit=record.text("unit"),
        roles=record.texts("roles", choices=tuple(ROLES), at_least=1),
        valid_from=begins,
        valid_to=ends,
        serves=record.texts("serves"),
        parent=record.optional_text("parent"),
        successor=record.optional_text("successor"),
        calendar=None if calendar is None else parse_rules(calendar),
    )
    if agency.successor is not None and ends is None:
        record.fault("successor", "given, but there is no valid_to")
    record.done()
    return agency

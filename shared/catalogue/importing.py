"""Reading catalogues of procedures: the built-in one, and files that an administrator uploads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared.catalogue.merging import CannotMerge, merge
from shared.catalogue.model import Procedure
from shared.catalogue.provincial import Unread, check_provincial, to_native_format, unread_wording
from shared.catalogue.roles import AGENCY_ROLES
from shared.catalogue.validation.catalogue import check_catalogue
from shared.catalogue.validation.sub_procedures import check_sub_procedures
from shared.data_files import DataError, Fault, clean_data, parse_json, raise_faults, read_json
from shared.data_files.schema import position

_BUILTIN = Path(__file__).parent / "data"


@cache
def load_builtin() -> tuple[Procedure, ...]:
    """Return the built-in sample catalogue, in the order of its files' names.

    Raises:
        DataError: with every fault, such as a procedure in two files.
    """
    files = [read_json(path) for path in sorted(_BUILTIN.glob("*.json"))]
    return parse_data({"procedures": [entry for file in files for entry in file["procedures"]]})


def parse_file(
    path: str | Path, agency_role: str = "land_registry", known: Iterable[Procedure] = ()
) -> tuple[Procedure, ...]:
    """Return the procedures of a file; one fault rejects the whole file.

    Args:
        path: a UTF-8 JSON file (a byte-order mark is allowed), either ``{"procedures": [...]}`` or a provincial list
            ``[{"ma_tthc": ...}, ...]``.
        agency_role: the role that handles all procedures of a provincial list, which names no steps.
        known: procedures outside the file whose sub-dossiers its steps may open.

    Raises:
        DataError: with every fault and its position.
    """
    return parse_data(read_json(Path(path)), agency_role, known)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A procedure of a list that is not published, since the list contradicts what is in force.

    Attributes:
        code: the procedure's.
        reason: what a person has to decide.
    """

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Import:
    """What a file asks to publish.

    Attributes:
        procedures: as they are to be in force; those of a provincial list keep what the list does not know.
        held_back: those that are not to be published unless the person insists.
        unread: wording of time limits that was not understood.
    """

    procedures: tuple[Procedure, ...]
    held_back: tuple[HeldBack, ...] = ()
    unread: tuple[Unread, ...] = ()


def read_import(
    path: str | Path, in_force: Mapping[str, Procedure], replace: bool = False, agency_role: str = "land_registry"
) -> Import:
    """Return what a file asks to publish over the procedures in force.

    Args:
        path, agency_role: as for :func:`parse_file`.
        in_force: by code.
        replace: take a provincial list as it is, and lose what it does not know.

    Raises:
        DataError: with every fault and its position.
    """
    data = read_json(Path(path))
    asked = parse_data(data, agency_role, in_force.values())
    unread = tuple(unread_wording(data)) if isinstance(data, list) else ()
    held_back: tuple[HeldBack, ...] = ()
    if isinstance(data, list) and not replace:
        asked, held_back = _merged(asked, in_force)
    # What changes may be the sub-dossier of a procedure outside the file.
    together = {**in_force, **{procedure.code: procedure for procedure in asked}}
    findings = check_sub_procedures(dict(enumerate(together.values())), ())
    codes = list(together)
    raise_faults([Fault(position(path[2:]), message, codes[int(path[1])]) for path, message in findings])
    return Import(asked, held_back, unread)


def _merged(
    listed: Iterable[Procedure], in_force: Mapping[str, Procedure]
) -> tuple[tuple[Procedure, ...], tuple[HeldBack, ...]]:
    merged, held_back = [], []
    for procedure in listed:
        known = in_force.get(procedure.code)
        try:
            merged.append(Procedure.from_dict(merge(known.as_dict(), procedure.as_dict())) if known else procedure)
        except CannotMerge as error:
            held_back.append(HeldBack(procedure.code, str(error)))
    return tuple(merged), tuple(held_back)


def parse_bytes(
    content: bytes, agency_role: str = "land_registry", known: Iterable[Procedure] = ()
) -> tuple[Procedure, ...]:
    """Return the procedures of an uploaded file; arguments and errors as for :func:`parse_file`."""
    return parse_data(parse_json(content), agency_role, known)


def parse_data(data: Any, agency_role: str = "land_registry", known: Iterable[Procedure] = ()) -> tuple[Procedure, ...]:
    """Return the procedures of parsed JSON, whose texts are cleaned first; arguments and errors as for :func:`parse_file`.

    Raises:
        ValueError: no agency can have ``agency_role``.
    """
    if agency_role not in AGENCY_ROLES:
        raise ValueError(f'no agency has the role "{agency_role}"')
    data = clean_data(data)
    if isinstance(data, list):
        raise_faults(check_provincial(data))
        data = to_native_format(data, agency_role)
    elif not isinstance(data, dict):
        expected = 'phải là {"procedures": […]} hoặc một danh sách […] (must be {"procedures": […]} or a list […])'
        raise DataError([Fault("", f"{expected}, không phải (not) {type(data).__name__}")])
    raise_faults(check_catalogue(data, known))
    return tuple(Procedure.from_dict(entry) for entry in data["procedures"])

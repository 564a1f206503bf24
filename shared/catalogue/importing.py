"""Reading catalogues of procedures: the built-in one, and files that an administrator uploads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from shared.catalogue.model import Procedure
from shared.catalogue.provincial import check_provincial, to_native_format
from shared.catalogue.roles import AGENCY_ROLES
from shared.catalogue.validation.catalogue import check_catalogue
from shared.data_files import DataError, Fault, parse_json, raise_faults, read_json

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


def parse_bytes(
    content: bytes, agency_role: str = "land_registry", known: Iterable[Procedure] = ()
) -> tuple[Procedure, ...]:
    """Return the procedures of an uploaded file; arguments and errors as for :func:`parse_file`."""
    return parse_data(parse_json(content), agency_role, known)


def parse_data(data: Any, agency_role: str = "land_registry", known: Iterable[Procedure] = ()) -> tuple[Procedure, ...]:
    """Return the procedures of parsed JSON; arguments and errors as for :func:`parse_file`.

    Raises:
        ValueError: no agency can have ``agency_role``.
    """
    if agency_role not in AGENCY_ROLES:
        raise ValueError(f'no agency has the role "{agency_role}"')
    if isinstance(data, list):
        raise_faults(check_provincial(data))
        data = to_native_format(data, agency_role)
    elif not isinstance(data, dict):
        expected = 'phải là {"procedures": […]} hoặc một danh sách […] (must be {"procedures": […]} or a list […])'
        raise DataError([Fault("", f"{expected}, không phải (not) {type(data).__name__}")])
    raise_faults(check_catalogue(data, known))
    return tuple(Procedure.from_dict(entry) for entry in data["procedures"])

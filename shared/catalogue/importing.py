"""Read catalogues of procedures: the built-in one, and files brought by an administrator."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from shared.catalogue.faults import Fault, InvalidCatalogue
from shared.catalogue.model import Procedure
from shared.catalogue.provincial import check_provincial, own_shape
from shared.catalogue.roles import AGENCY_ROLES
from shared.catalogue.validation import check_catalogue

MAX_BYTES = 20_000_000

_BUILTIN = Path(__file__).parent / "data"


@cache
def load_builtin() -> tuple[Procedure, ...]:
    """Return the built-in sample catalogue in the order of its files' names.

    Raises:
        InvalidCatalogue: something is wrong with it, such as a procedure that stands in two files.
    """
    files = [_json(path.read_bytes()) for path in sorted(_BUILTIN.glob("*.json"))]
    return parse_data({"procedures": [entry for file in files for entry in file["procedures"]]})


def parse_file(
    path: str | Path, agency_role: str = "land_registry", known: Iterable[Procedure] = ()
) -> tuple[Procedure, ...]:
    """Read a file of procedures; all of it or, if anything is wrong, nothing.

    Args:
        path: a UTF-8 JSON file (a byte-order mark is allowed), either ``{"procedures": [...]}`` or a provincial list
            ``[{"ma_tthc": ...}, ...]``.
        agency_role: for a provincial list, which names no steps: the role that handles all its procedures.
        known: procedures outside the file whose sub-dossiers its steps may open.

    Raises:
        InvalidCatalogue: with every fault and its position.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(f"không đọc được tệp (cannot read the file): {error.strerror or error}")
    return parse_bytes(content, agency_role, known)


def parse_bytes(
    content: bytes, agency_role: str = "land_registry", known: Iterable[Procedure] = ()
) -> tuple[Procedure, ...]:
    """Read the content of a file, as uploaded; arguments and errors as for :func:`parse_file`."""
    return parse_data(_json(content), agency_role, known)


def parse_data(data: Any, agency_role: str = "land_registry", known: Iterable[Procedure] = ()) -> tuple[Procedure, ...]:
    """Read parsed JSON; arguments and errors as for :func:`parse_file`.

    Raises:
        ValueError: no agency can have ``agency_role``.
    """
    if agency_role not in AGENCY_ROLES:
        raise ValueError(f'no agency has the role "{agency_role}"')
    if isinstance(data, list):
        _refuse_if(check_provincial(data))
        data = own_shape(data, agency_role)
    elif not isinstance(data, dict):
        _refuse(
            'phải là {"procedures": […]} hoặc một danh sách […] (must be {"procedures": […]} or a list […]), '
            f"không phải (not) {type(data).__name__}"
        )
    _refuse_if(check_catalogue(data, known))
    return tuple(Procedure.from_dict(entry) for entry in data["procedures"])


def _json(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        _refuse(f"tệp lớn hơn {MAX_BYTES // 1_000_000} MB (the file is larger than {MAX_BYTES // 1_000_000} MB)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"không phải chữ UTF-8 (not UTF-8 text): byte {error.start}")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(f"JSON sai (not JSON): dòng (line) {error.lineno}, cột (column) {error.colno}: {error.msg}")
    except RecursionError:
        _refuse("JSON lồng nhau quá sâu (nested too deeply)")
    except ValueError as error:
        _refuse(f"JSON sai (not JSON): {error}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"mục {ascii(twice)[:60]} có hai lần trong một đối tượng (a member stands twice in an object)")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} không phải là số (is not a number)")


def _refuse_if(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise InvalidCatalogue(found)


def _refuse(message: str) -> NoReturn:
    raise InvalidCatalogue([Fault("", "", message)])

"""Whether the process control sheets (form 06) are as they were written: of one dossier, or of all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.routing.domain.control_sheet import verify_whole
from services.routing.store import control_sheet, dossiers


def verify_sheets(connection: Connection, code: str = "") -> Iterator[tuple[str, str | None]]:
    """Checks sheets one by one.

    Args:
        connection: any.
        code: of the one dossier to look at; all when empty.

    Yields:
        The dossier's code, and its sheet's first fault in words, None when the sheet is sound.

    Raises:
        LookupError: there is no such dossier.
    """
    if code:
        dossier = dossiers.find(connection, code)
        if dossier is None or dossier.is_sub:
            raise LookupError(f"there is no dossier {code}")
    for found in [code] if code else control_sheet.codes(connection):
        fault = verify_whole(*control_sheet.sheet(connection, found))
        yield found, None if fault is None else f"{fault.vi} · {fault.en}"

"""Process control sheets (form 06) as they are shown, and their verification: of one dossier, or of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.routing.domain.control_sheet import verify_whole
from services.routing.domain.handover import Entry
from services.routing.store import control_sheet, dossiers


@dataclass(frozen=True, slots=True)
class ControlSheetView:
    """A dossier's control sheet; `fault` is its first fault in words, None when the sheet is `sound`."""

    dossier: str
    entries: Sequence[Entry]
    sound: bool
    fault: str | None


def control_sheet_view(connection: Connection, code: str) -> ControlSheetView:
    """The control sheet of a citizen's dossier."""
    entries, noted = control_sheet.sheet(connection, code)
    fault = verify_whole(entries, noted)
    return ControlSheetView(code, entries, fault is None, None if fault is None else f"{fault.vi} · {fault.en}")


def verify_sheets(connection: Connection, code: str = "") -> Iterator[tuple[str, str | None]]:
    """Verifies sheets one by one.

    Args:
        connection: any.
        code: of the one dossier to verify; all when empty.

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
        yield found, control_sheet_view(connection, found).fault

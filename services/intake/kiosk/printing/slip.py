"""What a slip shows, and its picture. Slips are in Vietnamese, as what is called out and shown on the boards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from services.intake.kiosk.printing.escpos import DOTS_PER_INCH, print_job
from shared.documents.typesetting import MAIN, Template, render_pictures

SOURCE = Path(__file__).parent / "templates" / "slip.typ"


@dataclass(frozen=True, slots=True)
class Slip:
    """A ticket or a checklist.

    Attributes:
        office: the name of the desk.
        title: what the slip is.
        number: of a ticket; else empty.
        lead: lines in large letters.
        lines: further lines.
        papers: to be ticked off.
        foot: what to know about it.
        printed: when.
    """

    office: str
    title: str
    number: str = ""
    lead: Sequence[str] = ()
    lines: Sequence[str] = ()
    papers: Sequence[str] = ()
    foot: Sequence[str] = ()
    printed: str = ""


@cache
def _template() -> Template:
    return Template({MAIN: SOURCE.read_text(encoding="utf-8")})


def slip_picture(slip: Slip) -> bytes:
    """The slip as PNG, with a dot for each of the printer's."""
    return render_pictures(_template(), asdict(slip), DOTS_PER_INCH)[0]


def slip_job(slip: Slip) -> bytes:
    """The slip as ESC/POS."""
    return print_job(slip_picture(slip))

"""Letters as PDF: how many pages one has, and the file of many, each beginning on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.notify.post.letters.domain import Letter
from shared.agencies import Agencies
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, count_pages, read_template, render_pdf
from shared.runtime.clock import VIETNAM

TEMPLATES = Path(__file__).parent / "templates"


@cache
def template() -> Template:
    """The template of letters."""
    return read_template(TEMPLATES / "letters.typ")


def pages_of(letter: Letter, agencies: Agencies) -> int:
    """How many pages a letter has.

    Raises:
        shared.documents.typesetting.TypesettingError: it cannot be shown.
    """
    return count_pages(template(), _data([letter], agencies, ""))


def letters_pdf(letters: Sequence[Letter], agencies: Agencies, created: datetime, mark: str = "") -> bytes:
    """The file of some letters, in their order.

    Args:
        letters: of one agency; at least one.
        agencies: all of them.
        created: the time of creation that the file states; aware.
        mark: what each page says of this copy, such as that it is a reprint; empty for none.

    Raises:
        shared.documents.typesetting.TypesettingError: one cannot be shown.
    """
    return render_pdf(template(), _data(letters, agencies, mark), created)


def _data(letters: Sequence[Letter], agencies: Agencies, mark: str) -> dict[str, Any]:
    first = letters[0]
    title = first.subject if len(letters) == 1 else f"Thư gửi người dân: {len(letters)} thư"
    shown = [_letter(one, agencies) for one in letters]
    return {"title": title, "issuer": shown[0]["issuer"], "mark": mark, "letters": shown}


def _letter(letter: Letter, agencies: Agencies) -> dict[str, Any]:
    day: date = letter.queued_at.astimezone(VIETNAM).date()
    return {
        **issuer_fields(agencies, letter.agency, day),
        "number": letter.number,
        "code": letter.dossier,
        "subject": letter.subject,
        "name": list(letter.name),
        "address": list(letter.address),
        "body": [part.strip() for part in letter.body.split("\n") if part.strip()],
    }

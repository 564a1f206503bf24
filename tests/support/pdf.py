"""The text of a PDF, as a person reads it."""

from __future__ import annotations

import io

from pypdf import PdfReader


def text_of(file: bytes) -> str:
    """All text of a file, with single spaces between words."""
    pages = PdfReader(io.BytesIO(file)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())

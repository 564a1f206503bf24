"""Makes PDF files of templates and data, with typst.

A template is a set of typst sources. Its version is a hash of them, so that a paper can be printed again from the sources of its own
version. Only the fonts in typst itself are used, never those of the machine: the same version, data and time give the same file
everywhere. Data reach the template as JSON and are never read as typst markup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import typst

MAIN = "main.typ"
"""The source that typst begins with; the others are imported by it."""
LAYOUT = Path(__file__).parent / "templates" / "paper.typ"
STANDARD = "a-2a"
"""PDF/A-2a: for archives, with fonts embedded, and tagged for screen readers (ISO 19005-2)."""


class TypesettingError(RuntimeError):
    """The template cannot show the data."""


@dataclass(frozen=True)
class Template:
    """The typst sources of one form.

    Args:
        sources: text by file name; :data:`MAIN` is the form itself.
    """

    sources: Mapping[str, str]

    @cached_property
    def version(self) -> str:
        """SHA-256 of the sources, in hex."""
        return hashlib.sha256(orjson.dumps(dict(self.sources), option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_template(form: Path) -> Template:
    """The template of a form with the common layout.

    Args:
        form: a ``.typ`` file that imports ``paper.typ``.
    """
    return Template({MAIN: form.read_text(encoding="utf-8"), LAYOUT.name: LAYOUT.read_text(encoding="utf-8")})


def render_pdf(template: Template, data: Mapping[str, Any], created: datetime) -> bytes:
    """A paper as a PDF file. Other threads run meanwhile.

    Args:
        template: of any version.
        data: with a JSON form; the template reads it as ``data``.
        created: the time of creation that the file states; aware.

    Raises:
        TypesettingError: the data lack something that the template shows.
    """
    return b"".join(
        _compile(template, data, format="pdf", timestamp=int(created.timestamp()), pdf_standards=[STANDARD])
    )


def render_pictures(template: Template, data: Mapping[str, Any], dots_per_inch: float = 100) -> list[bytes]:
    """The same paper as one PNG file for each page."""
    return list(_compile(template, data, format="png", ppi=dots_per_inch))


def count_pages(template: Template, data: Mapping[str, Any]) -> int:
    """How many pages a paper has.

    Args:
        template: one that states the number as metadata with the label ``<pages>``.
        data: as for :func:`render_pdf`.

    Raises:
        TypesettingError: the data lack something that the template shows.
    """
    try:
        return int(orjson.loads(_compiler(template, data).query("<pages>", field="value", one=True)))
    except RuntimeError as error:
        raise TypesettingError(str(error)) from error


def _compile(template: Template, data: Mapping[str, Any], **how: Any) -> Iterable[bytes]:
    try:
        made: bytes | list[bytes] | None = _compiler(template, data).compile(**how)
    except typst.TypstError as error:
        raise TypesettingError(error.message) from error
    return made if isinstance(made, list) else [made or b""]


def _compiler(template: Template, data: Mapping[str, Any]) -> typst.Compiler:
    # typst also takes several sources by name, which its annotations do not say
    sources: Any = {name: text.encode() for name, text in template.sources.items()}
    return typst.Compiler(sources, ignore_system_fonts=True, sys_inputs={"data": orjson.dumps(dict(data)).decode()})

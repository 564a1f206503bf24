"""The templates of pages in the repository."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BASE = re.compile(r'{%-?\s*extends\s+"([^"]+)"')


def page_templates() -> dict[str, Path]:
    """The templates of whole pages: the name by which each is rendered, and its file.

    They have a base or all of HTML, and are no base of others.
    """
    found, bases = {}, set()
    for room in ("services", "shared"):
        for file in (ROOT / room).rglob("templates/**/*.html"):
            source = file.read_text("utf-8")
            if base := _BASE.search(source):
                bases.add(base[1])
            if base or "<html" in source:
                found[file.as_posix().rpartition("/templates/")[2]] = file.relative_to(ROOT)
    return {name: file for name, file in found.items() if name not in bases}

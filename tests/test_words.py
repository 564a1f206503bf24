"""One term for one thing: what people read has none of the discarded terms of docs/words.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = re.compile(r"^\| (?!Vietnamese|---)([^|]+) \| ([^|]+) \|([^|]*)\|$", re.MULTILINE)


def discarded() -> list[str]:
    """The third column of the glossary."""
    rows = ROWS.findall((ROOT / "docs/words.md").read_text())
    return [term.strip() for _, _, column in rows for term in column.split(",") if term.strip()]


def texts() -> Iterator[tuple[str, str]]:
    """What people read, with its place: templates, data files, and the strings of the code that are no docstrings."""
    for folder in ("services", "shared"):
        for path in sorted((ROOT / folder).rglob("*")):
            name = str(path.relative_to(ROOT))
            wording = path.suffix == ".html" or path.name in ("form.json", "queues.json")
            if wording or (path.suffix == ".json" and path.parent.name in ("templates", "forms")):
                yield name, path.read_text()
            elif path.suffix == ".py":
                yield from ((f"{name}:{line}", text) for line, text in strings(path))


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module, without those that stand alone, which are docstrings."""
    tree = ast.parse(path.read_text())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def test_no_discarded_term_is_used() -> None:
    terms = discarded()
    assert "bạn" in terms
    assert "Dừng xử lý" in terms
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, terms)) + r")\b", re.IGNORECASE)
    assert [(place, found[0]) for place, text in texts() if (found := pattern.search(text))] == []

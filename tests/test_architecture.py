"""No module imports itself through others: neither at run time, nor inside functions, nor for type checkers only."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("services", "shared")

Graph = Mapping[str, frozenset[str]]


def test_there_are_no_import_cycles() -> None:
    cycles = [" ↔ ".join(cycle) for cycle in import_cycles(import_graph(ROOT, PACKAGES))]
    assert not cycles, "\n".join(cycles)


def test_a_cycle_is_found_however_it_is_imported(tmp_path: Path) -> None:
    package = tmp_path / "services" / "demo"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("from services.demo import b\n")
    (package / "b.py").write_text("def later():\n    import services.demo.c\n")
    (package / "c.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from services.demo.a import Name\n"
    )
    (package / "d.py").write_text("from services.demo import a\n")
    cycle = ("services.demo.a", "services.demo.b", "services.demo.c")
    assert import_cycles(import_graph(tmp_path, ["services"])) == [cycle]


def import_graph(root: Path, packages: Sequence[str]) -> Graph:
    """Every module of some packages with the modules among them that its file names in imports.

    Args:
        root: the directory that holds the packages.
        packages: names of top-level packages.

    Returns:
        Dotted module name → dotted module names. A package stands for its ``__init__.py``. Importing a module also runs its packages'
        ``__init__.py``; that is not counted, since such a file may re-export what its own modules define.
    """
    files = {_module(root, path): path for package in packages for path in sorted((root / package).rglob("*.py"))}
    graph = {}
    for name, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        graph[name] = frozenset(target for target in _imports(tree, files.keys()) if target != name)
    return graph


def import_cycles(graph: Graph) -> list[tuple[str, ...]]:
    """The strongly connected components of more than one module (Tarjan's algorithm), each sorted by name."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    cycles: list[tuple[str, ...]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        on_stack.add(module)
        for target in sorted(graph[module]):
            if target not in index:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in on_stack:
                low[module] = min(low[module], index[target])
        if low[module] != index[module]:
            return
        component: list[str] = []
        while not component or component[-1] != module:
            component.append(stack.pop())
            on_stack.discard(component[-1])
        if len(component) > 1:
            cycles.append(tuple(sorted(component)))

    for module in sorted(graph):
        if module not in index:
            visit(module)
    return sorted(cycles)


def _module(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST, modules: Collection[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in modules:
                    yield full
                elif node.module in modules:
                    yield node.module

"""requirements.in against the imports of the code and against the locks."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator

import pytest

from tests.support.processes import REPOSITORY

OWN = {"services", "shared"}
DEVELOPER_TOOLS = {"shared/calendar/refresh_holidays.py"}
"""Developers run these with the packages of requirements-dev.in."""
NOT_IMPORTED = {"setuptools", "tzdata"}
"""pip uses setuptools and zoneinfo reads tzdata."""


def normalised(name: str) -> str:
    """A package's name as package indexes compare it."""
    return re.sub(r"[._-]+", "-", name).lower()


def required(file: str) -> set[str]:
    """The packages that a requirements file names itself, without those of files that it includes."""
    names = re.findall(r"(?m)^([A-Za-z0-9][\w.-]*)", (REPOSITORY / file).read_text())
    return {normalised(name) for name in names}


def locked(file: str) -> dict[str, str]:
    """Package → version in a lock."""
    return {
        normalised(name): version
        for name, version in re.findall(r"(?m)^([\w.-]+)==([^\s\\]+)", (REPOSITORY / file).read_text())
    }


def imported(tree: ast.Module) -> set[str]:
    """The top-level names of all absolute imports, except those for type checkers only."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    names = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def imports_of_the_product() -> Iterator[tuple[str, str]]:
    """Each file and each package outside the standard library that it imports."""
    for folder in sorted(OWN):
        for path in (REPOSITORY / folder).rglob("*.py"):
            file = str(path.relative_to(REPOSITORY))
            if file not in DEVELOPER_TOOLS:
                names = imported(ast.parse(path.read_text())) - set(sys.stdlib_module_names) - OWN
                yield from ((file, name) for name in names)


def test_requirements_name_every_imported_package_and_no_other() -> None:
    """A package that is there only because another one needs it may disappear with that one's next version."""
    distributions = importlib.metadata.packages_distributions()
    used: set[str] = set()
    for file, name in imports_of_the_product():
        candidates = {normalised(found) for found in distributions.get(name, [name])}
        assert candidates & required("requirements.in"), f"{file} imports {name}, which requirements.in does not name"
        used |= candidates
    assert required("requirements.in") - used == NOT_IMPORTED


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_has_every_required_package(name: str) -> None:
    assert required(f"{name}.in") - set(locked(f"{name}.lock")) == set()


def test_tests_run_with_the_versions_of_the_runtime_lock() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()

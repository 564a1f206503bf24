"""Generates a runnable service for an agency, with tests, in Python or JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from shared.messaging.sender_identity import agency_name

_HERE = Path(__file__).resolve().parent
_TEMPLATES = _HERE / "templates"
_PYTHON_SDK = _HERE / "sdk"
LANGUAGES = ("python", "node")


class NotEmpty(FileExistsError):
    """The target directory has files; they are not overwritten."""


def scaffold(code: str, language: str, directory: Path) -> list[Path]:
    """Writes the files of a new service.

    Args:
        code: the agency's code.
        language: one of `LANGUAGES`.
        directory: created if it does not exist.

    Returns:
        the written files, relative to the directory.

    Raises:
        NotEmpty: the directory has files.
        ValueError: the code or the language is invalid.
    """
    agency_name(code)
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is none of {', '.join(LANGUAGES)}")
    if directory.exists() and any(directory.iterdir()):
        raise NotEmpty(f"{directory} is not empty")
    written = []
    for target, text in _files(code, language):
        path = directory / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(target)
    return sorted(written)


def _files(code: str, language: str) -> Iterator[tuple[Path, str]]:
    folder = _TEMPLATES / language
    for source in sorted(path for path in folder.rglob("*") if path.is_file()):
        target = source.relative_to(folder)
        # Suffix .template keeps tools from running the Python files here; prefix dot- keeps hidden files in built packages.
        name = re.sub("^dot-", ".", target.name).removesuffix(".template")
        text = source.read_text(encoding="utf-8").replace("@CODE@", code).replace("@NAME@", _package_name(code))
        yield target.with_name(name), text
    if language == "python":
        for source in sorted(_PYTHON_SDK.glob("*.py")):
            yield Path("motcua_agency") / source.name, source.read_text(encoding="utf-8")


def _package_name(code: str) -> str:
    return "agency-" + re.sub("[^a-z0-9-]", "-", code.lower())


def sample_service(language: str) -> str:
    """The source code of a new service's rules, for display.

    Args:
        language: one of `LANGUAGES`.
    """
    name = {"python": "service.py", "node": "service.js"}[language]
    source = next(path for path in (_TEMPLATES / language).iterdir() if path.name.removesuffix(".template") == name)
    return source.read_text(encoding="utf-8").replace("@CODE@", "H12.14.01")

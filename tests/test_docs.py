"""The documents name only files, commands and pages that exist."""

from __future__ import annotations

import re

import pytest

from shared.cli import COMMANDS
from tests.deploy.files import known_settings
from tests.support.processes import REPOSITORY

DOCUMENTS = sorted(
    str(path.relative_to(REPOSITORY))
    for pattern in ("*.md", "docs/**/*.md", "tests/*.md")
    for path in REPOSITORY.glob(pattern)
)
TOP = ("services", "shared", "tests", "docs", "deploy", "scripts")
PATH = re.compile(rf"`((?:{'|'.join(TOP)})/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"\bmotcua ([a-z][a-z-]+)\b")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_files_and_links_exist(document: str) -> None:
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    folder = (REPOSITORY / document).parent
    missing = [path for path in PATH.findall(text) if not (REPOSITORY / path).exists()]
    missing += [link for link in LINK.findall(text) if not (folder / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_commands_exist(document: str) -> None:
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    shown = re.findall(r"(?<!`)`[^`\n]+`|^    .*$", text, re.MULTILINE)
    shown += re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    named = {name for line in shown for name in COMMAND.findall(line)}
    assert named - set(COMMANDS) == set()


SETTING = re.compile(r"\b(MOTCUA_[A-Z0-9_]*[A-Z0-9]|PROMETHEUS_MULTIPROC_DIR)\b")


def test_every_setting_is_in_the_readme_or_a_page_that_it_links_to() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    pages = [readme, *((REPOSITORY / link).read_text(encoding="utf-8") for link in LINK.findall(readme))]
    documented = {name for page in pages for name in SETTING.findall(page.replace("<SERVICE>", "STATS"))}
    databases = {name for name in known_settings() if name.endswith("_DB_URL")}
    assert known_settings() - databases - documented == set()
    assert documented & databases == {"MOTCUA_STATS_DB_URL"}, "documented once for all"
    assert {name for name in documented if name != "MOTCUA_STATS_DB_URL"} - known_settings() == set(), (
        "not read by any code"
    )


def test_there_are_documents_with_paths_and_links() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert len(PATH.findall(readme)) > 15
    assert len(LINK.findall(readme)) > 5

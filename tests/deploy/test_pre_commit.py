"""The pre-commit hooks: the same tools as `make lint`, from .venv, without downloads."""

from __future__ import annotations

import re

import yaml

from tests.support.processes import REPOSITORY

CONFIGURATION = REPOSITORY / ".pre-commit-config.yaml"


def test_hooks_run_the_tools_of_make_lint_and_download_nothing() -> None:
    (repository,) = yaml.safe_load(CONFIGURATION.read_text())["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert "://" not in CONFIGURATION.read_text()
    tools = [re.match(r"\.venv/bin/([a-z-]+)", hook["entry"]) for hook in repository["hooks"]]
    lint = (REPOSITORY / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    assert [tool[1] for tool in tools if tool] == re.findall(r"\$\(BIN\)/([a-z-]+)", lint)

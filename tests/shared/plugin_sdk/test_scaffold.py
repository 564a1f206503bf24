"""`motcua agency new`: the generated service and its tests run unchanged, and the service is small."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.cli.agency_new import new
from shared.plugin_sdk.scaffold import LANGUAGES, NotEmpty, scaffold
from tests.support.processes import REPOSITORY

RULES = {"python": "service.py", "node": "service.js"}
TESTS = {"python": [sys.executable, "-S", "-m", "unittest"], "node": ["npm", "test"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_generated_tests_pass_without_any_package(language: str, tmp_path: Path) -> None:
    scaffold("H12.14.01", language, tmp_path)
    done = subprocess.run(TESTS[language], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Ran 2 tests|# pass 2|pass 2", done.stdout + done.stderr)


@pytest.mark.parametrize("language", LANGUAGES)
def test_generated_tests_fail_after_a_rule_changes(language: str, tmp_path: Path) -> None:
    scaffold("H12.14.01", language, tmp_path)
    rules = tmp_path / RULES[language]
    changed = rules.read_text().replace(
        "outcomes[0]", "outcomes[step.outcomes.length - 1]" if language == "node" else "outcomes[-1]"
    )
    rules.write_text(changed)
    done = subprocess.run(TESTS[language], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_service_has_less_than_twenty_lines_and_a_readme_in_two_languages(language: str, tmp_path: Path) -> None:
    written = scaffold("H12.14.01", language, tmp_path)
    assert len((tmp_path / RULES[language]).read_text().splitlines()) < 20
    names = {str(path) for path in written}
    assert {"README.md", "Dockerfile", ".gitignore", ".dockerignore"} <= names
    readme = (tmp_path / "README.md").read_text()
    assert "# Dịch vụ của cơ quan H12.14.01" in readme
    assert "# The service of agency H12.14.01" in readme
    for path in written:
        text = (tmp_path / path).read_text()
        assert "@CODE@" not in text
        assert "@NAME@" not in text
        assert "shared." not in text, "a service must not depend on this repository"


def test_versions_are_pinned() -> None:
    templates = REPOSITORY / "shared" / "plugin_sdk" / "templates"
    pinned = (templates / "python" / "requirements.txt").read_text().split()
    locked = (REPOSITORY / "requirements.lock").read_text()
    assert all(f"{line} \\" in locked for line in pinned)
    package = json.loads((templates / "node" / "package.json").read_text())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())


def test_existing_files_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text("mine")
    with pytest.raises(NotEmpty):
        scaffold("H12.14.01", "python", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["service.py"]


@pytest.mark.parametrize(("code", "language"), [("H12..14", "python"), ("../x", "node"), ("H12", "cobol")])
def test_invalid_code_or_language_is_refused(code: str, language: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no"):
        scaffold(code, language, tmp_path)


def test_command_prints_the_next_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(new, ["H12.14_a.02", "--language", "node"])
    assert result.exit_code == 0, result.output
    assert 'motcua agency check --code H12.14_a.02 --command "node main.js"' in result.output
    assert json.loads((tmp_path / "agency-h12-14-a-02" / "package.json").read_text())["name"] == "agency-h12-14-a-02"
    again = CliRunner().invoke(new, ["H12.14_a.02", "--language", "node"])
    assert again.exit_code == 1
    assert again.output.startswith("motcua: agency-h12-14-a-02 is not empty")

"""docs/access.md says who may do what, as the code does."""

from __future__ import annotations

from click.testing import CliRunner

from services.registry import SERVICES
from shared.cli import cli
from shared.cli.access import document
from tests.support.processes import REPOSITORY


def test_the_committed_table_is_that_of_the_code() -> None:
    committed = (REPOSITORY / "docs" / "access.md").read_text(encoding="utf-8")
    assert committed == document(), "run: motcua access --out docs/access.md"


def test_every_service_has_its_routes_and_its_rules() -> None:
    text = document()
    for service in SERVICES:
        assert f"## {service.name}: " in text
        assert f"services/{service.name}/access.py" in text
    assert "| `POST /intake/api/dossiers` |" in text
    assert "- `may_read_dossier`: " in text


def test_every_route_and_every_rule_is_described() -> None:
    lines = document().splitlines()
    assert [line for line in lines if line.startswith("| `") and "` |  |" in line] == []
    assert [line for line in lines if line.startswith("- `") and line.endswith("`: ")] == []


def test_the_command_prints_it() -> None:
    result = CliRunner().invoke(cli, ["access"])
    assert (result.exit_code, result.output) == (0, document())

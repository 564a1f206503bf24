"""``motcua agency key``, on a platform without a broker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.registry import find_service
from shared.cli import cli
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from shared.runtime.settings import read_settings

CODE = "H12.14.02"


@pytest.fixture(autouse=True)
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    store = Store(read_settings().db_url("routing"), "routing")
    migrate(store.engine, find_service("routing").migrations().location)
    store.close()


def run(*arguments: str, ok: bool = True) -> Result:
    result = CliRunner().invoke(cli, ["agency", "key", *arguments])
    assert (result.exit_code == 0) is ok, result.output
    return result


def made(code: str = CODE) -> tuple[str, str]:
    """The id and the secret of a new key."""
    output = run("new", code).output
    [id_], [secret] = re.findall(r"new key of agency \S+: (\w+)", output), re.findall(r"^\w+=(\S+)$", output, re.M)
    assert output.count(secret) == 1
    assert all(line.startswith(("#", "MOTCUA_CLIENT_SECRET=")) for line in output.splitlines())
    return id_, secret


@pytest.mark.parametrize("name", ["new", "list", "revoke"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"Example: motcua agency key {name}" in run(name, "--help").output


def test_a_key_is_replaced_without_a_gap() -> None:
    assert "no keys" in run("list", CODE).output
    (old, _), (new, secret) = made(), made()
    listed = run("list", CODE).output
    assert listed.count("có hiệu lực · valid") == 2
    assert listed.count("chưa · never") == 2
    assert secret not in listed
    assert f"{old}, {new}" in run("new", CODE, ok=False).output
    assert "is revoked" in run("revoke", CODE, old).output
    assert "was revoked before" in run("revoke", CODE, old).output
    assert re.search(rf"{old} +đã thu hồi · revoked.*\n{new} +có hiệu lực · valid", run("list", CODE).output)
    made()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("new", "H99.99"), "H99.99"),
        (("new", "H12.#"), "not an agency code"),
        (("revoke", CODE, "deadbeef"), "has no key deadbeef"),
    ],
)
def test_errors_are_one_clear_line(arguments: tuple[str, ...], complaint: str) -> None:
    result = run(*arguments, ok=False)
    assert complaint in result.output
    assert len(result.output.splitlines()) == 1

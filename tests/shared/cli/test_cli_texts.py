"""What people type at the terminal is cleaned as in forms and APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shared.cli import cli
from shared.cli.text_type import CODE, LINE
from shared.persistence import epoch
from shared.persistence.store import Store
from tests.support.platform import motcua
from tests.support.prepared import migrated
from tests.support.processes import REPOSITORY

NO_TEXTS = {"--address", "--command", "--decide", "--management", "--url"}
"""What is given on as it is: addresses, and commands that start a program."""


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    yield from command.params
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from parameters(found)


def test_every_text_has_a_type_that_cleans_it() -> None:
    raw = {one.opts[0] for one in parameters(cli) if isinstance(one.type, click.types.StringParamType)}
    assert raw == NO_TEXTS


@pytest.mark.parametrize(
    ("typed", "code", "line"),
    [
        ("\u202aH12.31.01\u202c", "H12.31.01", "H12.31.01"),
        ("Ｈ１２.31.01–251120 – 0001", "H12.31.01-251120-0001", "Ｈ１２.31.01–251120 – 0001"),
        ("  đổi\u200b  máy\tchủ ", "đổimáychủ", "đổi máy chủ"),
    ],
)
def test_codes_and_lines(typed: str, code: str, line: str) -> None:
    assert (CODE.convert(typed, None, None), LINE.convert(typed, None, None)) == (code, line)


@pytest.fixture
def stats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    url = f"sqlite:///{tmp_path}/stats.db"
    migrated("stats")(url)
    return url


@pytest.mark.parametrize("reason", ["a\x1b[2Jb", "a\x00b", "a\udcffb", "x" * (epoch.MAX_REASON + 1)])
def test_a_reason_that_cannot_be_kept_is_refused_in_one_line(stats: str, reason: str) -> None:
    done = CliRunner().invoke(cli, ["store", "restored", "stats", "--reason", reason])
    assert (done.exit_code, "Traceback" in done.output) == (2, False)
    assert "--reason" in done.output
    store = Store(stats, "stats")
    with store.read() as connection:
        assert epoch.present(connection).number == 0
    store.close()


def test_a_reason_is_kept_clean(stats: str) -> None:
    done = CliRunner().invoke(cli, ["store", "restored", "stats", "--reason", " đổi\u200b  máy chủ\u202e "])
    assert done.exit_code == 0, done.output
    store = Store(stats, "stats")
    with store.read() as connection:
        assert epoch.present(connection).reason == "đổi máy chủ"
    store.close()


@pytest.mark.parametrize("sign", ["\\u0000", "\\ud800", "\\ue000"])
def test_a_fault_in_a_file_of_agencies_is_one_line(tmp_path: Path, sign: str) -> None:
    content = (REPOSITORY / "shared/agencies/data/central.json").read_text(encoding="utf-8")
    first = json.loads(content)["units"][0]["name"]
    agencies = tmp_path / "agencies"
    agencies.mkdir()
    (agencies / "own.json").write_text(content.replace(first, f"{first}{sign}", 1), encoding="utf-8")
    environ = {"MOTCUA_DATA": str(tmp_path), "MOTCUA_AGENCIES_DIR": str(agencies)}
    done = motcua(environ, "migrate", "stats")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "own.json: units[0]" in done.stderr
    assert "name: " in done.stderr
    assert "cannot be printed" in done.stderr

"""``motcua reports recipients``: an operator enters, lists and removes who gets e-mails about published reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.notify.handlers import HANDLERS
from services.notify.reports.store import recipients
from shared.cli import cli
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest

MAIL = "van-phong@example.vn"


@pytest.fixture
def notify(ready_store: Callable[[Maker], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    url = ready_store(migrated("notify"))
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "cli"))
    monkeypatch.setenv("MOTCUA_BUS_URL", "embedded:")
    monkeypatch.setenv("MOTCUA_NOTIFY_DB_URL", url)
    return ServiceUnderTest("notify", url, tmp_path, HANDLERS)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["reports", "recipients", *arguments])


def test_a_recipient_is_entered_listed_and_removed(notify: ServiceUnderTest) -> None:
    assert run("list").output == "0 recipients\n"
    added = run("add", "H12.20", MAIL)
    assert added.exit_code == 0, added.output
    id_ = added.output.strip()
    assert run("add", "H12.20", MAIL).output.strip() == id_, "entered once"
    listed = run("list", "H12.20").output.splitlines()
    assert listed[0].startswith(f"{id_}  H12.20  ")
    assert listed[1] == "1 recipients"
    assert MAIL not in "\n".join(listed), "addresses are masked"
    assert run("list", "H12.31.01").output == "0 recipients\n"
    assert run("remove", id_).output == "removed\n"
    again = run("remove", id_)
    assert again.exit_code == 1
    assert "Traceback" not in again.output
    assert run("list").output == "0 recipients\n"


@pytest.mark.parametrize("arguments", [("H99", MAIL), ("H12.20", "nobody"), ("H12.20", "")])
def test_what_is_wrong_gets_one_line_and_nothing_is_kept(notify: ServiceUnderTest, arguments: tuple[str, str]) -> None:
    refused = run("add", *arguments)
    assert refused.exit_code == 1, refused.output
    assert refused.output.startswith("motcua: ")
    assert refused.output.count("\n") == 1
    assert notify.rows(recipients) == []

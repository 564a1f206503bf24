"""``motcua control-sheets verify``: finds tampering, in one dossier's control sheet or in all."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.cli import cli
from tests.routing.service_fixture import CODE, RoutingFixture

OTHER_CODE = "000.00.14.H57-251120-0119"


@pytest.fixture
def kept(land: RoutingFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RoutingFixture:
    """Two dossiers in the store that the command finds by its settings."""
    land.receive(OTHER_CODE)
    land.complete("transfer")
    url = land.store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.setenv("MOTCUA_ROUTING_DB_URL", url)
    return land


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["control-sheets", "verify", *arguments])


def test_sound_sheets_have_no_fault(kept: RoutingFixture) -> None:
    everything, one = verify(), verify(CODE)
    assert (everything.exit_code, everything.output) == (0, "2 sheets checked, 0 with faults\n")
    assert (one.exit_code, one.output) == (0, "1 sheets checked, 0 with faults\n")


def test_each_bad_sheet_is_listed_with_its_first_fault(kept: RoutingFixture) -> None:
    with kept.store.uow() as work:
        work.connection.exec_driver_sql(f"UPDATE handover SET \"by\" = 'x' WHERE dossier = '{CODE}' AND number > 1")
    result = verify()
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{CODE}: Nội dung mục 2 không khớp với mã băm của nó · The content of entry 2 does not fit its hash",
        "2 sheets checked, 1 with faults",
    ]
    assert verify(OTHER_CODE).exit_code == 0
    assert verify(CODE).exit_code == 1


def test_an_unknown_dossier(kept: RoutingFixture) -> None:
    result = verify("nothing")
    assert result.exit_code == 1
    assert "there is no dossier nothing" in result.output

"""``motcua agency connect``, ``disconnect``, ``deliveries`` and ``replay`` for agencies over HTTPS, without any broker."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from services.operations.agency_keys import make_agency_key
from services.routing.agency_http import webhook_store
from services.routing.agency_http.outgoing import keep_event
from services.routing.agency_http.store import agency_events
from shared.cli import cli
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.prepared import Maker, migrated

CODE = "H12.14.02"
URL = "https://land.example.vn/motcua"


@pytest.fixture
def routing(ready_file: Callable[[Maker], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Routing's store, which the commands use."""
    url = ready_file(migrated("routing"))
    for name, value in {"MODE": "test", "DATA": str(tmp_path), "ROUTING_DB_URL": url}.items():
        monkeypatch.setenv(f"MOTCUA_{name}", value)
    return Store(url, "routing")


def run(*arguments: str, ok: bool = True) -> str:
    result = CliRunner().invoke(cli, ["agency", *arguments])
    assert (result.exit_code == 0) is ok, result.output
    return result.output


def secret_in(output: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/]{43}=", output)
    return found[0] if found else ""


def test_the_secret_of_a_webhook_is_shown_once(routing: Store) -> None:
    first = secret_in(run("connect", CODE, "--webhook", URL))
    assert first
    assert secret_in(run("connect", CODE, "--webhook", f"{URL}/new")) == ""
    second = secret_in(run("connect", CODE, "--webhook", URL, "--new-secret"))
    assert second not in ("", first)
    routing.close()


def test_an_agency_that_has_no_key_yet_is_named(routing: Store) -> None:
    told = f"motcua agency key new {CODE}"
    assert told in run("connect", CODE, "--pull")
    make_agency_key(routing, CODE, "operator")
    assert told not in run("connect", CODE, "--pull")
    routing.close()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((CODE,), "choose one"),
        ((CODE, "--pull", "--amqp"), "choose one"),
        ((CODE, "--webhook", URL, "--pull"), "choose one"),
        ((CODE, "--pull", "--allow-private"), "require --webhook"),
        ((CODE, "--webhook", "http://land.example.vn/"), "https://"),
        ((CODE, "--webhook", "https://127.0.0.1/"), "private network"),
        (("H12.14.99999", "--pull"), "H12.14.99999"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(routing: Store, arguments: tuple[str, ...], word: str) -> None:
    output = run("connect", *arguments, ok=False)
    assert word in output
    assert len(output.strip().splitlines()) == 1
    routing.close()


def test_deliveries_and_replay(routing: Store) -> None:
    assert "not connected over HTTPS" in run("deliveries", CODE, ok=False)
    run("connect", CODE, "--webhook", URL)

    def fail(work: UnitOfWork) -> None:
        data = {"dossier": "D-1", "task": "t", "agency": CODE, "reason": "withdrawn", "cancelled_at": work.now}
        keep_event(work, CODE, "agency.step.cancelled", data)
        webhook_store.add_attempt(work.connection, 1, work.clock.wall(), None, "timeout", 10_000)
        webhook_store.add_attempt(work.connection, 1, work.clock.wall(), 503, "", 12)
        work.execute(update(agency_events).values(state="given_up"))
        webhook_store.disable(work.connection, CODE, "failing", work.clock.wall())

    routing.run(fail)
    shown = run("deliveries", CODE)
    assert "waiting 0" in shown
    assert "given up 1" in shown
    assert "disabled: failing" in shown
    last, before = (line for line in shown.splitlines() if "D-1" in line)
    assert re.search(r" 503 +12 ms +step\.cancelled ", last)
    assert re.search(r" timeout +10000 ms +step\.cancelled ", before)
    assert run("replay", CODE).startswith("1 ")
    shown = run("deliveries", CODE)
    assert "waiting 1, " in shown
    run("connect", CODE, "--webhook", URL)
    assert "disabled" not in run("deliveries", CODE)
    run("disconnect", CODE)
    assert "not connected" in run("deliveries", CODE, ok=False)
    routing.close()

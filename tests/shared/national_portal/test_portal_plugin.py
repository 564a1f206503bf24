"""The whole plug-in as a process, with a real broker, the SDK, a fake portal over HTTP, and SIGKILL at any moment."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from shared.cli import cli
from shared.contracts import platform_topology
from shared.contracts.observers import observed_topics
from shared.messaging.event import Event, event_type
from shared.messaging.transports import open_bus
from shared.national_portal.maintenance import QueueMaintenance
from shared.plugin_sdk.admin.grants import grant, set_observed_topics
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.settings import SettingsError
from tests.shared.messaging.rabbitmq_support import row
from tests.shared.national_portal.fake_portal import KEY, SECRET, WRONG, FakePortal
from tests.shared.national_portal.sample_history import ENTRIES, EVERY_STATE, WHOLE, dossier
from tests.support.processes import Proc, python, wait_port, wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

CODE, PASSWORD = "G22.01", "a long enough password"
RULES = Path(__file__).parents[3] / "shared" / "national_portal" / "data" / "portal.json"


@dataclass
class PluginFixture:
    """A platform's virtual host with the portal as an observer, and a fake portal.

    Attributes:
        start: starts the plug-in as a process.
        metrics_port: where it answers.
    """

    url: str
    portal: FakePortal
    start: Callable[[], Proc]
    file: Path
    metrics_port: int

    def publish(self, *codes: str) -> int:
        """Publishes the whole history of each dossier, interleaved, each in its order; returns the number of events."""
        events = [
            Event(
                f"{code}/{number}",
                "/motcua/test",
                event_type(what.name),
                what.at,
                code,
                number,
                {**what.data, "dossier": code},
            )
            for number, what in enumerate(WHOLE, 1)
            for code in codes
        ]
        publisher = open_bus(self.url, "platform").publisher()
        rows = [row(number, event.name, body=event.to_json().decode()) for number, event in enumerate(events)]
        assert len(publisher.publish(rows).confirmed) == len(rows)
        publisher.close()
        return len(events)

    def done(self, *codes: str) -> bool:
        """Whether the portal has the whole history of each dossier."""
        return all(len(self.portal.progress(code)) == len(WHOLE) for code in codes)

    def wait_for_messages(self, wanted: int) -> None:
        """Waits until so many messages have arrived at the portal."""
        wait_until(lambda: len(self.portal.attempts) >= wanted, what=f"{wanted} messages at the portal")

    def number(self, name: str) -> float:
        """One metric of the plug-in; its port opens a moment after it starts to send."""
        wait_port(self.metrics_port)
        with urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).rpartition(" ")[2])


@pytest.fixture
def fixture(
    rabbit: RabbitServer, rabbit_url: str, spawn_process: Callable[..., Proc], tmp_path: Path
) -> Iterator[PluginFixture]:
    management = rabbit.management(vhost_of(rabbit_url))
    open_bus(rabbit_url, "platform").declare(platform_topology())
    grant(management, CODE, PASSWORD)
    set_observed_topics(management, CODE, observed_topics())
    rules = tmp_path / "rules.json"
    rules.write_text(RULES.read_text().replace('"first_pause_seconds": 2', '"first_pause_seconds": 0.05'))
    port = free_port()
    with FakePortal() as portal:
        environment = {
            "MOTCUA_AGENCY": CODE,
            "MOTCUA_AMQP_URL": rabbit.url_for(f"agency.{CODE}", PASSWORD, vhost_of(rabbit_url)),
            "MOTCUA_URL": portal.address,
            "MOTCUA_CLIENT_SECRET": SECRET,
            "MOTCUA_PORTAL_URL": f"{portal.address}/portal",
            "MOTCUA_PORTAL_KEY": KEY,
            "MOTCUA_PORTAL_RULES": str(rules),
            "MOTCUA_DATA": str(tmp_path),
            "MOTCUA_METRICS_PORT": str(port),
        }

        def start() -> Proc:
            return spawn_process(python("-m", "shared.cli", "portal", "run"), env=environment)

        yield PluginFixture(rabbit_url, portal, start, tmp_path / "portal.db", port)


def test_kills_lose_nothing_and_repeat_at_most_one_message_each(
    fixture: PluginFixture,
) -> None:
    codes = [f"H12.31.01-251120-{number:04d}" for number in range(6)]
    for code in codes[:3]:
        fixture.portal.faults[code].extend(["", "500", "", "drop", WRONG])
    fixture.portal.pause = 0.005
    fixture.publish(*codes)
    kills, chance = 3, random.Random(9)
    for _ in range(kills):
        process = fixture.start()
        wanted = len(fixture.portal.attempts) + chance.randint(5, 25)
        fixture.wait_for_messages(wanted)
        process.kill9()
    process = fixture.start()
    wait_until(lambda: fixture.done(*codes), what="every history at the portal")
    wait_until(lambda: fixture.number("motcua_portal_waiting") == 0)
    assert process.terminate() == 0
    for code in codes:
        assert fixture.portal.states(code) == EVERY_STATE
        assert fixture.portal.progress(code) == ENTRIES
        once = [shown for shown, _ in groupby(one.shown for one in fixture.portal.stored(code))]
        assert len(once) == len(set(once)) == 21  # a repeated message came directly after its first arrival
    stored = Counter((code, *one.shown) for code in codes for one in fixture.portal.stored(code))
    dropped = sum(one.fault == "drop" for one in fixture.portal.attempts)
    assert sum(stored.values()) - len(stored) <= kills + dropped


def test_sigterm_stops_it_and_unsent_messages_are_sent_after_the_next_start(fixture: PluginFixture) -> None:
    fixture.portal.intake = lambda _code: 503
    fixture.publish("D-1")
    process = fixture.start()
    wait_until(lambda: len(fixture.portal.read) >= 2)
    wait_until(lambda: fixture.number("motcua_portal_waiting") == 21)
    assert fixture.number("motcua_agency_connected") == 1
    assert process.terminate() == 0
    with QueueMaintenance(fixture.file) as queue:
        assert queue.counts(0).waiting == 21
    fixture.portal.intake = dossier
    process = fixture.start()
    wait_until(lambda: fixture.done("D-1"))
    assert fixture.portal.states("D-1") == EVERY_STATE


def test_a_second_process_on_the_same_file_is_refused(fixture: PluginFixture) -> None:
    first = fixture.start()
    wait_port(fixture.metrics_port)
    second = fixture.start()
    assert second.wait() == 1
    assert "another process sends from" in second.output()
    assert first.running


def test_each_missing_setting_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(cli, ["portal", "run"])
    assert isinstance(result.exception, SettingsError)
    assert len(result.exception.faults) == 5

"""ClamAV's daemon: what it finds, what it refuses, and what happens when it is away, silent or another program."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.settings import SettingsError
from shared.virus_scan import ClamdScanner, NoScanner, ScannerUnavailable, TooLargeToScan, read_scanner
from tests.support.clamd import EICAR
from tests.support.processes import Proc, python, wait_until

Daemon = Callable[..., ClamdScanner]


@pytest.fixture
def daemon(spawn_process: Callable[..., Proc]) -> Daemon:
    """Starts a daemon on a port or a path, with a limit and a mode; the client for it."""

    def start(*arguments: str, place: str = "", seconds: float = 15) -> ClamdScanner:
        where = place or str(free_port())
        process = spawn_process(python("-m", "tests.support.clamd", where, *arguments))
        wait_until(lambda: "ready" in process.output(), what="the daemon")
        return ClamdScanner(where if place else ("127.0.0.1", int(where)), seconds)

    return start


def test_a_virus_is_found_and_a_clean_file_passes(daemon: Daemon, tmp_path: Path) -> None:
    for scanner in (daemon(), daemon(place=str(tmp_path / "clamd.sock"))):
        assert scanner.scan(io.BytesIO(b"x" * 200_000)) == ""
        assert scanner.scan(io.BytesIO(b"")) == ""
        assert scanner.scan(io.BytesIO(b"x" * 100_000 + EICAR)) == "Eicar-Signature"


def test_a_file_that_the_daemon_refuses_as_too_large_is_told_from_a_broken_connection(daemon: Daemon) -> None:
    scanner = daemon("100000")
    with pytest.raises(TooLargeToScan):
        scanner.scan(io.BytesIO(bytes(20 << 20)))
    assert scanner.scan(io.BytesIO(b"small")) == ""


def test_a_daemon_that_accepts_and_says_nothing_costs_no_more_than_the_time_limit(daemon: Daemon) -> None:
    with pytest.raises(ScannerUnavailable):
        daemon("1", "silent", seconds=0.3).scan(io.BytesIO(bytes(20 << 20)))


def test_another_program_and_no_program_are_unavailable(daemon: Daemon, tmp_path: Path) -> None:
    for scanner in (
        daemon("1000", "garbage"),
        ClamdScanner(("127.0.0.1", free_port())),
        ClamdScanner(str(tmp_path / "no.sock")),
    ):
        with pytest.raises(ScannerUnavailable):
            scanner.scan(io.BytesIO(b"x"))


def test_the_setting_names_a_host_or_a_socket_or_none() -> None:
    assert isinstance(read_scanner({}), NoScanner)
    assert isinstance(read_scanner({"MOTCUA_VIRUS_SCANNER": "none"}), NoScanner)
    for text, address in (
        ("clamd://scan.example:3311", ("scan.example", 3311)),
        ("clamd://[::1]", ("::1", 3310)),
        ("clamd:/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
    ):
        scanner = read_scanner({"MOTCUA_VIRUS_SCANNER": text})
        assert isinstance(scanner, ClamdScanner)
        assert scanner.address == address


@pytest.mark.parametrize("text", ["clamd", "clamd:", "http://scan:3310", "clamd://scan:99999", "clamd://h/path", "yes"])
def test_another_setting_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_VIRUS_SCANNER"):
        read_scanner({"MOTCUA_VIRUS_SCANNER": text})

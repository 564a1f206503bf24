"""Starts a mobile network or an SMS gateway as a process, tells it how to behave, and reads what it took."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from services.notify.channels.sms_segments import decode_gsm_7
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, python, wait_port, wait_until
from tests.support.sms_gateway import KEY

PASSWORD = "secret08"


class Peer:
    """A process that takes SMS.

    Args:
        directory: for its logs.
        name: of the files there.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self.port = free_port()
        self.control_port = self.port
        self.log = directory / f"{name}.taken"
        self.output = directory / f"{name}.log"
        self.process: Proc

    def command(self) -> list[str]:
        """The process's command."""
        raise AssertionError(f"{type(self).__name__} names no command")

    def start(self) -> Self:
        """Starts it, again on the same port after an end."""
        self.process = Proc(self.command(), log=self.output)
        wait_port(self.port, process=self.process)
        wait_port(self.control_port, process=self.process)
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill9()

    def behave(self, **behaviour: Any) -> None:
        """Changes how it behaves."""
        self.post("/behaviour", behaviour)

    def post(self, path: str, body: dict[str, Any]) -> None:
        requests.post(f"http://127.0.0.1:{self.control_port}{path}", json=body, timeout=10).raise_for_status()

    def seen(self) -> dict[str, Any]:
        """What it has seen."""
        found: dict[str, Any] = requests.get(f"http://127.0.0.1:{self.control_port}/seen", timeout=10).json()
        return found

    def taken(self) -> list[dict[str, Any]]:
        """The messages that it took, in order."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines()]


class MessageCentre(Peer):
    """A mobile network that speaks SMPP; see :mod:`tests.support.smsc`."""

    def __init__(self, directory: Path, name: str = "smsc", certificate: tuple[str, str] = ("", "")) -> None:
        super().__init__(directory, name)
        self.control_port = free_port()
        self.certificate = [part for part in certificate if part]

    def command(self) -> list[str]:
        """The process's command."""
        places = [str(self.port), str(self.control_port), str(self.log)]
        return python("-m", "tests.support.smsc", *places, *self.certificate)

    def start(self) -> Self:
        """Starts it; a wait for its port is a connection, which is no link."""
        super().start()
        wait_until(lambda: self.seen()["links"] == 0)
        return self

    def texts(self) -> list[tuple[str, str]]:
        """Number and text of each message, in the order in which its last part came; parts are put together by their headers."""
        whole: list[tuple[str, str]] = []
        parts: dict[tuple[str, int], dict[int, str]] = defaultdict(dict)
        for entry in self.taken():
            octets = bytes.fromhex(entry["message"])
            tlvs = {int(tag): bytes.fromhex(value) for tag, value in entry["tlvs"].items()}
            total, number, reference = 1, 1, 0
            if entry["esm_class"] & 0x40:
                reference, total, number = octets[3], octets[4], octets[5]
                octets = octets[1 + octets[0] :]
            elif 0x020E in tlvs:
                reference = int.from_bytes(tlvs[0x020C])
                total, number = tlvs[0x020E][0], tlvs[0x020F][0]
            octets = octets or tlvs.get(0x0424, b"")
            text = octets.decode("utf-16-be") if entry["data_coding"] == 8 else decode_gsm_7(octets)
            known = parts[entry["destination"], reference]
            known[number] = text
            if len(known) == total:
                whole.append((entry["destination"], "".join(known[index] for index in sorted(known))))
                known.clear()
        return whole


class Gateway(Peer):
    """A gateway that takes SMS by HTTP; see :mod:`tests.support.sms_gateway`."""

    key = KEY

    def __init__(self, directory: Path, name: str = "gateway") -> None:
        super().__init__(directory, name)

    def command(self) -> list[str]:
        """The process's command."""
        return python("-m", "tests.support.sms_gateway", str(self.port), str(self.log))

    @property
    def url(self) -> str:
        """Where messages are posted."""
        return f"http://127.0.0.1:{self.port}/messages"

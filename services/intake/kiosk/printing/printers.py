"""Which printer stands beside which kiosk: configuration of the operator, since the server connects to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from shared.runtime.settings import SettingsError

VARIABLE = "MOTCUA_KIOSK_PRINTERS"
PORT = 9100
"""The port at which printers take raw jobs."""
_ENTRY = re.compile(r"(?P<desk>[A-Za-z0-9.\-]{1,50})/(?P<kiosk>[1-9][0-9]?)=(?P<address>\S+)")
EXAMPLE = "H12.31.01/1=tcp://192.168.1.50:9100, H12.31.01/2=file:/dev/usb/lp0"


@dataclass(frozen=True, slots=True)
class Printer:
    """A thermal printer that understands ESC/POS.

    Attributes:
        host, port: where it listens; the host is empty for a printer that is a file.
        path: of the file or device to which jobs are written.
        answers: whether it answers questions about paper, as nearly all do that have a network port.
        by_browser: the kiosk's browser prints by itself, on a printer of its machine (Chromium: ``--kiosk-printing``).
    """

    host: str = ""
    port: int = PORT
    path: str = ""
    answers: bool = True
    by_browser: bool = False


Printers = Mapping[tuple[str, int], Printer]
"""Desk and number of the kiosk → its printer."""


def read_printers(environ: Mapping[str, str] | None = None) -> Printers:
    """The printers named in ``MOTCUA_KIOSK_PRINTERS``: ``DESK/KIOSK=ADDRESS``, separated by commas.

    An address is ``tcp://HOST[:PORT]``, ``file:/PATH`` or ``browser:``. A printer that never answers has ``?status=none``
    behind its address.

    Args:
        environ: the process's environment by default.

    Raises:
        SettingsError: an entry cannot be read.
    """
    text = (os.environ if environ is None else environ).get(VARIABLE, "")
    found: dict[tuple[str, int], Printer] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        named = _ENTRY.fullmatch(entry)
        printer = _printer(named["address"]) if named else None
        if named is None or printer is None:
            raise SettingsError([f"{VARIABLE}: {entry!r} is no printer; write such as {EXAMPLE}"])
        found[named["desk"], int(named["kiosk"])] = printer
    return found


def _printer(address: str) -> Printer | None:
    if address == "browser:":
        return Printer(by_browser=True)
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    if asked and asked != {"status": ["none"]}:
        return None
    answers = not asked
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Printer(path=parts.path, answers=False)
    try:
        port = parts.port or PORT
    except ValueError:
        return None
    plain = parts.path in ("", "/") and not parts.username and not parts.fragment
    return (
        Printer(parts.hostname, port, answers=answers) if parts.scheme == "tcp" and parts.hostname and plain else None
    )

"""Which scanner, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.runtime.settings import SettingsError
from shared.virus_scan.clamd import ClamdScanner
from shared.virus_scan.port import NoScanner, Scanner

VARIABLE = "MOTCUA_VIRUS_SCANNER"
NONE = "none"
DEFAULT_PORT = 3310


def read_scanner(environ: Mapping[str, str] | None = None) -> Scanner:
    """The scanner that ``MOTCUA_VIRUS_SCANNER`` names: ``clamd://HOST:PORT``, ``clamd:/PATH/OF/SOCKET`` or ``none``.

    Args:
        environ: the process's environment by default.

    Raises:
        SettingsError: it is none of these.
    """
    text = (os.environ if environ is None else environ).get("MOTCUA_VIRUS_SCANNER", "").strip() or NONE
    if text == NONE:
        return NoScanner()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        host, port, parts = None, 0, urlsplit("")
    if parts.scheme == "clamd" and host and not parts.path.strip("/"):
        return ClamdScanner((host, port))
    if parts.scheme == "clamd" and not host and parts.path.startswith("/"):
        return ClamdScanner(parts.path)
    raise SettingsError([f"{VARIABLE} is neither clamd://HOST:PORT, clamd:/PATH/OF/SOCKET nor none"])

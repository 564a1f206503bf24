"""The citizens' phones, as far as a program can look into them: what the spool provider has put down on this machine.

A one-time token reaches nobody but the citizen: no API shows it, so whoever plays a citizen must read his messages.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

from shared.runtime.settings import Settings


def sms_spool_dir(settings: Settings) -> Path:
    """Where the spool provider of a platform on this machine puts its messages."""
    return settings.data / "sms"


class SmsInbox:
    """All messages in a spool directory, by dossier. Threads may share it.

    Args:
        directory: where the spool provider writes ``<id>.json``; may not exist yet.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._by_dossier: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def messages(self, dossier: str) -> list[dict[str, Any]]:
        """What the applicant of a dossier has been sent: `kind`, `phone` and `text` of each message, and more."""
        with self._lock:
            for path in self.directory.glob("[!.]*.json"):
                if path.name not in self._seen:
                    message = json.loads(path.read_bytes())
                    self._seen.add(path.name)
                    self._by_dossier[message["dossier"]].append(message)
            return list(self._by_dossier[dossier])

    def text(self, dossier: str, kind: str) -> str | None:
        """The text of the message of a kind; None while there is none."""
        return next((message["text"] for message in self.messages(dossier) if message["kind"] == kind), None)

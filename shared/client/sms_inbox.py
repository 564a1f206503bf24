"""The messages that citizens received, read from the spool folder of this machine's SMS provider.

One-time tokens are sent only to the citizen and no API shows them, so a program that plays a citizen reads the messages here.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared.runtime.settings import Settings


def sms_spool_dir(settings: Settings) -> Path:
    """The folder where the spool provider of a platform on this machine writes messages."""
    return settings.data / "sms"


class SmsInbox:
    """All messages in a spool folder, by dossier. Threads may share it.

    Args:
        directory: where the spool provider writes ``<id>.json``; may not exist yet.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        self._read: set[str] = set()
        self._by_dossier: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def refresh(self) -> None:
        """Reads the messages that came since the last look."""
        with self._lock:
            self._read_new()

    def known_text(self, dossier: str, kind: str) -> str | None:
        """The text of the message of a kind, as of the last look; None if there was none."""
        with self._lock:
            return _text_of(self._by_dossier.get(dossier, ()), kind)

    def messages(self, dossier: str) -> list[dict[str, Any]]:
        """The messages to the applicant of a dossier, each with `kind`, `phone`, `text` and more."""
        with self._lock:
            self._read_new()
            return list(self._by_dossier[dossier])

    def text(self, dossier: str, kind: str) -> str | None:
        """The text of the message of a kind; None while there is none."""
        return _text_of(self.messages(dossier), kind)

    def _read_new(self) -> None:
        for name in self._names() - self._read:
            message = json.loads((self.directory / name).read_bytes())
            self._read.add(name)
            self._by_dossier[message["dossier"]].append(message)

    def _names(self) -> set[str]:
        """Of all files; paths would take ten times as long, and a year has a hundred thousand."""
        try:
            found = os.listdir(self.directory)
        except FileNotFoundError:
            return set()
        return {name for name in found if name.endswith(".json") and not name.startswith(".")}


def _text_of(messages: Iterable[dict[str, Any]], kind: str) -> str | None:
    return next((message["text"] for message in messages if message["kind"] == kind), None)

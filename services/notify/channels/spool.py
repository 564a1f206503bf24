"""The provider without a network: one JSON file for each message in a directory, for a gateway, a demonstration or a test to read."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from services.notify.channels.port import Outgoing, Retryable


class SpoolProvider:
    """Writes ``<id>.json`` into a directory, whole or not at all; the same id overwrites the same file.

    Args:
        directory: made when it is not there, readable by its owner alone: the files hold phone numbers.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def send(self, message: Outgoing) -> None:
        """Writes one message and makes its content durable; the directory entry follows with `settle`.

        Raises:
            Retryable: the disk is full or not writable.
        """
        # one name for each message: what a dying process leaves behind is overwritten by the next attempt, not forgotten
        draft = self.directory / f".{message.id}.draft"
        try:
            self._write(draft, orjson.dumps(asdict(message), option=orjson.OPT_INDENT_2))
            draft.replace(self.directory / f"{message.id}.json")
        except OSError as error:
            with suppress(OSError):  # what is wrong with the disk is said by the first error
                draft.unlink(missing_ok=True)
            raise Retryable(f"spool: {error.strerror}") from error

    def _write(self, path: Path, content: bytes) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def settle(self) -> None:
        """Makes the new names in the directory durable.

        Raises:
            Retryable: the disk says no.
        """
        try:
            handle = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Retryable(f"spool: {error.strerror}") from error

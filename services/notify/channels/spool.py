"""A provider without a network: writes each message as a JSON file that a gateway, a demonstration or a test can read."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from services.notify.channels.port import OutgoingMessage, Retryable


class SpoolProvider:
    """Writes ``<id>.json`` into a directory, atomically; the same id overwrites the same file.

    Args:
        directory: created if missing, readable by its owner only because the files hold phone numbers.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def send(self, message: OutgoingMessage) -> None:
        """Writes one message and makes its content durable; `flush` makes the directory entry durable.

        Raises:
            Retryable: the disk is full or not writable.
        """
        # One draft name for each message, so that the next attempt overwrites what a killed process left behind.
        draft = self.directory / f".{message.id}.draft"
        try:
            self._write(draft, orjson.dumps(asdict(message), option=orjson.OPT_INDENT_2))
            draft.replace(self.directory / f"{message.id}.json")
        except OSError as error:
            with suppress(OSError):  # the first error already says what is wrong with the disk
                draft.unlink(missing_ok=True)
            raise Retryable(f"spool: {error.strerror}") from error

    def _write(self, path: Path, content: bytes) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def flush(self) -> None:
        """Makes the new directory entries durable.

        Raises:
            Retryable: the disk reports an error.
        """
        try:
            handle = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Retryable(f"spool: {error.strerror}") from error

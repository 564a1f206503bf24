"""A provider without a network: writes each delivery as a file that a gateway, a demonstration or a test can read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from services.notify.channels.port import (
    Accepted,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    SmsContent,
    TemporarilyFailed,
    Throttled,
)

NAME = "spool"


class NotWritable(ValueError):
    """A delivery cannot be written as a file of this kind; the text says why, without address and content."""


def as_json(outgoing: Outgoing) -> bytes:
    """The delivery as indented JSON; see :func:`file_content`."""
    return orjson.dumps(file_content(outgoing), option=orjson.OPT_INDENT_2)


class SpoolProvider:
    """Writes one file for each delivery into a directory, atomically; the same id overwrites the same file.

    Args:
        directory: created if missing, readable by its owner only because the files hold addresses.
        monotonic: a monotonic clock, in seconds.
        suffix: of the files' names, after the delivery's id.
        encode: a delivery as the content of its file; may raise NotWritable.
    """

    def __init__(
        self,
        directory: Path,
        monotonic: Callable[[], float] = time.monotonic,
        suffix: str = ".json",
        encode: Callable[[Outgoing], bytes] = as_json,
    ) -> None:
        self.directory = directory
        self.monotonic = monotonic
        self.suffix = suffix
        self.encode = encode

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Writes the files, and makes them durable before any is yielded as accepted.

        Args:
            batch: the deliveries.
            until: monotonic time after which no file is begun.
        """
        written: list[Outgoing] = []
        for outgoing in batch:
            if self.monotonic() > until:
                yield outgoing, Throttled("the time of the batch is over", 0, NAME)
                continue
            try:
                self._write(outgoing)
            except OSError as error:
                yield outgoing, _failed(error)
            except NotWritable as error:
                yield outgoing, PermanentlyFailed(str(error), NAME)
            else:
                written.append(outgoing)
        if not written:
            return
        outcome: Outcome = Accepted("", NAME)
        try:
            self._flush()
        except OSError as error:
            outcome = _failed(error)
        yield from ((outgoing, outcome) for outgoing in written)

    def close(self) -> None:
        """Nothing is left open."""

    def _write(self, outgoing: Outgoing) -> None:
        content = self.encode(outgoing)
        # One draft name for each delivery, so that the next attempt overwrites what a killed process left behind.
        draft = self.directory / f".{outgoing.id}.draft"
        try:
            self._write_file(draft, content)
            draft.replace(self.directory / f"{outgoing.id}{self.suffix}")
        except OSError:
            with suppress(OSError):  # the first error already says what is wrong with the disk
                draft.unlink(missing_ok=True)
            raise

    def _write_file(self, path: Path, content: bytes) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _flush(self) -> None:
        """Makes the new directory entries durable."""
        handle = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_content(outgoing: Outgoing) -> dict[str, Any]:
    """What the file of a delivery says: who, to which address (``phone`` for an SMS), and the fields of its content."""
    fields: dict[str, Any] = asdict(outgoing)
    content, address = fields.pop("content"), fields.pop("address")
    name = "phone" if isinstance(outgoing.content, SmsContent) else "address"
    return {**fields, name: address, **content}


def _failed(error: OSError) -> TemporarilyFailed:
    return TemporarilyFailed(f"spool: {error.strerror}", NAME)
